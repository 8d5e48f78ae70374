"""Jobs whose runs are over and whose rows do not say so yet: reads show their ends, and write nothing."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import dagster as dg
import httpx
import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.engine import make_url

from bookbytes_api.app import create_app, services_of
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_pipeline.constants import CHAPTER_AUDIO, JOB
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.library.models import BookISBNRow
from bookbytes_pipeline.settings import Settings
from tests.api.client import User, code, offline_settings, serving_api
from tests.library.rows import book_row

ISBN = parse_isbn("9780306406157")
PROCESS = "/api/v1/books/process"
STATUSES = ("pending", "processing", "completed", "failed", "cancelled")


@dataclass(frozen=True)
class Unfinalized:
    """Two users, a job of the first user, and an API whose reconciler has stopped."""

    settings: Settings
    ada: User
    bob: User
    job_id: str

    def ask(self, *requests: tuple[str, str], user: User | None = None, **more: Any) -> list[httpx.Response]:
        """Send requests one after the other to the application, whose background work is not started."""

        async def send() -> list[httpx.Response]:
            app = create_app(self.settings)
            transport = httpx.ASGITransport(app=app)
            headers = {**(user or self.ada).headers, **more.pop("headers", {})}
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                answers = [await client.request(*request, headers=headers, **more) for request in requests]
            broadcaster = services_of(app).broadcaster
            broadcaster.close()
            await broadcaster.ended()
            return answers

        return asyncio.run(send())

    def reads(self) -> dict[str, Any]:
        """The job as the user sees it, wherever it is shown."""
        path = f"/api/v1/jobs/{self.job_id}"
        lists = [("GET", f"/api/v1/jobs?status={status}") for status in STATUSES]
        job, every, stream, *filtered = self.ask(
            ("GET", path), ("GET", "/api/v1/jobs"), ("GET", f"{path}/events"), *lists
        )
        return {
            "job": job.json(),
            "list": every.json()["items"],
            "stream": stream.text,
            "totals": {status: answer.json()["total"] for status, answer in zip(STATUSES, filtered, strict=True)},
        }

    def rows(self) -> list[JobRow]:
        """All jobs as they are stored, oldest first."""
        with closing(Database(self.settings.library_url)) as database, database.session() as session:
            return list(session.scalars(select(JobRow).order_by(JobRow.created_at)))

    def share_run(self, user: User) -> None:
        """Give another user a job that waits for the same run."""
        with closing(Database(self.settings.library_url)) as database, database.session() as session:
            row = session.scalars(select(JobRow)).one()
            copied = {"run_id": row.run_id, "submitted_at": row.submitted_at, "isbn": row.isbn}
            session.add(JobRow(user_id=UUID(user.id), request_id="r", **copied))

    def finalize(self) -> None:
        """Run the reconciler's step that it runs every two seconds."""
        with closing(Database(self.settings.library_url)) as database, closing(Connection(self.settings)) as dagster:
            Reconciler(database, RunReader(dagster), Launcher(dagster, 1)).finalize()


@pytest.fixture(params=["completed", "failed", "cancelled"])
def outcome(request: pytest.FixtureRequest) -> str:
    """How the run ended."""
    return str(request.param)


@pytest.fixture
def unfinalized(tmp_path: Path, outcome: str) -> Unfinalized:
    """A job whose run has ended since the reconciler stopped."""
    settings = offline_settings(tmp_path / "home")
    with serving_api(settings) as api:
        ada, bob = api.user("ada"), api.user("bob")
        job_id = api.ask("POST", PROCESS, ada, json={"isbn": ISBN}).json()["job_id"]
    with closing(Database(settings.library_url)) as database, database.session() as session:
        row = session.get_one(JobRow, UUID(job_id))
        row.submitted_at = datetime.now(UTC)
        run_id = str(row.run_id)
    with closing(Connection(settings)) as dagster:
        _run(dagster.instance, run_id, outcome)
    return Unfinalized(settings, ada, bob, job_id)


def _run(instance: dg.DagsterInstance, run_id: str, outcome: str) -> None:
    run = instance.add_run(dg.DagsterRun(JOB, run_id=run_id, status=dg.DagsterRunStatus.STARTED))
    instance.report_dagster_event(dg.DagsterEvent("STEP_START", JOB, step_key=CHAPTER_AUDIO), run_id)
    if outcome == "completed":
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_SUCCESS", JOB), run_id)
    elif outcome == "failed":
        instance.report_run_failed(run, "Its process is gone.")
    else:
        instance.report_run_canceled(run)


