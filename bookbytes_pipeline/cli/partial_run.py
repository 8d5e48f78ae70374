"""Runs of one asset of a book and all that is downstream of it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import dagster as dg

from bookbytes_pipeline.constants import (
    ASSET_NAMES,
    BOOK_SUMMARY,
    CHAPTER_AUDIO,
    CHAPTER_LIST,
    CHAPTER_SUMMARIES,
    FORCE_TAG,
    JOB,
    PARTITION_TAG,
)
from bookbytes_pipeline.definitions import ASSETS
from bookbytes_pipeline.defs.force import require_chapters
from bookbytes_pipeline.domain.errors import BookBytesError, InvalidSettings
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.store.store import Store

BY_CHAPTER = {CHAPTER_SUMMARIES, CHAPTER_AUDIO}
"""The assets that can be forced for some chapters only."""
AS_A_WHOLE = {CHAPTER_LIST, BOOK_SUMMARY}
"""The assets that can be forced, and have no chapters."""


class NothingToRerun(BookBytesError):
    """What the first asset of a rerun is made from is missing. Trying again helps once the whole book was processed."""

    code = "NOTHING_TO_RERUN"


@dataclass(frozen=True)
class PartialRun:
    """The asset `first` and all assets downstream of it; with `force`, nothing cached is used for these `chapters`.

    Without `chapters` it is for all of them, and for the chapter list and the summary of the book as well.
    """

    first: str
    force: bool = False
    chapters: tuple[int, ...] = ()

    @property
    def assets(self) -> list[str]:
        """The names of the assets, in the order in which they are made."""
        selected = dg.AssetSelection.assets(self.first).downstream().resolve(ASSETS)
        return [name for name in ASSET_NAMES if dg.AssetKey(name) in selected]

    @property
    def run_config(self) -> dict[str, Any]:
        """The run config that limits the force to the chapters."""
        if not self.chapters:
            return {}
        by_chapter = {name: {"config": {"chapters": list(self.chapters)}} for name in BY_CHAPTER & {*self.assets}}
        as_a_whole = {name: {"config": {"force": False}} for name in AS_A_WHOLE & {*self.assets}}
        return {"ops": by_chapter | as_a_whole}

    def require_possible(self, store: Store, isbn: ISBN) -> None:
        """Raise `NothingToRerun` or `InvalidSettings` for what would fail anyway, before anything is recorded."""
        selected = {dg.AssetKey(name) for name in self.assets}
        needed = {key for asset in ASSETS if asset.key in selected for key in asset.dependency_keys} - selected
        names = (key.to_user_string() for key in needed)
        if missing := [name for name in names if not store.files.has(f"{name}/{isbn}.json")]:
            first = min(missing, key=ASSET_NAMES.index)
            raise NothingToRerun(
                f"{isbn} has no {first} yet, which this needs. Process the book first: bookbytes process {isbn}."
            )
        if self.chapters and CHAPTER_LIST not in self.assets:
            require_chapters(self.chapters, store.read_chapter_numbers(isbn))
        if self.chapters and not BY_CHAPTER & {*self.assets}:
            raise InvalidSettings(
                f"{self.first} has no chapters, and nothing downstream of it has: leave out --chapters."
            )

    def tags(self, instance: dg.DagsterInstance, isbn: ISBN) -> dict[str, str]:
        """The tag with the force token; that of the last run if that was the same and did not succeed.

        So the same command, given again, continues where it stopped.
        """
        if not self.force:
            return {}
        last = instance.get_runs(dg.RunsFilter(job_name=JOB, tags={PARTITION_TAG: isbn}), limit=1)
        token = next((run.tags.get(FORCE_TAG) for run in last if self._failed_as(run)), None)
        return {FORCE_TAG: token or str(uuid4())}

    def _failed_as(self, run: dg.DagsterRun) -> bool:
        same_assets = run.asset_selection == {dg.AssetKey(name) for name in self.assets}
        same_config = run.run_config.get("ops") == self.run_config.get("ops")
        return same_assets and same_config and not run.is_success
