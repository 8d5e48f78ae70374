"""Requests for books while no runs are executed: which jobs there are, whose they are, and how many."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from sqlalchemy import select, update

from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.reader import RunReader
from bookbytes_pipeline.constants import JOB
from tests.api.client import Api, User, code, offline_settings, serving_api, wait_for
from tests.api.factories import RIVERS, numbered_book, publish_book
from tests.dagster_stack.books import isbn_of

ISBN = "9780306406157"
PROCESS = "/api/v1/books/process"


def request_book(api: Api, user: User, isbn: str = ISBN, **more: bool | float | str | None) -> dict[str, str]:
    """The response to a user's request."""
    answer = api.ask("POST", PROCESS, user, json={"isbn": isbn, **more})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def rows(api: Api) -> list[JobRow]:
    """All jobs as they are stored."""
    with api.database.session() as session:
        return list(session.scalars(select(JobRow).order_by(JobRow.created_at)))


def test_a_request_becomes_a_job_that_waits(api: Api) -> None:
    """Dagster is unavailable: the job is stored as pending, with the id that its run will have."""
    ada = api.user()

    accepted = request_book(api, ada, "0-306-40615-2")
    job = api.ask("GET", f"/api/v1/jobs/{accepted['job_id']}", ada).json()

    assert ("pending", ISBN) == (accepted["status"], accepted["isbn"])
    assert ("pending", "queued", 0, ISBN) == (job["status"], job["current_step"], job["progress"], job["isbn"])
    assert (None, None, None) == (job["book_id"], job["error"], job["started_at"])
    assert (None, [], None) == (job["title"], job["authors"], job["current_chapter"])
    assert "process_book" == job["type"]
    assert job["run_id"]


def test_the_same_request_twice_is_one_job(api: Api) -> None:
    """As long as it is unfinished."""
    ada = api.user()

    assert request_book(api, ada) == request_book(api, ada, "978-0-306-40615-7")


def test_two_users_who_request_the_same_book_share_a_run(api: Api) -> None:
    """Each has a job of their own; neither sees the other's job, and without a token nobody sees one."""
    ada, bob = api.user("ada"), api.user("bob")

    hers, his = request_book(api, ada), request_book(api, bob)

    assert hers["job_id"] != his["job_id"]
    assert 1 == len({row.run_id for row in rows(api)})
    assert (404, "JOB_NOT_FOUND") == code(api.ask("GET", f"/api/v1/jobs/{hers['job_id']}", bob))
    assert (404, "JOB_NOT_FOUND") == code(api.ask("GET", f"/api/v1/jobs/{hers['job_id']}/events", bob))
    assert (404, "JOB_NOT_FOUND") == code(api.ask("POST", f"/api/v1/jobs/{hers['job_id']}/cancel", bob))
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", f"/api/v1/jobs/{hers['job_id']}/events"))
    assert [his["job_id"]] == [job["id"] for job in api.ask("GET", "/api/v1/jobs", bob).json()["items"]]


def test_fifty_requests_at_once_are_one_job_per_user_and_one_run(api: Api) -> None:
    """Two users send twenty-five requests each."""
    users = [api.user("ada"), api.user("bob")]

    with ThreadPoolExecutor(10) as threads:
        accepted_jobs = list(threads.map(lambda number: request_book(api, users[number % 2]), range(50)))

    assert 2 == len({accepted["job_id"] for accepted in accepted_jobs})
    assert 1 == len({row.run_id for row in rows(api)})
    assert 2 == len(rows(api))


def test_a_published_book_is_a_finished_job(api: Api) -> None:
    """Nothing is processed; the job names the book at once."""
    ada = api.user()
    book_id = publish_book(api.settings)

    accepted = request_book(api, ada, RIVERS.isbn)
    job = api.ask("GET", f"/api/v1/jobs/{accepted['job_id']}", ada).json()

    assert "completed" == accepted["status"]
    assert ("completed", 100, None) == (job["status"], job["progress"], job["run_id"])
    assert (str(book_id), RIVERS.title, [RIVERS.author]) == (job["book_id"], job["title"], job["authors"])


