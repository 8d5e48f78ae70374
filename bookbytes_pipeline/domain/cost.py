"""What a book will cost before it is made: about how much is read, written and spoken, and what is charged for that."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookbytes_pipeline.domain.pace import SummaryLength, summary_words

TOKENS_PER_WORD = 4 / 3
"""Of English prose; languages that a model has seen less of take up to twice as many."""
CHARACTERS_PER_WORD = 6
"""Of English prose, with the space after each word."""
QUESTION_TOKENS = 450
"""The instructions, the facts about the book and the schema of the answer, around the text of a chapter."""
FREE_MODELS = frozenset({"extractive"})
FREE_NARRATORS = frozenset({"espeak", "piper", "gtts"})
"""By their names in settings: what runs on this machine, and Google's voice, for which nobody pays."""
_WHOLE_BOOK_MINUTES = 3.0
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Workload:
    """About what is made for a book: tokens that a model reads and writes, characters and seconds that are spoken."""

    input_tokens: int = 0
    output_tokens: int = 0
    characters: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Workload") -> "Workload":
        return Workload(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.characters + other.characters,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens or characters; None where nobody knows."""

    input_tokens: float | None = None
    output_tokens: float | None = None
    characters: float | None = None


def workload(chapter_words: Sequence[int], length: SummaryLength, language: str) -> Workload:
    """Return about what is made for a book whose chapters have so many words, 0 where that is not known.

    Each chapter is read once and its summary is written once: what a model thinks before it writes, and what is asked a
    second time, comes on top; what was made before is not made again.
    """
    written = [summary_words(words, length.words(language)) for words in chapter_words]
    made = Workload()
    for read, words in zip(chapter_words, written, strict=True):
        made += _summary(read, words, length, language)
    if length.of_book and len(written) > 1:
        whole = summary_words(sum(written), length.words(language, _WHOLE_BOOK_MINUTES))
        made += _summary(sum(written), whole, length, language)
    return made


def _summary(read: int, written: int, length: SummaryLength, language: str) -> Workload:
    return Workload(
        input_tokens=QUESTION_TOKENS + round(read * TOKENS_PER_WORD),
        output_tokens=round(written * TOKENS_PER_WORD),
        characters=written * CHARACTERS_PER_WORD,
        seconds=length.seconds(written, language),
    )


def prices_of(model: str | None, narrator: str | None, charged: Prices) -> Prices:
    """Return the prices of a language model and a narrator: nothing for those that are free, else what is `charged`.

    Of what is in use nothing may be known yet (None); then its price is unknown, too.
    """
    return Prices(
        _price(model, FREE_MODELS, charged.input_tokens),
        _price(model, FREE_MODELS, charged.output_tokens),
        _price(narrator, FREE_NARRATORS, charged.characters),
    )


def cost_usd(made: Workload, prices: Prices) -> float | None:
    """Return what that costs in US dollars; None where one of the prices is not known."""
    if prices.input_tokens is None or prices.output_tokens is None or prices.characters is None:
        return None
    return (
        made.input_tokens * prices.input_tokens
        + made.output_tokens * prices.output_tokens
        + made.characters * prices.characters
    ) / _MILLION


def _price(provider: str | None, free: frozenset[str], charged: float | None) -> float | None:
    if provider is None:
        return None
    return 0.0 if provider in free else charged
