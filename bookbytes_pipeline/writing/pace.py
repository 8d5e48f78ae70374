"""How many words a voice says in a minute."""

from collections.abc import Mapping
from dataclasses import dataclass

WORDS_PER_MINUTE = 475 / 3
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
        pace = _MEASURED.get(self.narrator, {}).get(language.partition("-")[0].lower())
        return round(wanted * WORDS_PER_MINUTE if pace is None else (wanted - _TITLE_MINUTES) * pace)
