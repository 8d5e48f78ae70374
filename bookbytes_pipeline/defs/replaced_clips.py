"""Deleting the clips that a book had before it was made anew."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.queries import clips_made_for
from bookbytes_pipeline.pruning.decisions import KEPT_FOR
from bookbytes_pipeline.store.store import Store


@dataclass(frozen=True)
class PlayedClips:
    """The clips of a book that the library plays before the book is published again, and since when at the latest."""

    keys: AbstractSet[str]
    since: datetime | None

    @classmethod
    def of(cls, session: Session, isbn: ISBN) -> "PlayedClips":
        """Read them."""
        rows = session.execute(clips_made_for(isbn)).all()
        return cls({key for key, _ in rows if key}, max((changed for _, changed in rows), default=None))


def delete_replaced_clips(store: Store, isbn: ISBN, before: PlayedClips, now: AbstractSet[str]) -> int:
    """Delete the clips of a book that were replaced before those that are replaced now; returns how many.

    Those of now stay for whoever is listening, until the next time or `bookbytes prune`. If what was played before is
    younger than a day, somebody may still listen to what that replaced, and nothing is deleted.
    """
    limit = datetime.now(UTC) - KEPT_FOR
    if before.since is None or before.since >= limit:
        return 0
    clips = [file for file in store.clips.of_book(isbn) if file.key not in before.keys | now]
    old = [clip.key for clip in clips if clip.modified < limit]
    for key in old:
        store.clips.delete(key)
    return len(old)
