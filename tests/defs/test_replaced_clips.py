"""Publishing a book again: whose clips are deleted, and whose can still be heard."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import update

from bookbytes_pipeline.constants import BOOK_METADATA, BOOK_SUMMARY, CHAPTER_AUDIO, CHAPTER_LIST, CHAPTER_SUMMARIES
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.assets.published_book import published_book
from bookbytes_pipeline.defs.public_links import public_links
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.book import Chapter, ChapterList, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store, open_store
from tests.api.client import offline_settings
from tests.api.factories import RIVERS
from tests.defs.fixed_inputs import FixedInputs

LONG_AGO = datetime.now(UTC) - timedelta(days=2)
SUMMARY = Summary(1, "Springs", "About springs.", Grounding.MODEL_MEMORY)


class Unwritable(Folder):
    """A folder in which nothing can be deleted."""

    def delete(self, key: str) -> None:
        """Fail as a folder of somebody else does."""
        (self.base / "file").write_text("in the way")
        super().delete(f"file/{key}")


def _publish(settings: Settings, version: str, store: Store | None = None) -> str:
    """Publish a book of one chapter, long ago as far as files are concerned; returns the key of its clip."""
    clips = open_store(settings.store_config).clips
    key = clips.key(RIVERS.isbn, 1, version)
    clips.write(key, b"sound")
    os.utime(settings.bookbytes_home / "store" / key, (LONG_AGO.timestamp(),) * 2)
    clip = Clip(1, "Springs", key, 60.0, 5, -19.0)
    inputs: Mapping[str, Any] = {
        BOOK_METADATA: RIVERS,
        CHAPTER_LIST: ChapterList(ContentsSource.OPEN_LIBRARY, (Chapter(1, "Springs"),)),
        CHAPTER_SUMMARIES: BookSummaries("en", "extractive", "m", "r", TokenUsage(), (SUMMARY,)),
        CHAPTER_AUDIO: ClipManifest("espeak", "v", "r", (clip,)),
        BOOK_SUMMARY: BookSummary(replace(SUMMARY, number=0), replace(clip, number=0)),
    }
    resources = {
        **build_resources(settings),
        "io_manager": FixedInputs(inputs),
        "public_links": public_links(settings),
        "store": store or open_store(settings.store_config),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        add_isbn(instance, RIVERS.isbn)
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        assets = [published_book, *map(dg.AssetSpec, inputs)]
        dg.materialize(assets, instance=instance, partition_key=RIVERS.isbn, resources=resources, run_config=quiet)
    return key


def _let_a_day_pass(settings: Settings) -> None:
    with Database(settings.library_url).session() as session:
        session.execute(update(ChapterRow).values(updated_at=LONG_AGO))


def _clips(settings: Settings) -> set[str]:
    return {clip.key for clip in open_store(settings.store_config).clips.of_book(RIVERS.isbn)}


def test_who_listens_while_a_book_is_published_again_hears_the_clip_to_its_end(tmp_path: Path) -> None:
    """The clip is replaced, and stays for the time being."""
    settings = offline_settings(tmp_path)
    first = _publish(settings, "01d")
    _let_a_day_pass(settings)

    second = _publish(settings, "11e")

    assert {first, second} == _clips(settings)


def test_a_clip_that_was_replaced_before_is_deleted(tmp_path: Path) -> None:
    """However often a book is made anew, it has two generations of clips."""
    settings = offline_settings(tmp_path)
    versions = []
    for version in ("01a", "02b", "03c", "04d"):
        versions.append(_publish(settings, version))
        _let_a_day_pass(settings)

    assert set(versions[-2:]) == _clips(settings)


def test_a_clip_that_was_replaced_a_short_while_ago_stays(tmp_path: Path) -> None:
    """Somebody may still listen to it, though the book was made anew twice since."""
    settings = offline_settings(tmp_path)

    versions = {_publish(settings, version) for version in ("01a", "02b", "03c")}

    assert versions == _clips(settings)


def test_a_book_is_published_though_its_old_clips_cannot_be_deleted(tmp_path: Path) -> None:
    """The run succeeds; `bookbytes prune` deletes them another time."""
    settings = offline_settings(tmp_path)
    versions = []
    for version in ("01a", "02b", "03c"):
        versions.append(_publish(settings, version, Store(Unwritable(tmp_path / "store"))))
        _let_a_day_pass(settings)

    with Database(settings.library_url).session() as session:
        assert {versions[-1]} == {row.audio_key for row in session.query(ChapterRow)}
    assert set(versions) == _clips(settings)
