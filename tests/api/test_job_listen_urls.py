"""Chapters of a job can be listened to by an address alone, which is made for whoever asks."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from bookbytes_api.jobs.models import COMPLETED, JobRow
from tests.api.client import Api, User
from tests.api.factories import ISBN, SOUND, publish_book
from tests.api.streams import events_of


def _completed_job(api: Api, user: User) -> str:
    """The path of a job of this user whose book is in the library."""
    with api.database.session() as session:
        job = JobRow(user_id=UUID(user.id), isbn=ISBN, run_id=str(UUID(int=1)), request_id="r", outcome=COMPLETED)
        session.add(job)
        session.flush()
        return f"/api/v1/jobs/{job.id}"


def _listeners(chapters: list[dict[str, str]]) -> list[str | None]:
    """Whose permission the addresses are, and None for those that are not there."""
    urls = [chapter["listen_url"] for chapter in chapters]
    return [parse_qs(urlsplit(url).query)["listener"][0] if url else None for url in urls]


def test_every_answer_about_a_job_has_addresses_of_whoever_asks(api: Api) -> None:
    """The job, the list of jobs and the stream; null where there is no clip."""
    publish_book(api.settings)
    for user in (api.user("ada"), api.user("bob")):
        path = _completed_job(api, user)

        job = api.ask("GET", path, user).json()
        [listed] = api.ask("GET", "/api/v1/jobs", user).json()["items"]
        with api.client.stream("GET", f"{path}/events", headers=user.headers) as stream:
            [event] = events_of(stream)

        assert job["chapters"] == listed["chapters"] == event["data"]["chapters"]
        assert [user.id, None, user.id] == _listeners(job["chapters"])
        assert SOUND == api.ask("GET", job["chapters"][0]["listen_url"]).content


def test_a_token_that_may_not_listen_is_given_no_address(api: Api) -> None:
    """It sees which chapters are ready."""
    publish_book(api.settings)
    ada = api.user()
    token = api.ask("POST", "/api/v1/auth/tokens", ada, json={"name": "x", "scope": "read"}).json()["token"]

    job = api.ask("GET", _completed_job(api, ada), headers={"Authorization": f"Bearer {token}"}).json()

    assert [None] * 3 == _listeners(job["chapters"])
    assert ["ready", "missing", "ready"] == [chapter["state"] for chapter in job["chapters"]]
