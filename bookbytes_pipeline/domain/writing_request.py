"""What a language model is asked to write, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookbytes_pipeline.domain.summary import TokenUsage


@dataclass(frozen=True, slots=True)
class WritingRequest:
    """One piece of writing to be done.

    `name` is a short identifier (`chapter_summary`). `instructions` are the rules, `prompt` the question itself,
    `schema` the JSON schema that the answer must meet. `text` is the passage to work from, empty where the model has
    to remember; `words` is how long the answer's prose should be; `language` is its BCP 47 tag.
    """

    name: str
    instructions: str
    prompt: str
    schema: Mapping[str, Any]
    text: str
    words: int
    language: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a language model answered: a JSON object, the model's name for itself, and what it cost.

    `is_cached` says that it was given to the same question before.
    """

    content: Mapping[str, Any]
    model: str
    usage: TokenUsage
    is_cached: bool = field(default=False, compare=False)
