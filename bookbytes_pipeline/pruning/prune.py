"""Deleting from the store what nothing needs: book by book, then the answers that no book uses."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.pruning.decisions import (
    Limits,
    may_use_unmarked_answers,
    remains_of_forgotten_book,
    replaced_clips,
    stale_marks,
    unused_files,
)
from bookbytes_pipeline.pruning.inventory import Inventory, Item, Kind
from bookbytes_pipeline.pruning.needs import Needs
from bookbytes_pipeline.store.files import Files


@dataclass
class Pruned:
    """What was deleted, or would be, by kind.

    Books `being_made` are left alone. As long as there are books `of_older_versions`, so are answers without a mark.
    """

    files: Counter[Kind] = field(default_factory=Counter)
    bytes: Counter[Kind] = field(default_factory=Counter)
    being_made: int = 0
    of_older_versions: int = 0


def prune(needs: Needs, limits: Limits, *, dry_run: bool) -> Pruned:
    """Delete what nothing needs and is older than the limits; with `dry_run`, only count it.

    Each file is deleted for itself and nothing points to it: interrupted anywhere, the library is whole, and the next
    time continues. Raises `OtherInstallation`, and whatever store, library and Dagster raise.
    """
    begun = datetime.now(UTC)
    with Inventory() as inventory:
        inventory.add(needs.store.files.walk())
        needs.require_same_installation(inventory)
        pruning = _Pruning(needs, inventory, limits, begun, dry_run)
        for isbn in inventory.isbns():
            pruning.prune_book(isbn)
        pruning.prune_answers()
        return pruning.pruned


@dataclass
class _Pruning:
    needs: Needs
    inventory: Inventory
    limits: Limits
    begun: datetime
    dry_run: bool
    pruned: Pruned = field(default_factory=Pruned)

    @property
    def files(self) -> Files:
        return self.needs.store.files

    def prune_book(self, isbn: ISBN) -> None:
        """Delete what is unneeded of a book, and note which answers it does not use any more."""
        items = self.inventory.of_book(isbn)
        is_known = self.needs.knows(isbn)
        self.pruned.of_older_versions += is_known and may_use_unmarked_answers(items)
        stale = stale_marks(items, self.limits, is_known=is_known)
        unneeded = self._replaced_clips(isbn, items) if is_known else self._remains(isbn, items)
        unneeded += self._unused_files(isbn, items)
        if not (stale or unneeded):
            return
        if self.needs.is_being_made(isbn, self.begun):
            self.pruned.being_made += 1
            return
        self.inventory.note_stale(stale)
        self._delete(unneeded)

    def prune_answers(self) -> None:
        """Delete the answers that no book uses, each with its marks; then marks without an answer."""
        unused = self.inventory.unused_answers(self.limits.others, marked_only=self.pruned.of_older_versions > 0)
        for answer in unused:
            marks = self.inventory.marks_of(answer)
            if not self._is_marked_anew(answer, marks):
                self._delete([answer, *marks])
        self._delete(self.inventory.marks_of_nothing())

    def _replaced_clips(self, isbn: ISBN, items: list[Item]) -> list[Item]:
        clips = {item.key for item in items if item.kind is Kind.CLIP}
        published = self.needs.published_clips(isbn) if clips else clips
        if clips <= published:
            return []
        named = self.needs.clips_in_manifests(isbn)
        return [] if named is None else replaced_clips(items, published | named, self.limits)

    def _remains(self, isbn: ISBN, items: list[Item]) -> list[Item]:
        return remains_of_forgotten_book(items, self.needs.published_clips(isbn), self.limits)

    def _unused_files(self, isbn: ISBN, items: list[Item]) -> list[Item]:
        if not any(item.kind is Kind.FILE for item in items):
            return []
        return unused_files(items, self.needs.offered_files(isbn), self.limits)

    def _is_marked_anew(self, answer: Item, marks: list[Item]) -> bool:
        """Whether a run has used the answer since the store was listed."""
        if self.dry_run:
            return False
        known = {(mark.key, mark.modified) for mark in marks}
        now = self.files.walk(f"remembered/used_by/{answer.answer}")
        return any((mark.key, mark.modified.timestamp()) not in known for mark in now)

    def _delete(self, items: Iterable[Item]) -> None:
        for item in items:
            if not self.dry_run:
                self.files.delete(item.key)
            self.pruned.files[item.kind] += 1
            self.pruned.bytes[item.kind] += item.bytes
