"""A chapter as sound."""

from dataclasses import dataclass

from bookbytes_pipeline.domain.transcript import Cue


@dataclass(frozen=True, slots=True)
class Clip:
    """One chapter's audio file.

    `key` names its file in the store, `seconds` is its length, `bytes` its size, `loudness` was measured in LUFS.
    `cues` are its sentences with their times; there are none where these are not known, as of a clip of version 0.3.0.
    """

    number: int
    title: str
    key: str
    seconds: float
    bytes: int
    loudness: float
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipManifest:
    """All clips of one book, spoken by `voice` of `narrator` (the name in settings).

    `recipe` identifies the voice and the encoding that made them. `chosen_voice` is the name of the voice, where
    somebody chose one for this book.
    """

    narrator: str
    voice: str
    recipe: str
    clips: tuple[Clip, ...]
    chosen_voice: str | None = None
