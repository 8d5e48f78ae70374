"""`bookbytes rerun`, and the run config of assets: what is asked again, and what is not. In this process."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from bookbytes_pipeline.cli import bookbytes as command_line
from bookbytes_pipeline.cli.foreground_run import RunFailed, run_book
from bookbytes_pipeline.cli.partial_run import NothingToRerun, PartialRun
from bookbytes_pipeline.constants import ASSET_NAMES, CHAPTER_AUDIO, CHAPTER_SUMMARIES, JOB, PUBLISHED_BOOK, TITLE_TAG
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.domain.errors import InvalidSettings
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.library.queries import book_by_isbn
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.store.store import open_store
from tests.cli_runner import CHAPTERS, ISBN, KEY, TITLE, Servers, providers
from tests.fakes.openai_api import Canned, canned_completion

BOOK = parse_isbn(ISBN)


@dataclass
class Home:
    """A home with one processed book, and the providers that made it."""

    settings: Settings
    servers: Servers
    parts: int = 0
    """How many parts were spoken for the whole book."""

    def rerun(self, first: str, *chapters: int, force: bool = True) -> tuple[int, int]:
        """Rerun from this asset; returns how many summaries were written and how many parts were spoken."""
        return self.asked(lambda: run_book(self.settings, BOOK, rerun=PartialRun(first, force, chapters)))

    def asked(self, run: Any) -> tuple[int, int]:
        """What a run asked the model and the narrator for."""
        before = self.servers.writings, self.servers.recordings
        run()
        return self.servers.writings - before[0], self.servers.recordings - before[1]

    def published(self) -> dict[int, tuple[str | None, str | None]]:
        """The summary and the clip of each chapter in the library; clips that are not in the store are an error."""
        with Database(self.settings.library_url).session() as session:
            chapters = session.scalars(book_by_isbn(ISBN)).one().chapters
        clips = open_store(self.settings.store_config).clips
        assert all(chapter.audio_key and clips.has(chapter.audio_key) for chapter in chapters)
        return {chapter.chapter_number: (chapter.summary, chapter.audio_key) for chapter in chapters}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A book of two chapters that the model and the narrator were paid for."""
    with pytest.MonkeyPatch.context() as patch, providers(chapters=CHAPTERS[:2]) as servers:
        patch.delenv("DAGSTER_HOME", raising=False)
        chosen: dict[str, Any] = {"llm_provider": "openai", "openai_api_key": KEY, "tts_provider": "gtts"}
        addresses = {name.lower(): address for name, address in servers.addresses.items()}
        short = {"summary_minutes": 1, "book_summary": False}
        folder = tmp_path_factory.mktemp("home")
        home = Home(load_settings(_env_file=None, bookbytes_home=folder, **chosen, **addresses, **short), servers)
        _, home.parts = home.asked(lambda: run_book(home.settings, BOOK))
        yield home


def test_runs_and_materializations_name_the_book(home: Home) -> None:
    """Runs of all assets, and those of a part: in the run list, and on the page of an asset, an ISBN says little."""
    home.rerun(PUBLISHED_BOOK, force=False)
    with open_instance(home.settings) as instance:
        part, whole = instance.get_runs()[0], instance.get_runs()[-1]
        titles = [_last_metadata(instance, name).get("title") for name in ASSET_NAMES]

    assert (TITLE, TITLE) == (whole.tags[TITLE_TAG], part.tags[TITLE_TAG])
    assert [TITLE, None, *[TITLE] * 5] == [title and title.value for title in titles]


def test_a_forced_chapter_is_the_only_one_that_is_spoken_again(home: Home) -> None:
    """No summary is written again, and the library has the same clips: this voice always speaks alike."""
    before = home.published()

    written, spoken = home.rerun(CHAPTER_AUDIO, 2)

    assert (0, True) == (written, 0 < spoken < home.parts)
    assert before == home.published()


def test_a_forced_summary_is_written_again_with_its_clip(home: Home) -> None:
    """And published; the other chapter stays as it was. The next run without force has the new one."""
    before = home.published()
    another = ". ".join(reversed((before[2][0] or "").rstrip(".").split(". "))) + "."
    home.servers.model.script.append(canned_completion(json.dumps({"known": True, "summary": another})))

    written, spoken = home.rerun(CHAPTER_SUMMARIES, 2)
    after = home.published()

    assert (1, True) == (written, 0 < spoken < home.parts)
    assert (before[1], another) == (after[1], after[2][0])
    assert before[2][1] != after[2][1]
    assert (0, 0) == home.rerun(CHAPTER_SUMMARIES, force=False)
    assert after == home.published()


