"""What the answers about a job say of its book, while its run is in progress and afterwards."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import dagster as dg
import pytest
from sqlalchemy import select

from bookbytes_api.app import services_of
from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.models import COMPLETED, JobRow
from bookbytes_api.runs.connection import Connection
from bookbytes_pipeline.constants import CHAPTER_AUDIO, CHAPTER_SUMMARIES, JOB
from tests.api.client import Api, User, wait_for
from tests.api.statements import statements_of_requests
from tests.dagster_stack.books import isbn_of
from tests.logged_run import BOOK_AUTHORS, BOOK_TITLE, materialize

OBSERVED = {
    dg.DagsterEventType.STEP_START,
    dg.DagsterEventType.ASSET_OBSERVATION,
    dg.DagsterEventType.STEP_SUCCESS,
}


@pytest.fixture(scope="module")
def logged() -> list[dg.DagsterEvent]:
    """What the assets of a book log: its title, its two chapters, and the end of each."""
    with dg.DagsterInstance.ephemeral() as instance:
        records = instance.get_records_for_run(materialize(instance), of_type=OBSERVED).records
    return [record.event_log_entry.get_dagster_event() for record in records]


@dataclass
class Runs:
    """Runs that never end by themselves, with the events that a test gives them."""

    instance: dg.DagsterInstance
    api: Api
    ids: list[str] = field(default_factory=list)

    def begin(self, user: User, events: list[dg.DagsterEvent]) -> str:
        """Begin a run with these events, for a new job of the user; returns the path of the job."""
        run_id = str(uuid4())
        self.ids.append(run_id)
        isbn = isbn_of(50_000_000 + len(self.ids))
        self.instance.add_run(dg.DagsterRun(JOB, run_id=run_id, status=dg.DagsterRunStatus.STARTING))
        self.instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", JOB), run_id)
        for logged_event in events:
            self.instance.report_dagster_event(logged_event, run_id)
        with self.api.database.session() as session:
            job = JobRow(user_id=UUID(user.id), isbn=isbn, run_id=run_id, request_id="r", submitted_at=_now())
            session.add(job)
            session.flush()
            return f"/api/v1/jobs/{job.id}"

    def end(self) -> None:
        """Let the last run succeed."""
        self.instance.report_dagster_event(dg.DagsterEvent("PIPELINE_SUCCESS", JOB), self.ids[-1])


@pytest.fixture
def runs(api: Api) -> Iterator[Runs]:
    """Runs that are deleted after the test: all of them share one Dagster."""
    with closing(Connection(api.settings)) as connection:
        running = Runs(connection.instance, api)
        yield running
        for run_id in running.ids:
            connection.instance.delete_run(run_id)


def _now() -> datetime:
    return datetime.now(UTC)


def _until_first_chapter(events: list[dg.DagsterEvent]) -> list[dg.DagsterEvent]:
    """The start of the metadata, the title, its end; the start of the summaries, their list, the first of them."""
    return events[:6]


def _streamed(api: Api, path: str) -> dict[str, Any]:
    """The first event of the job's stream."""

    async def first() -> dict[str, Any]:
        broadcaster = JobBroadcaster(api.database, services_of(api.app).runs)
        with api.database.session() as session:
            job = Job.from_row(session.get_one(JobRow, UUID(path.rpartition("/")[2])))
        async with aclosing(broadcaster.follow(job, None)) as updates:
            snapshot = await anext(updates)
        assert snapshot is not None
        return {name: getattr(snapshot.job, name) for name in ("title", "authors", "current_chapter")}

    return asyncio.run(first())


def test_every_answer_names_the_book_and_the_chapter_in_hand(
    api: Api, runs: Runs, logged: list[dg.DagsterEvent]
) -> None:
    """As the run has found them: one job, the list of jobs, and the stream."""
    ada = api.user()
    path = runs.begin(ada, _until_first_chapter(logged))

    one, listed = api.ask("GET", path, ada).json(), api.ask("GET", "/api/v1/jobs", ada).json()["items"][0]
    streamed = _streamed(api, path)

    assert (BOOK_TITLE, BOOK_AUTHORS) == (one["title"], one["authors"])
    assert {"number": 2, "title": "Rapids"} == one["current_chapter"]
    assert [one[name] for name in streamed] == [listed[name] for name in streamed]
    assert (BOOK_TITLE, BOOK_AUTHORS, 2) == (*list(streamed.values())[:2], streamed["current_chapter"].number)


