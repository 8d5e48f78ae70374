"""The path of one ISBN step by step, from the typed command to the clip that plays.

The command line runs as its own process, against servers on loopback that behave like Open Library, an
OpenAI-compatible API and Google Translate. The tests are in the order of the steps.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

import av
import dagster as dg
import pytest
from pydantic import TypeAdapter

from bookbytes_pipeline.constants import ASSET_NAMES, CHAPTER, DONE, PARTITIONS, TOTAL
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Summary
from bookbytes_pipeline.library.queries import book_by_isbn
from bookbytes_pipeline.library.usage import spending_of_runs, total_usage
from bookbytes_pipeline.providers.narrators.gtts import MAX_PART_CHARS
from bookbytes_pipeline.providers.narrators.text_chunks import text_pieces
from bookbytes_pipeline.writing.narration import narration_text
from tests.cli_runner import CHAPTERS, ISBN, TITLE, Servers, bookbytes, online, providers


class ProcessedBook(NamedTuple):
    """A processed book: the home, the providers, and the exit code and output of the command."""

    home: Path
    servers: Servers
    run: CompletedProcess[str]


@pytest.fixture(scope="module")
def processed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessedBook]:
    """`bookbytes process` with the ISBN-10 of a book that only Open Library and the language model know."""
    home = tmp_path_factory.mktemp("home")
    with providers() as servers:
        env = online(home, servers, SUMMARY_MINUTES="3")
        yield ProcessedBook(home, servers, bookbytes("process", "0-306-40615-2", env=env))


@pytest.fixture(scope="module")
def instance(processed: ProcessedBook) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance that the command line used."""
    with dg.DagsterInstance.from_config(str(processed.home / "dagster")) as opened:
        yield opened


def test_the_command_succeeds_and_reports_its_progress(processed: ProcessedBook) -> None:
    """Exit code 0 because every chapter has audio; piped output is one plain line for each chapter and step."""
    assert (0, "") == (processed.run.returncode, processed.run.stderr)
    assert f"Summaries {len(CHAPTERS)}/{len(CHAPTERS)}: " in processed.run.stdout
    assert f"Audio {len(CHAPTERS)}/{len(CHAPTERS)}: " in processed.run.stdout
    assert "\x1b" not in processed.run.stdout


def test_the_isbn_became_a_partition(processed: ProcessedBook, instance: dg.DagsterInstance) -> None:
    """Whatever was typed, the partition is the canonical ISBN-13."""
    assert processed.run.returncode == 0
    assert [ISBN] == list(instance.get_dynamic_partitions(PARTITIONS))


def test_the_metadata_came_from_open_library(processed: ProcessedBook) -> None:
    """The artefact is plain JSON under the asset's name."""
    book = json.loads((processed.home / "store" / "book_metadata" / f"{ISBN}.json").read_text())

    assert (TITLE, ["Ada Ford"], "en", "open_library") == (
        book["title"],
        book["authors"],
        book["language"],
        book["source"],
    )


def test_the_chapters_came_from_the_printed_contents(processed: ProcessedBook) -> None:
    """No model was asked for them: the table of contents was reliable."""
    listed = json.loads((processed.home / "store" / "chapter_list" / f"{ISBN}.json").read_text())

    assert listed["source"] == "open_library"
    assert list(CHAPTERS) == [chapter["title"] for chapter in listed["chapters"]]


def test_each_chapter_was_summarised_by_one_call(processed: ProcessedBook) -> None:
    """As many calls as chapters and one for the whole book, each answer with its grounding."""
    summaries = _summaries(processed)

    assert len(CHAPTERS) + 1 == processed.servers.writings
    assert {"model_memory"} == {summary.grounding.value for summary in summaries.summaries}
    assert all(450 <= summary.words <= 500 for summary in summaries.summaries)
    assert summaries.usage.calls == len(CHAPTERS)


def test_the_book_was_summarised_from_its_chapters(processed: ProcessedBook) -> None:
    """In three minutes as well; it is from memory, because its chapters are, and nothing is wrong with it."""
    whole = _whole(processed)

    assert (0, "The book in three minutes", "model_memory", ()) == (
        whole.number,
        whole.title,
        whole.grounding.value,
        whole.review_reasons,
    )
    assert 450 <= whole.words <= 500
    [asked] = [
        str(request["messages"]) for request in processed.servers.model.requests if _is_of_the_whole_book(request)
    ]
    assert all(title in asked for title in CHAPTERS)


def test_each_text_chunk_was_narrated_once(processed: ProcessedBook) -> None:
    """Google received exactly the pieces into which the narrations are cut, in English."""
    summaries = (*_summaries(processed).summaries, _whole(processed))
    texts = (narration_text(summary.number, summary.title, summary.text, "en") for summary in summaries)
    pieces = [piece.text for text in texts for piece in text_pieces(Narration(text, "en"), MAX_PART_CHARS)]

    assert Counter(pieces) == Counter(processed.servers.narrator.script.texts)
    assert {"en"} == processed.servers.narrator.languages


