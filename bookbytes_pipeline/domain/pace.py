"""How long a summary is: in words, in minutes, and how many words a voice says in a minute."""

from collections.abc import Mapping
from dataclasses import dataclass

FULL_LENGTH = 475
"""Words: the middle of 450 to 500, three minutes of speech."""
WORDS_PER_MINUTE = FULL_LENGTH / 3
"""Where nobody has measured: the pace at which people read aloud."""
_MEASURED: Mapping[str, Mapping[str, int]] = {
    "espeak": {
        "de": 162,
        "en": 184,
        "es": 166,
        "fr": 216,
        "it": 154,
        "nl": 165,
        "pl": 128,
        "pt": 153,
        "ru": 161,
        "zh": 97,
    },
    "piper": {"en": 199},
}
"""By narrator and language, in the words of `count_words`, pauses included.

English from 25 clips (166 to 193), the others in the proportion of one passage in each language. Piper's from the seven
clips of the sample book (188 to 214) with the voice en_US-joe-medium; each of its voices has a pace of its own.
"""


_TITLE_MINUTES = 4 / 60
"""The title of a chapter and the pause after it, where the pace is measured."""


@dataclass(frozen=True, slots=True)
class SummaryLength:
    """How long summaries are: `minutes` for a chapter unless somebody chose otherwise, spoken by `narrator`.

    `of_book` is whether the whole book gets a summary, too.
    """

    narrator: str
    minutes: float
    of_book: bool = True

    def words(self, language: str, minutes: float | None = None) -> int:
        """Return the words that take `minutes` in a language, or as long as usual."""
        wanted = minutes or self.minutes
        pace = self._pace(language)
        return round(wanted * WORDS_PER_MINUTE if pace is None else (wanted - _TITLE_MINUTES) * pace)

    def seconds(self, words: int, language: str) -> float:
        """Return how long a summary of so many words and the title before it take to be spoken in a language."""
        pace = self._pace(language)
        return 60 * (words / WORDS_PER_MINUTE if pace is None else words / pace + _TITLE_MINUTES)

    def _pace(self, language: str) -> int | None:
        return _MEASURED.get(self.narrator, {}).get(language.partition("-")[0].lower())


def summary_words(chapter_words: int, full_length: int = FULL_LENGTH) -> int:
    """How long the summary of a chapter should be: at most a third of it. 0 stands for a chapter of unknown length."""
    return min(full_length, max(1, chapter_words // 3)) if chapter_words else full_length
