"""What a clip says, and when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """A sentence as people read it, and the second of the clip at which a voice begins it."""

    start: float
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as people read it, and as it is spoken: plain text, empty where nothing of it is."""

    text: str
    spoken: str