def test_force_is_for_administrators(api: Api) -> None:
    """It changes what all users hear."""
    ada, bob = api.user("ada"), api.user("bob")
    publish_book(api.settings)

    assert (403, "ADMINISTRATOR_NEEDED") == code(
        api.ask("POST", PROCESS, bob, json={"isbn": RIVERS.isbn, "force": True})
    )
    assert "pending" == request_book(api, ada, RIVERS.isbn, force=True)["status"]


def test_a_length_is_a_number_of_minutes_from_1_to_10(api: Api) -> None:
    """Anything else is refused before there is a job; null is as if it were not there."""
    ada = api.user()

    for minutes in (0.5, 11, -3, 0, "3", "x", True, [3]):
        answer = api.ask("POST", PROCESS, ada, json={"isbn": ISBN, "minutes": minutes})
        assert (422, "INVALID_MINUTES") == code(answer), minutes
    assert [] == rows(api)
    for number, minutes in enumerate((None, 1, 2.5, 10)):
        request_book(api, ada, isbn_of(number), minutes=minutes)
    assert [None, 1, 2.5, 10] == [row.minutes for row in rows(api)]


def test_a_published_book_of_the_length_that_is_wanted_is_a_finished_job(api: Api) -> None:
    """The length that was chosen for it, else the usual one; somebody who does not care gets either."""
    bob = [api.user("ada"), api.user("bob")][1]
    publish_book(api.settings)
    publish_book(api.settings, numbered_book(1), minutes=5)

    wanted: list[tuple[str, float | None]] = [(RIVERS.isbn, 3), (RIVERS.isbn, None)]
    wanted += [(numbered_book(1).isbn, 5), (numbered_book(1).isbn, None)]

    assert ["completed"] * 4 == [request_book(api, bob, isbn, minutes=minutes)["status"] for isbn, minutes in wanted]


def test_the_length_of_a_published_book_is_changed_by_administrators(api: Api) -> None:
    """It changes what all users hear."""
    ada, bob = api.user("ada"), api.user("bob")
    publish_book(api.settings)
    publish_book(api.settings, numbered_book(1), minutes=5)

    for isbn, minutes in ((RIVERS.isbn, 5), (numbered_book(1).isbn, 3)):
        refused = api.ask("POST", PROCESS, bob, json={"isbn": isbn, "minutes": minutes})
        assert (403, "ADMINISTRATOR_NEEDED") == code(refused)
        assert "pending" == request_book(api, ada, isbn, minutes=minutes)["status"]


def test_jobs_with_other_lengths_do_not_share_a_run(api: Api) -> None:
    """Those with the same length do, and a job without one joins any."""
    users = [api.user(name) for name in ("ada", "bob", "eve", "zoe")]

    for user, minutes in zip(users, (5, 7, 5, None), strict=True):
        request_book(api, user, minutes=minutes)

    five, seven, also_five, any_length = (row.run_id for row in rows(api))
    assert five == also_five != seven
    assert any_length in {five, seven}


def test_a_length_is_not_joined_to_a_run_without_one(api: Api) -> None:
    """That run makes what is usual."""
    ada, bob = api.user("ada"), api.user("bob")

    request_book(api, ada)
    request_book(api, bob, minutes=5)

    assert 2 == len({row.run_id for row in rows(api)})


def test_a_retry_keeps_the_length(api: Api) -> None:
    """And joins no run of another length."""
    ada, bob = api.user("ada"), api.user("bob")
    hers = request_book(api, ada, minutes=5)["job_id"]
    _fail(api)
    request_book(api, bob, minutes=7)

    assert 202 == api.ask("POST", f"/api/v1/jobs/{hers}/retry", ada).status_code
    assert [(5, 2), (7, 1)] == [(row.minutes, row.attempt) for row in rows(api)]
    assert 2 == len({row.run_id for row in rows(api)})


