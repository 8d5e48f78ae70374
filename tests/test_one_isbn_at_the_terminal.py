"""The road of one ISBN step by step, from what is typed to the clip that plays.

The command line runs as its own process, against servers on loopback that behave like Open Library, an
OpenAI-compatible API and Google Translate. The claims stand in the order of the road.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

import av
import dagster as dg
import pytest
from gtts import gTTS
from pydantic import TypeAdapter

from bookbytes_pipeline.constants import ASSET_NAMES, CHAPTER, DONE, PARTITIONS, TOTAL
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.summary import BookSummaries
from bookbytes_pipeline.library.queries import book_by_isbn
from bookbytes_pipeline.writing.narration import narration_text
from tests.cli_runner import CHAPTERS, ISBN, TITLE, Servers, bookbytes, online, providers


class Made(NamedTuple):
    """A book as it was made: where, by whom, and what was printed."""

    home: Path
    servers: Servers
    run: CompletedProcess[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """`bookbytes process` with the ISBN-10 of a book that only Open Library and the language model know."""
    home = tmp_path_factory.mktemp("home")
    with providers() as servers:
        yield Made(home, servers, bookbytes("process", "0-306-40615-2", env=online(home, servers)))


@pytest.fixture(scope="module")
def instance(made: Made) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance that the command line used."""
    with dg.DagsterInstance.from_config(str(made.home / "dagster")) as opened:
        yield opened


def test_the_command_ends_well_and_tells_its_progress(made: Made) -> None:
    """Exit code 0 because every chapter has audio; piped output is one plain line for each chapter and step."""
    assert (0, "") == (made.run.returncode, made.run.stderr)
    assert f"Summaries {len(CHAPTERS)}/{len(CHAPTERS)}: " in made.run.stdout
    assert f"Audio {len(CHAPTERS)}/{len(CHAPTERS)}: " in made.run.stdout
    assert "\x1b" not in made.run.stdout


def test_the_isbn_became_a_partition(made: Made, instance: dg.DagsterInstance) -> None:
    """Whatever was typed, the partition is the canonical ISBN-13."""
    assert made.run.returncode == 0
    assert [ISBN] == list(instance.get_dynamic_partitions(PARTITIONS))


def test_the_metadata_came_from_open_library(made: Made) -> None:
    """The artefact is plain JSON under the asset's name."""
    book = json.loads((made.home / "store" / "book_metadata" / f"{ISBN}.json").read_text())

    assert (TITLE, ["Ada Ford"], "en", "open_library") == (
        book["title"],
        book["authors"],
        book["language"],
        book["source"],
    )


def test_the_chapters_came_from_the_printed_contents(made: Made) -> None:
    """No model was asked for them: the table of contents could be believed."""
    listed = json.loads((made.home / "store" / "chapter_list" / f"{ISBN}.json").read_text())

    assert listed["source"] == "open_library"
    assert list(CHAPTERS) == [chapter["title"] for chapter in listed["chapters"]]


def test_each_chapter_was_summarised_by_one_call(made: Made) -> None:
    """As many calls as chapters, each answer with its grounding."""
    written = _summaries(made)

    assert len(CHAPTERS) == made.servers.writings
    assert {"model_memory"} == {summary.grounding.value for summary in written.summaries}
    assert all(450 <= summary.words <= 500 for summary in written.summaries)
    assert written.usage.calls == len(CHAPTERS)


def test_each_part_was_spoken_once(made: Made) -> None:
    """Google heard exactly the parts that gTTS cuts the narrations into, in English."""
    narrations = (narration_text(one.number, one.title, one.text) for one in _summaries(made).summaries)
    parts = sum(len(gTTS(text, lang="en", lang_check=False).get_bodies()) for text in narrations)

    assert parts == made.servers.recordings
    assert {"en"} == made.servers.narrator.languages