def test_a_job_whose_run_knows_nothing_yet_has_no_title(api: Api, runs: Runs, logged: list[dg.DagsterEvent]) -> None:
    """Nor a chapter, nor an estimate."""
    ada = api.user()

    job = api.ask("GET", runs.begin(ada, logged[:1]), ada).json()

    assert (None, [], None, None) == (job["title"], job["authors"], job["current_chapter"], job["eta_seconds"])


def test_a_job_keeps_its_title_and_how_long_it_took(api: Api, runs: Runs, logged: list[dg.DagsterEvent]) -> None:
    """Once that is written Dagster is not needed any more. Of what was reused nothing is learned."""
    ada = api.user()
    path = runs.begin(ada, logged)
    runs.end()

    ended = wait_for(lambda: (job := api.ask("GET", path, ada).json())["status"] == "completed" and job)
    row = wait_for(lambda: _ended_row(api))
    runs.instance.delete_run(runs.ids[0])

    assert (BOOK_TITLE, BOOK_AUTHORS, None) == (ended["title"], ended["authors"], ended["current_chapter"])
    assert ended == api.ask("GET", path, ada).json()
    assert [CHAPTER_SUMMARIES] == list(row.step_seconds or {})


def test_a_retried_job_is_still_called_by_its_title(api: Api, runs: Runs, logged: list[dg.DagsterEvent]) -> None:
    """Although it waits, and its new run has found nothing yet."""
    ada = api.user()
    path = runs.begin(ada, _until_first_chapter(logged))
    runs.instance.report_run_failed(runs.instance.get_run_by_id(runs.ids[-1]))
    wait_for(lambda: _ended_row(api))

    retried = api.ask("POST", f"{path}/retry", ada).json()

    assert ("pending", BOOK_TITLE, BOOK_AUTHORS) == (retried["status"], retried["title"], retried["authors"])


def test_the_estimate_is_learned_from_books_before_this_run(
    api: Api, runs: Runs, logged: list[dg.DagsterEvent]
) -> None:
    """Without them there is none. One that ended since changes nothing."""
    ada = api.user()
    path = runs.begin(ada, _until_first_chapter(logged))
    unknown = api.ask("GET", path, ada).json()["eta_seconds"]

    _remember(api, ada, runs, ago_s=60, clip_s=1000)
    learned = api.ask("GET", path, ada).json()["eta_seconds"]
    _remember(api, ada, runs, ago_s=-60, clip_s=5)

    assert unknown is None
    assert 2000 <= learned < 2500
    assert learned - api.ask("GET", path, ada).json()["eta_seconds"] in {0, 1, 2, 3}


def test_a_long_list_runs_as_many_statements_as_a_short_one(
    api: Api, runs: Runs, logged: list[dg.DagsterEvent]
) -> None:
    """Five jobs in progress take as many statements of the library's database as one."""
    ada = api.user()
    counts = []
    for jobs in (1, 4):
        for _ in range(jobs):
            runs.begin(ada, _until_first_chapter(logged))
        with statements_of_requests(api, "jobs", "book") as statements:
            answer = api.ask("GET", "/api/v1/jobs", ada).json()
        counts.append((answer["total"], len(statements)))

    assert [1, 5] == [total for total, _ in counts]
    assert counts[0][1] == counts[1][1] > 0


def _ended_row(api: Api) -> JobRow | None:
    with api.database.session() as session:
        return session.scalar(select(JobRow).where(JobRow.outcome.is_not(None)))


def _remember(api: Api, user: User, runs: Runs, *, ago_s: float, clip_s: float) -> None:
    """Store a book that was made so many seconds before the last run began."""
    [record] = runs.instance.get_run_records(dg.RunsFilter(run_ids=runs.ids[-1:]))
    with api.database.session() as session:
        session.add(
            JobRow(
                user_id=UUID(user.id),
                isbn=isbn_of(60_000_000 + int(clip_s)),
                run_id=str(uuid4()),
                request_id="r",
                outcome=COMPLETED,
                completed_at=datetime.fromtimestamp((record.start_time or 0) - ago_s, UTC),
                chapters_total=2,
                step_seconds={CHAPTER_SUMMARIES: 10, CHAPTER_AUDIO: clip_s},
            )
        )