def test_each_clip_plays_and_has_tags(processed: ProcessedBook) -> None:
    """The MP3s decode from end to end and carry title, album, artist, track, language, ISBN and the AI notice."""
    clips = sorted((processed.home / "store" / "chapter_audio" / ISBN).glob("*.mp3"))

    titles = ("The book in three minutes", *CHAPTERS)
    assert len(titles) == len(clips)
    for number, (clip, title) in enumerate(zip(clips, titles, strict=True)):
        with av.open(str(clip)) as file:
            tags = {name.lower(): value for name, value in file.metadata.items()}
            samples = sum(frame.samples for frame in file.decode(audio=0))
        assert (title, TITLE, "Ada Ford") == (tags["title"], tags["album"], tags["artist"])
        assert (f"{number}/{len(CHAPTERS)}", ISBN) == (tags["track"], tags["isbn"])
        assert "AI-generated summary" in tags.values()
        assert samples > 24_000 * 5


def test_the_run_is_recorded_with_a_step_for_each_chapter(
    processed: ProcessedBook, instance: dg.DagsterInstance
) -> None:
    """The Dagster UI shows the same run: every asset materialized, one observation for each finished chapter."""
    [record] = instance.get_run_records(dg.RunsFilter(tags={"dagster/partition": ISBN}))
    observed = instance.get_records_for_run(record.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_OBSERVATION)
    steps = [step for event in observed.records if DONE in (step := _observation(event))]

    assert processed.run.returncode == 0
    assert record.dagster_run.status == dg.DagsterRunStatus.SUCCESS
    assert [1, 2, 3, 4, 1, 2, 3, 4] == [step[DONE] for step in steps]
    assert {len(CHAPTERS)} == {step[TOTAL] for step in steps}
    assert {1, 2, 3, 4} == {step[CHAPTER] for step in steps}
    for asset in ASSET_NAMES:
        assert {ISBN} == instance.get_materialized_partitions(dg.AssetKey(asset))


def test_the_asset_page_shows_an_operator_the_result(processed: ProcessedBook, instance: dg.DagsterInstance) -> None:
    """It has the summaries, the provider that wrote them, and how many tokens and calls they took."""
    [record] = instance.fetch_materializations(dg.AssetKey("chapter_summaries"), limit=1).records
    metadata = record.asset_materialization.metadata if record.asset_materialization else {}

    assert processed.run.returncode == 0
    assert "### 4. Deltas" in str(metadata["summaries"].value)
    assert ("openai", 4) == (metadata["provider"].value, metadata["calls"].value)
    assert int(str(metadata["input_tokens"].value)) > 0


def test_the_book_is_in_the_library(processed: ProcessedBook) -> None:
    """Both ISBNs lead to it, and each chapter's row points to a clip that exists."""
    with Database(f"sqlite:///{processed.home}/library.db").session() as session:
        book = session.scalars(book_by_isbn("0306406152")).one()

        assert (TITLE, "Ada Ford") == (book.title, book.author)
        assert list(CHAPTERS) == [chapter.title for chapter in book.chapters]
        assert book.book_summary is not None
        summaries = (book.book_summary, *book.chapters)
        assert all((processed.home / "store" / str(summary.audio_key)).is_file() for summary in summaries)
        assert (False, None) == (book.needs_review, book.minutes)


def test_users_see_it_on_the_terminal(processed: ProcessedBook) -> None:
    """`list` shows the book and `show` its chapters."""
    env = online(processed.home, processed.servers)

    listed, shown = bookbytes("list", env=env), bookbytes("show", "978-0-306-40615-7", env=env)

    assert ISBN in listed.stdout
    assert TITLE in listed.stdout
    assert all(title in shown.stdout for title in ("The book in three minutes", *CHAPTERS))


def test_summaries_from_memory_show_no_passages(processed: ProcessedBook) -> None:
    """There is no text that they could be of."""
    shown = bookbytes("show", ISBN, "--evidence", env=online(processed.home, processed.servers))

    assert (0, len(CHAPTERS)) == (shown.returncode, shown.stdout.count("No passages: from memory."))


def test_processing_it_again_costs_nothing(processed: ProcessedBook, instance: dg.DagsterInstance) -> None:
    """A second run asks neither the language model nor the narrator, and keeps the same clips; the first bought all."""
    before = processed.servers.writings, processed.servers.recordings, _clip_names(processed)

    second = bookbytes("process", ISBN, env=online(processed.home, processed.servers, SUMMARY_MINUTES="3"))

    assert second.returncode == 0, second.stderr
    assert before == (processed.servers.writings, processed.servers.recordings, _clip_names(processed))
    *_, first = runs = [run.run_id for run in instance.get_runs()]
    with Database(f"sqlite:///{processed.home}/library.db").session() as session:
        assert {first: total_usage(session).spent} == spending_of_runs(session, runs)


def _summaries(processed: ProcessedBook) -> BookSummaries:
    content = (processed.home / "store" / "chapter_summaries" / f"{ISBN}.json").read_bytes()
    return TypeAdapter(BookSummaries).validate_json(content)


def _whole(processed: ProcessedBook) -> Summary:
    content = (processed.home / "store" / "book_summary" / f"{ISBN}.json").read_bytes()
    summary = TypeAdapter(BookSummary).validate_json(content).summary
    assert summary is not None
    return summary


def _is_of_the_whole_book(request: Mapping[str, Any]) -> bool:
    return "The summaries of its chapters:" in request["messages"][-1]["content"]


def _observation(record: dg.EventLogRecord) -> dict[str, object]:
    event = record.event_log_entry.get_dagster_event()
    return {name: value.value for name, value in event.asset_observation_data.asset_observation.metadata.items()}


def _clip_names(processed: ProcessedBook) -> set[str]:
    return {clip.name for clip in (processed.home / "store" / "chapter_audio" / ISBN).iterdir()}