def test_each_clip_plays_and_says_what_it_is(made: Made) -> None:
    """The MP3s decode from end to end and carry title, album, artist, track, language, ISBN and the AI's mark."""
    clips = sorted((made.home / "store" / "chapter_audio" / ISBN).glob("*.mp3"))

    assert len(CHAPTERS) == len(clips)
    for number, (clip, title) in enumerate(zip(clips, CHAPTERS, strict=True), start=1):
        with av.open(str(clip)) as file:
            tags = {name.lower(): value for name, value in file.metadata.items()}
            samples = sum(frame.samples for frame in file.decode(audio=0))
        assert (title, TITLE, "Ada Ford") == (tags["title"], tags["album"], tags["artist"])
        assert (f"{number}/{len(CHAPTERS)}", ISBN) == (tags["track"], tags["isbn"])
        assert "AI-generated summary" in tags.values()
        assert samples > 24_000 * 5


def test_the_run_is_recorded_with_a_step_for_each_chapter(made: Made, instance: dg.DagsterInstance) -> None:
    """The Dagster UI shows the same run: every asset materialized, one observation for each finished chapter."""
    [record] = instance.get_run_records(dg.RunsFilter(tags={"dagster/partition": ISBN}))
    observed = instance.get_records_for_run(record.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_OBSERVATION)
    steps = [_observation(event) for event in observed.records]

    assert made.run.returncode == 0
    assert record.dagster_run.status == dg.DagsterRunStatus.SUCCESS
    assert [1, 2, 3, 4, 1, 2, 3, 4] == [step[DONE] for step in steps]
    assert {len(CHAPTERS)} == {step[TOTAL] for step in steps}
    assert {1, 2, 3, 4} == {step[CHAPTER] for step in steps}
    for asset in ASSET_NAMES:
        assert {ISBN} == instance.get_materialized_partitions(dg.AssetKey(asset))


def test_the_asset_page_tells_an_operator_what_was_made(made: Made, instance: dg.DagsterInstance) -> None:
    """The summaries to read, who wrote them, how many tokens and calls; and all checks of the book."""
    [record] = instance.fetch_materializations(dg.AssetKey("chapter_summaries"), limit=1).records
    shown = record.asset_materialization.metadata if record.asset_materialization else {}

    assert made.run.returncode == 0
    assert "### 4. Deltas" in str(shown["summaries"].value)
    assert ("openai", 4) == (shown["provider"].value, shown["calls"].value)
    assert int(str(shown["input_tokens"].value)) > 0


def test_the_book_is_in_the_library(made: Made) -> None:
    """Both ISBNs lead to it, and each chapter's row points to a clip that is there."""
    with Database(f"sqlite:///{made.home}/library.db").session() as session:
        book = session.scalars(book_by_isbn("0306406152")).one()

        assert (TITLE, "Ada Ford") == (book.title, book.author)
        assert list(CHAPTERS) == [chapter.title for chapter in book.chapters]
        assert all((made.home / "store" / str(chapter.audio_key)).is_file() for chapter in book.chapters)


def test_people_see_it_on_the_terminal(made: Made) -> None:
    """`list` and `show` tell the same."""
    env = online(made.home, made.servers)

    listed, shown = bookbytes("list", env=env), bookbytes("show", "978-0-306-40615-7", env=env)

    assert ISBN in listed.stdout
    assert TITLE in listed.stdout
    assert all(title in shown.stdout for title in CHAPTERS)


def test_making_it_again_pays_for_nothing(made: Made) -> None:
    """A second run asks neither the language model nor the narrator, and keeps the same clips."""
    before = made.servers.writings, made.servers.recordings, _clip_names(made)

    again = bookbytes("process", ISBN, env=online(made.home, made.servers))

    assert again.returncode == 0, again.stderr
    assert before == (made.servers.writings, made.servers.recordings, _clip_names(made))


def _summaries(made: Made) -> BookSummaries:
    content = (made.home / "store" / "chapter_summaries" / f"{ISBN}.json").read_bytes()
    return TypeAdapter(BookSummaries).validate_json(content)


def _observation(record: dg.EventLogRecord) -> dict[str, object]:
    event = record.event_log_entry.get_dagster_event()
    return {name: value.value for name, value in event.asset_observation_data.asset_observation.metadata.items()}


def _clip_names(made: Made) -> set[str]:
    return {clip.name for clip in (made.home / "store" / "chapter_audio" / ISBN).iterdir()}
