"""Summaries of chapters, and what they are grounded in."""

from dataclasses import dataclass
from enum import StrEnum

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
    (always empty for `model_memory`, where there is nothing to compare with).
    """

    number: int
    title: str
    text: str
    grounding: Grounding
    known: bool = True
    unsupported: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """How many words the summary has."""
        return count_words(self.text)


@dataclass(frozen=True, slots=True)
class BookSummaries:
    """All summaries of one book, and which model wrote them at what cost.

    `language` is the BCP 47 tag of the text. `provider` is the name in settings (`openai`, `extractive`), `model` what
    it calls itself. `recipe` identifies the prompt, model and schema that made them.
    """

    language: str
    provider: str
    model: str
    recipe: str
    usage: TokenUsage
    summaries: tuple[Summary, ...]
