"""The passages of a chapter that the sentences of its summary rest on."""

from dataclasses import dataclass

MAX_QUOTE_CHARS = 300
MAX_SPANS = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a chapter: `chapter[start:end] == quote`, at most 300 characters."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class SentenceEvidence:
    """A sentence of a summary with the one to three passages that resemble it most, the best first.

    `support` (0..1) is how much of the sentence's wording is found again, half of it in the passages and half anywhere
    in the chapter, rare words weighing more. It does not say whether the sentence is true.
    """

    sentence: str
    spans: tuple[Span, ...]
    support: float