def test_a_retry_does_not_change_a_book_that_was_published_meanwhile(api: Api) -> None:
    """Unless an administrator retries it, or the book has that length."""
    ada, bob = api.user("ada"), api.user("bob")
    his, hers = (request_book(api, user, RIVERS.isbn, minutes=5)["job_id"] for user in (bob, ada))
    _fail(api)
    publish_book(api.settings)

    assert (403, "ADMINISTRATOR_NEEDED") == code(api.ask("POST", f"/api/v1/jobs/{his}/retry", bob))
    assert 202 == api.ask("POST", f"/api/v1/jobs/{hers}/retry", ada).status_code
    publish_book(api.settings, minutes=5)
    assert 202 == api.ask("POST", f"/api/v1/jobs/{his}/retry", bob).status_code


def _fail(api: Api) -> None:
    """End all jobs."""
    with api.database.session() as session:
        session.execute(update(JobRow).values(outcome="failed"))


def test_a_run_that_does_less_is_not_shared(api: Api) -> None:
    """A forced request does not join the run of a plain one; the other way round is fine."""
    ada, bob = api.user("ada"), api.user("bob")

    request_book(api, bob)
    request_book(api, ada, force=True)
    plain, forced = (row.run_id for row in rows(api)[:2])

    assert plain != forced


def test_a_user_has_no_more_unfinished_jobs_than_allowed(tmp_path: Path, database_url: str) -> None:
    """Each costs money; twenty requests at once do not exceed the limit."""
    with serving_api(offline_settings(tmp_path, database_url, max_jobs_per_user=3)) as api:
        ada = api.user()
        isbns = [isbn_of(number) for number in range(1, 21)]

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda isbn: api.ask("POST", PROCESS, ada, json={"isbn": isbn}), isbns))

        refused = [code(answer) for answer in answers if answer.status_code != 202]
        assert [(429, "TOO_MANY_JOBS")] * 17 == refused
        assert 3 == api.ask("GET", "/api/v1/jobs", ada).json()["total"]


def test_a_job_that_has_not_started_is_cancelled(api: Api) -> None:
    """Nothing was launched, so nothing has to stop; it can be retried, with another run."""
    ada = api.user()
    path = f"/api/v1/jobs/{request_book(api, ada)['job_id']}"
    before = api.ask("GET", path, ada).json()

    answer = api.ask("POST", f"{path}/cancel", ada)
    cancelled = wait_for(lambda: (job := api.ask("GET", path, ada).json())["completed_at"] and job)
    retried = api.ask("POST", f"{path}/retry", ada)

    assert (202, None) == (answer.status_code, before["completed_at"])
    assert ("cancelled", None) == (cancelled["status"], cancelled["error"])
    assert (202, "pending", None) == (retried.status_code, retried.json()["status"], retried.json()["completed_at"])
    assert before["run_id"] != retried.json()["run_id"]


def test_cancelling_a_job_leaves_the_run_to_the_other_jobs(api: Api) -> None:
    """One of two jobs is cancelled at once; the other one stays."""
    ada, bob = api.user("ada"), api.user("bob")
    hers, his = request_book(api, ada)["job_id"], request_book(api, bob)["job_id"]

    cancelled = api.ask("POST", f"/api/v1/jobs/{hers}/cancel", ada)

    assert (202, "cancelled") == (cancelled.status_code, cancelled.json()["status"])
    assert "pending" == api.ask("GET", f"/api/v1/jobs/{his}", bob).json()["status"]
    assert (409, "JOB_FINISHED") == code(api.ask("POST", f"/api/v1/jobs/{hers}/cancel", ada))


