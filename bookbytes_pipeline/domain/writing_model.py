"""The language model in use, for those who cannot ask it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WritingModel:
    """The language model in use (its name in settings); `needs_text` is true if it writes nothing from memory."""

    name: str
    needs_text: bool
