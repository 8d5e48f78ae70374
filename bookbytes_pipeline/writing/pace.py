"""How many words a voice says in a minute."""

from collections.abc import Mapping
from dataclasses import dataclass

WORDS_PER_MINUTE = 475 / 3
"""Where nobody has measured: the pace at which people read aloud."""
_MEASURED: Mapping[str, Mapping[str, int]] = {
    "espeak": {
        "de": 170,
        "en": 192,
        "es": 175,
        "fr": 225,
        "it": 163,
        "nl": 174,
        "pl": 135,
        "pt": 162,
        "ru": 171,
        "zh": 102,
    },
}
"""By narrator and language, in the words of `count_words`, from a passage of about 250 words."""


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