def test_only_failed_or_cancelled_jobs_are_retried(api: Api) -> None:
    """Neither an unfinished job nor a completed one."""
    ada = api.user()
    waiting = request_book(api, ada, isbn_of(1))["job_id"]
    publish_book(api.settings)
    done = request_book(api, ada, RIVERS.isbn)["job_id"]

    assert (409, "NOTHING_TO_RETRY") == code(api.ask("POST", f"/api/v1/jobs/{waiting}/retry", ada))
    assert (409, "NOTHING_TO_RETRY") == code(api.ask("POST", f"/api/v1/jobs/{done}/retry", ada))


def test_jobs_come_in_pages_newest_first(api: Api) -> None:
    """With their total, and by status."""
    ada = api.user()
    accepted = [request_book(api, ada, isbn_of(number))["job_id"] for number in range(1, 6)]
    with api.database.session() as session:
        for row in session.scalars(select(JobRow).order_by(JobRow.created_at).limit(2)):
            row.outcome = "failed"

    second = api.ask("GET", "/api/v1/jobs?page=2&size=2", ada).json()
    failed = api.ask("GET", "/api/v1/jobs?status=failed", ada).json()
    pending = api.ask("GET", "/api/v1/jobs?status=pending&size=2", ada).json()

    assert ([accepted[2], accepted[1]], 5, 2, 2) == (
        [job["id"] for job in second["items"]],
        second["total"],
        second["page"],
        second["size"],
    )
    assert ([accepted[1], accepted[0]], 2) == ([job["id"] for job in failed["items"]], failed["total"])
    assert ([accepted[4], accepted[3]], 3) == ([job["id"] for job in pending["items"]], pending["total"])


def test_a_published_book_is_one_job_however_often_it_is_requested(api: Api) -> None:
    """Nothing is processed, so no further job is stored."""
    ada = api.user()
    publish_book(api.settings)

    assert 1 == len({request_book(api, ada)["job_id"] for _ in range(3)})


def test_a_run_that_was_created_but_never_queued_is_cancelled(api: Api) -> None:
    """The API stopped between creating the run and recording that: cancelling the job still ends it."""
    ada = api.user()
    path = f"/api/v1/jobs/{request_book(api, ada)['job_id']}"
    run_id = api.ask("GET", path, ada).json()["run_id"]
    with closing(Connection(api.settings)) as connection:
        connection.instance.add_run(dg.DagsterRun(JOB, run_id=run_id, status=dg.DagsterRunStatus.NOT_STARTED))

    api.ask("POST", f"{path}/cancel", ada)

    assert wait_for(lambda: api.ask("GET", path, ada).json()["status"] == "cancelled")


def test_listeners_get_heartbeats(api: Api) -> None:
    """Before proxies take the connection for dead, although nothing has happened."""
    request_book(api, api.user())
    [job] = rows(api)

    async def received() -> set[bool]:
        broadcaster = JobBroadcaster(api.database, RunReader(connection), heartbeat_s=0)
        async with aclosing(broadcaster.follow(job, None)) as updates:
            return {await anext(updates) is None for _ in range(3)}

    with closing(Connection(api.settings)) as connection:
        assert {False, True} == asyncio.run(received())


def test_an_unreadable_dagster_configuration_does_not_stop_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Jobs wait, and readiness reports the reason."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("run_queue: [")
    with serving_api(offline_settings(tmp_path / "home", database_url)) as api:
        assert "pending" == request_book(api, api.user())["status"]
        ready = api.client.get("/health/ready")

    assert (503, True) == (ready.status_code, "cannot be opened" in ready.json()["checks"]["dagster"])


def test_an_unknown_job_is_not_found(api: Api) -> None:
    """Whatever the operation."""
    ada = api.user()
    path = f"/api/v1/jobs/{uuid4()}"

    requests = [("GET", path), ("GET", f"{path}/events"), ("POST", f"{path}/cancel"), ("POST", f"{path}/retry")]

    assert {(404, "JOB_NOT_FOUND")} == {code(api.ask(method, target, ada)) for method, target in requests}
