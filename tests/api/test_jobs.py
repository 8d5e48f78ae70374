"""Asking for books while nothing makes them: what jobs there are, whose they are, and how many."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from sqlalchemy import select

from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.reader import RunReader
from bookbytes_pipeline.constants import JOB
from tests.api.client import Api, User, code, offline_settings, serving_api, wait_for
from tests.api.factories import RIVERS, shelve
from tests.dagster_stack.books import isbn_of

ISBN = "9780306406157"
PROCESS = "/api/v1/books/process"


def wish(api: Api, user: User, isbn: str = ISBN, **more: bool) -> dict[str, str]:
    """The answer to a person's wish."""
    answer = api.ask("POST", PROCESS, user, json={"isbn": isbn, **more})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def rows(api: Api) -> list[JobRow]:
    """All jobs as they are kept."""
    with api.database.session() as session:
        return list(session.scalars(select(JobRow).order_by(JobRow.created_at)))


def test_a_wish_becomes_a_job_that_waits(api: Api) -> None:
    """Dagster is away: the job is kept as pending, with the run id under which it will be made."""
    ada = api.user()

    wished = wish(api, ada, "0-306-40615-2")
    job = api.ask("GET", f"/api/v1/jobs/{wished['job_id']}", ada).json()

    assert ("pending", ISBN) == (wished["status"], wished["isbn"])
    assert ("pending", "queued", 0, ISBN) == (job["status"], job["current_step"], job["progress"], job["isbn"])
    assert (None, None, None) == (job["book_id"], job["error"], job["started_at"])
    assert "process_book" == job["type"]
    assert job["run_id"]


def test_the_same_wish_twice_is_one_job(api: Api) -> None:
    """As long as it is unfinished."""
    ada = api.user()

    assert wish(api, ada) == wish(api, ada, "978-0-306-40615-7")


def test_two_people_who_want_the_same_book_share_a_run(api: Api) -> None:
    """Each has a job of their own; neither sees the other's."""
    ada, bob = api.user("ada"), api.user("bob")

    hers, his = wish(api, ada), wish(api, bob)

    assert hers["job_id"] != his["job_id"]
    assert 1 == len({row.run_id for row in rows(api)})
    assert (404, "JOB_NOT_FOUND") == code(api.ask("GET", f"/api/v1/jobs/{hers['job_id']}", bob))
    assert (404, "JOB_NOT_FOUND") == code(api.ask("GET", f"/api/v1/jobs/{hers['job_id']}/events", bob))
    assert (404, "JOB_NOT_FOUND") == code(api.ask("POST", f"/api/v1/jobs/{hers['job_id']}/cancel", bob))
    assert [his["job_id"]] == [job["id"] for job in api.ask("GET", "/api/v1/jobs", bob).json()["items"]]


def test_fifty_at_once_are_one_job_each_and_one_run(api: Api) -> None:
    """Two people press the button twenty-five times each."""
    people = [api.user("ada"), api.user("bob")]

    with ThreadPoolExecutor(10) as threads:
        wishes = list(threads.map(lambda number: wish(api, people[number % 2]), range(50)))

    assert 2 == len({wished["job_id"] for wished in wishes})
    assert 1 == len({row.run_id for row in rows(api)})
    assert 2 == len(rows(api))


def test_a_published_book_is_a_finished_job(api: Api) -> None:
    """Nothing is made; the job leads to the book at once."""
    ada = api.user()
    book_id = shelve(api.settings)

    wished = wish(api, ada, RIVERS.isbn)
    job = api.ask("GET", f"/api/v1/jobs/{wished['job_id']}", ada).json()

    assert "completed" == wished["status"]
    assert ("completed", 100, None) == (job["status"], job["progress"], job["run_id"])
    assert str(book_id) == job["book_id"]


def test_making_a_book_anew_is_for_administrators(api: Api) -> None:
    """It changes what everybody hears."""
    ada, bob = api.user("ada"), api.user("bob")
    shelve(api.settings)

    assert (403, "ADMINISTRATOR_NEEDED") == code(
        api.ask("POST", PROCESS, bob, json={"isbn": RIVERS.isbn, "force": True})
    )
    assert "pending" == wish(api, ada, RIVERS.isbn, force=True)["status"]


def test_a_run_that_does_less_is_not_shared(api: Api) -> None:
    """Who wants the book anew does not join somebody who wants it as it is; the other way round is fine."""
    ada, bob = api.user("ada"), api.user("bob")

    wish(api, bob)
    wish(api, ada, force=True)
    plain, anew = (row.run_id for row in rows(api)[:2])

    assert plain != anew


def test_nobody_has_more_unfinished_jobs_than_allowed(tmp_path: Path, database_url: str) -> None:
    """Each costs money; when one is given up there is room again. A hundred at once get no further."""
    with serving_api(offline_settings(tmp_path, database_url, max_jobs_per_user=3)) as api:
        ada = api.user()
        isbns = [isbn_of(number) for number in range(1, 21)]

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda isbn: api.ask("POST", PROCESS, ada, json={"isbn": isbn}), isbns))

        refused = [code(answer) for answer in answers if answer.status_code != 202]
        assert [(429, "TOO_MANY_JOBS")] * 17 == refused
        assert 3 == api.ask("GET", "/api/v1/jobs", ada).json()["total"]


