"""Shows and their episodes, as any app understands them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EpisodeKind = Literal["full", "trailer", "bonus"]
"""What iTunes' namespace calls the type of an episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Who wrote the book and who speaks; empty where that is not known."""

    author: str
    narrator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A clip, or the file of a whole book.

    `number` is that of its chapter, 0 for the summary of the book and for the book's file: the one is a `trailer` of
    its season, the other a `bonus`. `seconds`, `bytes` and `media_type` are of what is at `address`. `transcript` is
    the address of its WebVTT file and `chapters` that of its chapters; None where there are none.
    """

    guid: str
    kind: EpisodeKind
    title: str
    description: str
    published: datetime
    number: int
    season: int
    season_name: str
    address: str
    media_type: str
    bytes: int
    seconds: float
    cover: str
    language: str
    credits: Credits
    transcript: str | None = None
    chapters: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A feed: its `address` is its own, `home` the server's. `changed` is when anything in it was changed last.

    `cover` is None where there is no book to show the cover of.
    """

    guid: str
    title: str
    description: str
    language: str
    address: str
    home: str
    cover: str | None
    credits: Credits
    changed: datetime
    episodes: tuple[Episode, ...]
