"""Summaries of chapters, and what they are grounded in."""

from dataclasses import dataclass
from enum import StrEnum

from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.evidence import SentenceEvidence
from bookbytes_pipeline.domain.words import count_words


class Grounding(StrEnum):
    """Where a summary comes from: the attached book, or the model's own memory of it."""

    FULL_TEXT = "full_text"
    MODEL_MEMORY = "model_memory"


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """What a provider charged for: calls made, tokens read and written (0 where the provider does not count)."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of one chapter.

    `known` is false where the model says that it does not know the chapter: `text` is then empty and nothing is
    narrated. `unsupported` lists names and numbers of the summary that the chapter's own text does not contain
    (always empty for `model_memory`, where there is nothing to compare with). `review_reasons` are sentences about what
    is wrong with it although it was asked for twice. `evidence` has the sentences of a `full_text` summary with their
    passages; it is empty from memory, and for a summary of version 0.3.0.
    """

    number: int
    title: str
    text: str
    grounding: Grounding
    known: bool = True
    unsupported: tuple[str, ...] = ()
    review_reasons: tuple[str, ...] = ()
    evidence: tuple[SentenceEvidence, ...] = ()

    @property
    def needs_review(self) -> bool:
        """Whether somebody should read it before relying on it."""
        return bool(self.review_reasons)

    @property
    def words(self) -> int:
        """How many words the summary has."""
        return count_words(self.text)


@dataclass(frozen=True, slots=True)
class BookSummaries:
    """All summaries of one book, and which model wrote them at what cost.

    `language` is the BCP 47 tag of the text. `provider` is the name in settings (`openai`, `extractive`), `model` what
    it calls itself. `recipe` identifies the prompt, model and schema that made them. `minutes` is the length of a
    chapter that somebody chose for this book, None where the setting decided.
    """

    language: str
    provider: str
    model: str
    recipe: str
    usage: TokenUsage
    summaries: tuple[Summary, ...]
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class BookSummary:
    """The whole book as one text, made from the summaries of its chapters, and its clip, which has the number 0.

    Both are None where there is none; `reason` then says why in a sentence.
    """

    summary: Summary | None = None
    clip: Clip | None = None
    reason: str = ""