def test_a_job_that_has_not_begun_is_cancelled(api: Api) -> None:
    """Nothing was launched, so nothing has to stop; it can be retried, with another run."""
    ada = api.user()
    path = f"/api/v1/jobs/{wish(api, ada)['job_id']}"
    before = api.ask("GET", path, ada).json()

    answer = api.ask("POST", f"{path}/cancel", ada)
    cancelled = wait_for(lambda: (job := api.ask("GET", path, ada).json())["completed_at"] and job)
    retried = api.ask("POST", f"{path}/retry", ada)

    assert (202, None) == (answer.status_code, before["completed_at"])
    assert ("cancelled", None) == (cancelled["status"], cancelled["error"])
    assert (202, "pending", None) == (retried.status_code, retried.json()["status"], retried.json()["completed_at"])
    assert before["run_id"] != retried.json()["run_id"]


def test_giving_up_leaves_the_run_to_those_who_wait(api: Api) -> None:
    """One of two is out at once; the other's job stays."""
    ada, bob = api.user("ada"), api.user("bob")
    hers, his = wish(api, ada)["job_id"], wish(api, bob)["job_id"]

    gone = api.ask("POST", f"/api/v1/jobs/{hers}/cancel", ada)

    assert (202, "cancelled") == (gone.status_code, gone.json()["status"])
    assert "pending" == api.ask("GET", f"/api/v1/jobs/{his}", bob).json()["status"]
    assert (409, "JOB_FINISHED") == code(api.ask("POST", f"/api/v1/jobs/{hers}/cancel", ada))


def test_only_what_failed_is_tried_again(api: Api) -> None:
    """Not a job that goes on, nor one that is done."""
    ada = api.user()
    waiting = wish(api, ada, isbn_of(1))["job_id"]
    shelve(api.settings)
    done = wish(api, ada, RIVERS.isbn)["job_id"]

    assert (409, "NOTHING_TO_RETRY") == code(api.ask("POST", f"/api/v1/jobs/{waiting}/retry", ada))
    assert (409, "NOTHING_TO_RETRY") == code(api.ask("POST", f"/api/v1/jobs/{done}/retry", ada))


def test_jobs_come_in_pages_newest_first(api: Api) -> None:
    """With their number in all, and by status."""
    ada = api.user()
    wished = [wish(api, ada, isbn_of(number))["job_id"] for number in range(1, 6)]
    with api.database.session() as session:
        for row in session.scalars(select(JobRow).order_by(JobRow.created_at).limit(2)):
            row.outcome = "failed"

    second = api.ask("GET", "/api/v1/jobs?page=2&size=2", ada).json()
    failed = api.ask("GET", "/api/v1/jobs?status=failed", ada).json()
    pending = api.ask("GET", "/api/v1/jobs?status=pending&size=2", ada).json()

    assert ([wished[2], wished[1]], 5, 2, 2) == (
        [job["id"] for job in second["items"]],
        second["total"],
        second["page"],
        second["size"],
    )
    assert ([wished[1], wished[0]], 2) == ([job["id"] for job in failed["items"]], failed["total"])
    assert ([wished[4], wished[3]], 3) == ([job["id"] for job in pending["items"]], pending["total"])


def test_a_book_that_is_there_is_one_job_however_often_it_is_wished_for(api: Api) -> None:
    """Nothing is made, so nothing more is kept."""
    ada = api.user()
    shelve(api.settings)

    assert 1 == len({wish(api, ada)["job_id"] for _ in range(3)})


def test_a_run_that_was_made_but_never_queued_is_given_up(api: Api) -> None:
    """The API ended between making the run and noting that: the job ends all the same when it is cancelled."""
    ada = api.user()
    path = f"/api/v1/jobs/{wish(api, ada)['job_id']}"
    run_id = api.ask("GET", path, ada).json()["run_id"]
    with closing(Connection(api.settings)) as connection:
        connection.instance.add_run(dg.DagsterRun(JOB, run_id=run_id, status=dg.DagsterRunStatus.NOT_STARTED))

    api.ask("POST", f"{path}/cancel", ada)

    assert wait_for(lambda: api.ask("GET", path, ada).json()["status"] == "cancelled")


def test_whoever_listens_hears_that_nothing_has_happened(api: Api) -> None:
    """Before proxies take the connection for dead."""
    wish(api, api.user())
    [job] = rows(api)

    async def heard() -> set[bool]:
        broadcaster = JobBroadcaster(api.database, RunReader(connection), heartbeat_s=0)
        async with aclosing(broadcaster.follow(job, None)) as sights:
            return {await anext(sights) is None for _ in range(3)}

    with closing(Connection(api.settings)) as connection:
        assert {False, True} == asyncio.run(heard())


def test_an_unreadable_dagster_keeps_nobody_from_wishing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Its configuration is broken: jobs wait, and whoever asks is told."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("run_queue: [")
    with serving_api(offline_settings(tmp_path / "home", database_url)) as api:
        assert "pending" == wish(api, api.user())["status"]
        ready = api.client.get("/health/ready")

    assert (503, True) == (ready.status_code, "cannot be opened" in ready.json()["checks"]["dagster"])


def test_an_unknown_job_is_not_found(api: Api) -> None:
    """Whatever is asked of it."""
    ada = api.user()
    path = f"/api/v1/jobs/{uuid4()}"

    asked = [("GET", path), ("GET", f"{path}/events"), ("POST", f"{path}/cancel"), ("POST", f"{path}/retry")]

    assert {(404, "JOB_NOT_FOUND")} == {code(api.ask(method, address, ada)) for method, address in asked}