def test_the_same_command_continues_a_forced_run_that_failed(home: Home) -> None:
    """What was paid for under the first run's token is not paid for again; once it has succeeded, a new one begins."""
    down = Canned(503, {"error": {"message": "Overloaded"}}, {"retry-after": "0"}, when="Chapter 2: The End")
    home.servers.model.script += [down] * 3
    with pytest.raises(RunFailed, match="1 of 2 chapters failed"):
        home.rerun(CHAPTER_SUMMARIES)
    again = PartialRun(CHAPTER_SUMMARIES, force=True)

    with open_instance(home.settings) as instance:
        failed = again.tags(instance, BOOK)
        others = [PartialRun(CHAPTER_AUDIO, force=True), PartialRun(CHAPTER_SUMMARIES, force=True, chapters=(2,))]
        assert failed not in [other.tags(instance, BOOK) for other in others]
    assert 1 == home.rerun(CHAPTER_SUMMARIES)[0]
    with open_instance(home.settings) as instance:
        assert failed != again.tags(instance, BOOK)


def test_the_config_of_an_asset_does_the_same_in_dagster(home: Home) -> None:
    """As the launchpad sends it; a run without it uses what is cached."""
    once = home.asked(lambda: _materialize(home, {"force": True, "chapters": [2]}))
    cached = home.asked(lambda: _materialize(home, {}))

    assert 0 < once[1] < home.parts
    assert (0, 0) == cached


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"force": True, "chapters": [2, 9, 12]}, "There is no chapter 9, 12: the book has the chapters 1 to 2."),
        ({"chapters": [3]}, "The run config has `chapters` without `force: true`"),
    ],
)
def test_a_config_that_would_do_nothing_fails_before_anything_is_asked(
    home: Home, config: dict[str, Any], reason: str
) -> None:
    """A mistyped number is no reason to pay for the others."""
    before = home.servers.recordings
    failed = _materialize(home, config)
    (event,) = failed.filter_events(lambda event: event.is_step_failure)

    assert before == home.servers.recordings
    assert event.step_failure_data.user_failure_data.description.startswith(reason)


def test_a_rerun_without_what_it_is_made_from_is_refused(home: Home, tmp_path: Path) -> None:
    """As is one for chapters that there are not: nothing is recorded that would look like a failure of the book."""
    store = open_store(home.settings.store_config)
    empty = open_store(load_settings(_env_file=None, bookbytes_home=tmp_path).store_config)

    with pytest.raises(NothingToRerun, match=f"{ISBN} has no book_metadata yet.*bookbytes process {ISBN}"):
        PartialRun(CHAPTER_AUDIO).require_possible(empty, BOOK)
    with pytest.raises(InvalidSettings, match="There is no chapter 5: the book has the chapters 1 to 2"):
        PartialRun(CHAPTER_AUDIO, force=True, chapters=(2, 5)).require_possible(store, BOOK)
    with pytest.raises(InvalidSettings, match="leave out --chapters"):
        PartialRun(PUBLISHED_BOOK, force=True, chapters=(2,)).require_possible(store, BOOK)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "chapter_audio", "--chapters", "3"], "--chapters goes with --force"),
        (["--from", "chapter_audio", "--force", "--chapters", "3-5"], "'3-5' should be numbers of chapters"),
        (["--from", "audio"], "'audio' is not one of 'book_metadata'"),
        ([], "Missing option '--from'"),
    ],
)
def test_options_that_make_no_sense_are_usage_errors(options: list[str], message: str) -> None:
    """Exit code 2, before Dagster is loaded."""
    run = CliRunner().invoke(command_line, ["rerun", ISBN, *options])

    assert (2, True) == (run.exit_code, message in run.output), run.output


def _last_metadata(instance: dg.DagsterInstance, name: str) -> Mapping[str, dg.MetadataValue[Any]]:
    event = instance.get_latest_materialization_event(dg.AssetKey(name))
    assert event
    assert event.asset_materialization
    return event.asset_materialization.metadata


def _materialize(home: Home, config: dict[str, Any]) -> dg.ExecuteInProcessResult:
    """Make the clips as the Dagster UI does, with this config."""
    job = build_definitions(home.settings).resolve_job_def(JOB)
    with open_instance(home.settings) as instance:
        return job.execute_in_process(
            instance=instance,
            partition_key=ISBN,
            asset_selection=[dg.AssetKey(CHAPTER_AUDIO)],
            run_config={"ops": {CHAPTER_AUDIO: {"config": config}}},
            raise_on_error=False,
        )
