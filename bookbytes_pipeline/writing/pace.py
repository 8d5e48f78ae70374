"""How many words a voice says in a minute."""

from collections.abc import Mapping
from dataclasses import dataclass

WORDS_PER_MINUTE = 475 / 3
"""Where nobody has measured: the pace at which people read aloud."""
_MEASURED: Mapping[str, Mapping[str, int]] = {
    "espeak": {
        "de": 159,
        "en": 180,
        "es": 162,
        "fr": 212,
        "it": 151,
        "nl": 162,
        "pl": 125,
        "pt": 150,
        "ru": 158,
        "zh": 95,
    },
}
"""By narrator and language, in the words of `count_words`, pauses included.

English from 25 clips (166 to 193), the others in the proportion of one passage in each language.
"""


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
        measured = _MEASURED.get(self.narrator, {})
        pace = measured.get(language.partition("-")[0].lower(), WORDS_PER_MINUTE)
        return round((minutes or self.minutes) * pace)
