"""Pruning a store in a folder and in a bucket, with the library and Dagster that know its books."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import delete

from bookbytes_pipeline.constants import ASSET_NAMES, PARTITION_TAG
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.library.publishing import publish
from bookbytes_pipeline.providers.response_cache import CallScope, cache_for_run
from bookbytes_pipeline.pruning.decisions import Limits
from bookbytes_pipeline.pruning.inventory import Kind
from bookbytes_pipeline.pruning.needs import Needs, OtherInstallation
from bookbytes_pipeline.pruning.prune import prune
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store

RIVERS, LAKES = ISBN("9780306406157"), ISBN("9780140328721")
NOT_OURS = ("voices.json", "dagster/storage/run/stdout", f"sources/{LAKES}.pdf", "remembered/chapter_summary/notes.txt")


@dataclass
class Shelf:
    """A store, a library and a Dagster, in which books are made as runs make them, without the work."""

    needs: Needs

    @property
    def store(self) -> Store:
        """The store."""
        return self.needs.store

    def keys(self) -> set[str]:
        """What is in the store."""
        return {file.key for file in self.store.files.walk()}

    def begin(self, isbn: ISBN) -> None:
        """What a run makes first, later than whatever there is."""
        self._wait()
        add_isbn(self.needs.instance, isbn)
        self.store.files.write(f"book_metadata/{isbn}.json", b"{}")
        self.store.files.write(f"remembered/open_library/{isbn}", b"{}")

    def make(self, isbn: ISBN, version: str) -> str:
        """Make a book of one chapter; returns the key of its clip."""
        self.begin(isbn)
        self.answer(isbn, version)
        return self.finish(isbn, version)

    def answer(self, isbn: ISBN, version: str) -> None:
        """Cache what was asked for this version of the book."""
        cache = cache_for_run(self.store.responses, CallScope(isbn, "token"))
        cache.set("chapter_summary", digest(isbn, version), b"A summary.")
        cache.set("speech_pieces", digest(isbn, version), b"sound")

    def finish(self, isbn: ISBN, version: str) -> str:
        """Make what comes after that, and publish the book."""
        key = self.store.clips.key(isbn, 1, version)
        self.store.clips.write(key, version.encode())
        manifest = b'{"clips": [{"key": "%s"}]}' % key.encode()
        contents = dict.fromkeys(ASSET_NAMES, b"{}") | {"chapter_audio": manifest}
        clips = ClipManifest("gtts", "voice", "r", (Clip(1, "Springs", key, 60.0, 5, -19.0),))
        summary = Summary(1, "Springs", "About springs.", Grounding.MODEL_MEMORY)
        with self.needs.database.session() as session:
            publish(
                session,
                book=Book(isbn, f"Book {isbn}", "open_library"),
                source=ContentsSource.OPEN_LIBRARY,
                summaries=BookSummaries("en", "openai", "m", "r", TokenUsage(), (summary,)),
                clips=clips,
                whole=BookSummary(),
                recipe="r",
            )
        for asset in ASSET_NAMES[1:]:
            self.store.files.write(f"{asset}/{isbn}.json", contents[asset])
        return key

    def forget(self, isbn: ISBN) -> None:
        """Delete a book from the library, and its partition."""
        with self.needs.database.session() as session:
            session.execute(delete(BookRow).where(BookRow.isbn == isbn))
        self.needs.instance.delete_dynamic_partition("bookbytes_isbn", isbn)

    def _wait(self) -> None:
        """Until the store's clock, which may count seconds, has moved on."""
        time.sleep(0.02 if isinstance(self.store.files, Folder) else 1.1)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster without a home."""
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def shelf(store: Store, database: Database, instance: dg.DagsterInstance) -> Shelf:
    """Empty, with each kind of store and database."""
    return Shelf(Needs(store, database, instance))


@pytest.fixture
def small(tmp_path: Path, instance: dg.DagsterInstance) -> Iterator[Shelf]:
    """Empty, with a folder and a SQLite file."""
    with closing(Database(f"sqlite:///{tmp_path}/library.db")) as database:
        yield Shelf(Needs(Store(Folder(tmp_path / "store")), database, instance))


@dg.job
def nothing() -> None:
    """A job without steps."""


def _in(**time: float) -> Limits:
    return Limits.at(datetime.now(UTC) + timedelta(**time))


def test_what_nothing_needs_is_deleted_and_nothing_else(shelf: Shelf) -> None:
    """First it is only counted; afterwards there is nothing left to delete."""
    old, new = shelf.make(RIVERS, "01d"), shelf.make(RIVERS, "11e")
    gone = shelf.make(LAKES, "01d")
    shelf.store.sources.write(LAKES, b"PK")
    shelf.store.files.write(f"sources/{LAKES}.chapters.json", b"{}")
    for key in NOT_OURS:
        shelf.store.files.write(key, b"not ours")
    before = shelf.keys()
    shelf.forget(LAKES)

    counted = prune(shelf.needs, _in(days=31), dry_run=True)
    assert before == shelf.keys()
    deleted = prune(shelf.needs, _in(days=31), dry_run=False)

    left = shelf.keys()
    assert counted == deleted
    assert {Kind.CLIP: 2, Kind.TEXT: 2, Kind.ARTEFACT: 8, Kind.ANSWER: 8, Kind.MARK: 8} == deleted.files
    assert (6, 60) == (deleted.bytes[Kind.CLIP], deleted.bytes[Kind.ANSWER])
    assert (False, True, False) == (old in left, new in left, gone in left)
    assert {*NOT_OURS} == {key for key in left if LAKES in key or "/" not in key or key in NOT_OURS}
    assert b"A summary." == shelf.store.responses.get("chapter_summary", digest(RIVERS, "11e"))
    assert None is shelf.store.responses.get("chapter_summary", digest(RIVERS, "01d"))
    assert deleted.files.total() == len(before) - len(left)
    assert {} == prune(shelf.needs, _in(days=62), dry_run=False).files


def test_what_is_young_stays(shelf: Shelf) -> None:
    """A run may have just made it. A text stays longer than the rest."""
    shelf.make(RIVERS, "01d")
    shelf.make(RIVERS, "11e")
    shelf.store.sources.write(LAKES, b"PK")
    before = shelf.keys()

    young = prune(shelf.needs, _in(hours=23), dry_run=False)
    assert ({}, before) == (young.files, shelf.keys())
    prune(shelf.needs, _in(days=29), dry_run=False)

    assert shelf.store.sources.has(LAKES)
    assert 1 == len(shelf.store.clips.of_book(RIVERS))


def test_an_unfinished_book_keeps_all_answers_that_it_may_be_continued_with(small: Shelf) -> None:
    """However old they are, and those of the run before too: the new one may end as the old one."""
    small.make(RIVERS, "01d")
    small.make(LAKES, "01d")
    small.begin(RIVERS)
    small.answer(RIVERS, "11e")
    before = small.keys()

    pruned = prune(small.needs, _in(days=400), dry_run=False)

    assert ({}, before) == (pruned.files, small.keys())


def test_a_book_that_was_never_finished_keeps_its_text_and_its_answers(small: Shelf) -> None:
    """It has a partition, though the library does not know it."""
    small.make(RIVERS, "01d")
    small.store.sources.write(LAKES, b"PK")
    small.begin(LAKES)
    small.answer(LAKES, "01d")
    small.store.clips.write(small.store.clips.key(LAKES, 1, "01d"), b"half")
    before = small.keys()

    prune(small.needs, _in(days=400), dry_run=False)

    assert before == small.keys()


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED])
def test_a_book_that_is_being_made_is_left_alone(small: Shelf, status: dg.DagsterRunStatus) -> None:
    """Its run may just be about to use what nothing has used for long."""
    small.make(RIVERS, "01d")
    small.make(RIVERS, "11e")
    small.needs.instance.create_run_for_job(nothing, status=status, tags={PARTITION_TAG: RIVERS})
    before = small.keys()

    pruned = prune(small.needs, _in(days=400), dry_run=False)

    assert (1, before) == (pruned.being_made, small.keys())


def test_a_run_that_ended_meanwhile_counts_as_well(small: Shelf) -> None:
    """It may have used what was unused when the store was listed."""
    small.needs.instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.FAILURE, tags={PARTITION_TAG: RIVERS})
    hour, now = timedelta(hours=1), datetime.now(UTC)

    assert small.needs.is_being_made(RIVERS, now - hour)
    assert not small.needs.is_being_made(RIVERS, now + hour)
    assert not small.needs.is_being_made(LAKES, now - hour)


def test_answers_of_older_versions_stay_until_every_book_has_been_made_again(small: Shelf) -> None:
    """They have no marks, so nobody knows whose they are."""
    unmarked = digest("older")
    small.make(RIVERS, "01d")
    small.begin(LAKES)
    small.store.responses.set("chapter_summary", unmarked, b"paid for")
    small.finish(LAKES, "01d")

    kept = prune(small.needs, _in(days=2), dry_run=False)
    assert (1, b"paid for") == (kept.of_older_versions, small.store.responses.get("chapter_summary", unmarked))
    small.make(LAKES, "11e")
    pruned = prune(small.needs, _in(days=2), dry_run=False)

    assert (0, None) == (pruned.of_older_versions, small.store.responses.get("chapter_summary", unmarked))


def test_an_answer_that_another_book_uses_stays(small: Shelf) -> None:
    """Editions with the same text share their answers."""
    shared = digest("the same text")
    for isbn in (RIVERS, LAKES):
        cache_for_run(small.store.responses, CallScope(isbn)).set("chapter_summary", shared, b"A summary.")
        small.make(isbn, "01d")
        small.begin(isbn)
    cache_for_run(small.store.responses, CallScope(LAKES)).get("chapter_summary", shared)
    for isbn in (RIVERS, LAKES):
        small.finish(isbn, "01d")

    prune(small.needs, _in(days=2), dry_run=False)

    assert b"A summary." == small.store.responses.get("chapter_summary", shared)


def test_an_answer_that_is_used_meanwhile_stays(small: Shelf) -> None:
    """A run may read it after the store was listed."""
    old, wanted = small.make(RIVERS, "01d"), digest(RIVERS, "01d")
    small.make(RIVERS, "11e")

    class UsedMeanwhile(Folder):
        """A folder whose first deletion coincides with a run that uses an old answer."""

        def delete(self, key: str) -> None:
            """Delete it."""
            if key == old:
                cache_for_run(small.store.responses, CallScope(LAKES)).get("chapter_summary", wanted)
            super().delete(key)

    folder = small.store.files
    assert isinstance(folder, Folder)
    prune(replace(small.needs, store=Store(UsedMeanwhile(folder.base))), _in(days=2), dry_run=False)

    assert not small.store.clips.has(old)
    assert b"A summary." == small.store.responses.get("chapter_summary", wanted)


def test_the_clips_of_a_manifest_that_cannot_be_read_stay(small: Shelf) -> None:
    """Nobody knows which of them it names."""
    small.make(RIVERS, "01d")
    small.make(RIVERS, "11e")
    small.store.files.write(f"chapter_audio/{RIVERS}.json", b"{")
    small.store.files.write(f"published_book/{RIVERS}.json", b'"id"')

    prune(small.needs, _in(days=2), dry_run=False)

    assert 2 == len(small.store.clips.of_book(RIVERS))


def test_the_store_of_another_library_is_refused(small: Shelf, tmp_path: Path) -> None:
    """A wrong setting does not delete everything."""
    small.make(RIVERS, "01d")
    before = small.keys()
    with (
        closing(Database(f"sqlite:///{tmp_path}/other.db")) as other,
        pytest.raises(OtherInstallation, match=r"The library knows none .*, so nothing was deleted.*DATABASE_URL"),
    ):
        prune(replace(small.needs, database=other), _in(days=400), dry_run=False)

    assert before == small.keys()


def test_the_store_of_another_dagster_is_refused(small: Shelf) -> None:
    """Its unfinished books would lose everything."""
    small.make(RIVERS, "01d")
    before = small.keys()
    with (
        dg.DagsterInstance.ephemeral() as other,
        pytest.raises(OtherInstallation, match=r"Dagster knows none .*, so nothing was deleted.*DAGSTER_HOME"),
    ):
        prune(replace(small.needs, instance=other), _in(days=400), dry_run=False)

    assert before == small.keys()


def test_an_empty_store_has_nothing_to_prune(shelf: Shelf) -> None:
    """Nor does it belong to another installation."""
    assert {} == prune(shelf.needs, _in(days=400), dry_run=False).files


@pytest.mark.parametrize("deleted", [1, 5, 13, 20])
def test_an_interruption_leaves_a_library_that_plays(small: Shelf, deleted: int) -> None:
    """The next time deletes the rest."""
    small.make(RIVERS, "01d")
    played = small.make(RIVERS, "11e")
    small.make(LAKES, "01d")
    small.forget(LAKES)

    class Interrupted(Folder):
        """A folder that is interrupted by Ctrl-C after some deletions."""

        def delete(self, key: str) -> None:
            """Delete it, unless it is too late."""
            counted.append(key)
            if len(counted) > deleted:
                raise KeyboardInterrupt
            super().delete(key)

    counted: list[str] = []
    expected = prune(small.needs, _in(days=31), dry_run=True).files.total()
    folder = small.store.files
    assert isinstance(folder, Folder)
    with pytest.raises(KeyboardInterrupt):
        prune(replace(small.needs, store=Store(Interrupted(folder.base))), _in(days=31), dry_run=False)
    assert small.store.clips.has(played)
    assert small.needs.published_clips(RIVERS) == {played}
    rest = prune(small.needs, _in(days=31), dry_run=False)

    assert expected == deleted + rest.files.total()
    assert not any(LAKES in file.key for file in small.store.files.walk())
    assert {} == prune(small.needs, _in(days=31), dry_run=False).files
