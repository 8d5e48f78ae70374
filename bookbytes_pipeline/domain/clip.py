"""A chapter as sound."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clip:
    """One chapter's audio file. `key` is its place in the store, `seconds` its length, `bytes` its size."""

    number: int
    title: str
    key: str
    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class ClipManifest:
    """All clips of one book, spoken by `voice` of `narrator` (the name in settings)."""

    narrator: str
    voice: str
    clips: tuple[Clip, ...]