@contextmanager
def writes(settings: Settings) -> Iterator[list[str]]:
    """The statements in this process that change rows of this library."""
    library, changes = make_url(settings.library_url).database, []

    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.engine.url.database == library and not statement.lstrip().upper().startswith(
            ("SELECT", "PRAGMA")
        ):
            changes.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield changes
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_reads_write_nothing_and_still_show_the_end(unfinalized: Unfinalized, outcome: str) -> None:
    """Job, lists and stream are the same before and after the reconciler has written the end."""
    with writes(unfinalized.settings) as written:
        before = unfinalized.reads()
    [row] = unfinalized.rows()
    unfinalized.finalize()

    assert ([], None) == (written, row.outcome)
    assert [outcome] == [row.outcome for row in unfinalized.rows()]
    assert unfinalized.reads() == before


def test_the_end_is_shown_completely(unfinalized: Unfinalized, outcome: str) -> None:
    """With status, percent, times and error; the stream has one event, which is the end."""
    reads = unfinalized.reads()

    job = reads["job"]
    expected = {"completed": (100, None), "failed": (19, "RUN_FAILED"), "cancelled": (19, None)}[outcome]
    assert (outcome, expected) == (job["status"], (job["progress"], (job["error"] or {}).get("code")))
    assert job["completed_at"]
    assert job["eta_seconds"] is None
    assert [job] == reads["list"]
    assert {status: int(status == outcome) for status in STATUSES} == reads["totals"]
    assert ["id: 1.end", "event: end"] == [line for line in reads["stream"].splitlines() if line[:2] in {"id", "ev"}]
    assert [job] == [json.loads(line[6:]) for line in reads["stream"].splitlines() if line.startswith("data: ")]


def test_a_new_request_makes_a_new_job(unfinalized: Unfinalized, outcome: str) -> None:
    """Neither its user's nor another's joins the run that is over; its end is written first."""
    mine, theirs = (
        unfinalized.ask(("POST", PROCESS), user=user, json={"isbn": ISBN})[0]
        for user in (unfinalized.ada, unfinalized.bob)
    )

    first, second, third = unfinalized.rows()
    assert [(202, "pending")] * 2 == [(answer.status_code, answer.json()["status"]) for answer in (mine, theirs)]
    assert (outcome, None, None) == (first.outcome, second.outcome, third.outcome)
    assert first.run_id != second.run_id == third.run_id


def test_a_retry_finds_the_job_ended(unfinalized: Unfinalized, outcome: str) -> None:
    """What failed or was cancelled is retried with another run, at once."""
    [before] = unfinalized.rows()

    [answer] = unfinalized.ask(("POST", f"/api/v1/jobs/{unfinalized.job_id}/retry"))

    if outcome == "completed":
        assert (409, "NOTHING_TO_RETRY") == code(answer)
    else:
        assert (202, "pending") == (answer.status_code, answer.json()["status"])
        assert before.run_id != answer.json()["run_id"]


def test_an_ended_job_cannot_be_cancelled(unfinalized: Unfinalized, outcome: str) -> None:
    """The end that reads have shown is final, also while another job waits for the same run."""
    unfinalized.share_run(unfinalized.bob)

    [answer] = unfinalized.ask(("POST", f"/api/v1/jobs/{unfinalized.job_id}/cancel"))

    assert (409, "JOB_FINISHED") == code(answer)
    assert [outcome, outcome] == [row.outcome for row in unfinalized.rows()]


@pytest.mark.parametrize("outcome", ["completed"])
def test_an_ended_job_does_not_count_against_the_limit(unfinalized: Unfinalized) -> None:
    """Whoever waited for the end may request the next book at once."""
    limited = replace(unfinalized, settings=unfinalized.settings.model_copy(update={"max_jobs_per_user": 1}))

    [answer] = limited.ask(("POST", PROCESS), json={"isbn": "9780140328721"})

    assert 202 == answer.status_code, answer.text


@pytest.mark.parametrize("outcome", ["completed"])
def test_a_book_whose_job_has_ended_can_be_deleted(unfinalized: Unfinalized) -> None:
    """It is not being made any more."""
    with closing(Database(unfinalized.settings.library_url)) as database, database.session() as session:
        book = book_row(ISBN)
        book.isbns.append(BookISBNRow(isbn=ISBN, type="isbn_13"))
        session.add(book)
        session.flush()
        path = f"/api/v1/books/{book.id}"

    [answer] = unfinalized.ask(("DELETE", path))

    assert 204 == answer.status_code, answer.text


@pytest.mark.parametrize("outcome", ["completed"])
def test_the_end_is_streamed_once(unfinalized: Unfinalized) -> None:
    """The response is 204, after which clients do not reconnect."""
    path = f"/api/v1/jobs/{unfinalized.job_id}/events"

    [answer] = unfinalized.ask(("GET", path), headers={"Last-Event-ID": "1.end"})

    assert 204 == answer.status_code
