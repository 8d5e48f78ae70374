"""A file of a whole book that somebody asks for: with a real Dagster."""

from collections.abc import Iterator

import httpx
import pytest

from bookbytes_api.app import services_of
from bookbytes_pipeline.constants import BOOK_FILE_JOB
from tests.api.client import Api, User, serving_live, wait_for
from tests.dagster_stack.dagster import RunningDagster, running_dagster


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDagster]:
    """A real Dagster on SQLite."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DAGSTER_HOME", raising=False)
        with running_dagster(tmp_path_factory.mktemp("dagster")) as running:
            yield running


@pytest.fixture
def api(dagster: RunningDagster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API on it, listening."""
    monkeypatch.delenv("DAGSTER_HOME")
    with serving_live(dagster.settings) as running:
        yield running


def test_a_download_is_made_when_it_is_asked_for(dagster: RunningDagster, api: Api) -> None:
    """First 202, however often; then the file, from one run; the job of the book knows nothing of it."""
    ada, book = api.user(), dagster.book()
    job = api.ask("POST", "/api/v1/books/process", ada, json={"isbn": book.isbn}).json()["job_id"]
    wait_for(lambda: api.ask("GET", f"/api/v1/jobs/{job}", ada).json()["status"] == "completed")
    book_id = api.ask("GET", f"/api/v1/books/isbn/{book.isbn}", ada).json()["id"]
    path = f"/api/v1/books/{book_id}/download?format=m4b"

    first = [api.ask("GET", path, ada) for _ in range(3)]
    file = wait_for(lambda: _sent(api, path, ada))

    assert [(202, "5", "5")] * 3 == [
        (answer.status_code, answer.headers["Retry-After"], answer.headers["Refresh"]) for answer in first
    ]
    assert {"format": "m4b", "url": path} == first[0].json()
    assert b"ftypM4A " == file.content[4:12]
    (listed,) = api.ask("GET", f"/api/v1/books/{book_id}", ada).json()["files"]
    assert len(file.content) == listed["bytes"]
    runs = services_of(api.app).runs
    wait_for(lambda: runs.count_unfinished(BOOK_FILE_JOB) == 0)
    assert 1 == dagster_runs(api).count(BOOK_FILE_JOB)

    again = api.ask("POST", "/api/v1/books/process", ada, json={"isbn": book.isbn, "force": True})
    assert again.status_code == 202, again.text
    wait_for(lambda: dagster_runs(api).count(BOOK_FILE_JOB) == 2)  # of the sensor: the book had such a file
    wait_for(lambda: runs.count_unfinished(BOOK_FILE_JOB) == 0)
    assert api.ask("GET", path, ada).status_code == 200


def _sent(api: Api, path: str, user: User) -> httpx.Response | None:
    answer = api.ask("GET", path, user)
    return answer if answer.status_code == 200 else None


def dagster_runs(api: Api) -> list[str]:
    """The names of the jobs of all runs."""
    instance = services_of(api.app).runs._connection.instance  # noqa: SLF001 - the one that the API itself has
    return [run.job_name for run in instance.get_runs()]
