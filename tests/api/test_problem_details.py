"""Errors as problem details (RFC 9457), for clients that ask for them."""

from collections.abc import Iterator

import httpx
import pytest
from litestar import get
from litestar.testing import TestClient

from bookbytes_api.accounts.limits import PER_ACCOUNT
from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.error_schemas import PROBLEM_JSON, prefers_problem_details
from bookbytes_api.web.request_log import LoggedApp
from tests.api.client import Api, offline_settings, serving_api

ACCEPT = {"Accept": PROBLEM_JSON}
LOGIN = "/api/v1/auth/login"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all of these tests."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.mark.parametrize(
    ("accept", "preferred"),
    [
        ("application/problem+json", True),
        ("Application/Problem+JSON; charset=utf-8", True),
        ("application/problem+json;q=0.5, application/json;q=0.4", True),
        ("application/problem+json, */*;q=0.8", True),
        ("application/problem+json;q=0.5", True),
        ("application/json, application/problem+json", True),
        ("", False),
        ("*/*", False),
        ("application/*", False),
        ("application/json", False),
        ("text/html, */*", False),
        ("application/problem+json;q=0", False),
        ("application/problem+json;q=0.5, application/json", False),
        ("application/problem+json;q=0.5, */*", False),
        ("application/problem+json;q=0.5, application/*;q=0.6", False),
        ("application/json;q=0.1, application/problem+json;q=0.2, */*", True),
        ("application/problem+json;q=inf", False),
        ("application/problem+json;q=nan", False),
        ("application/problem+json;q=2", False),
        (";q=1,,;", False),
    ],
)
def test_accept_decides(accept: str, *, preferred: bool) -> None:
    """Problem details have to be named, and plain JSON must not be preferred."""
    assert preferred == prefers_problem_details(accept)


def test_an_unknown_path_is_a_problem(api: Api) -> None:
    """Every member is there, and the path without its query as the instance."""
    answer = api.client.get("/no where?token=secret", headers={**ACCEPT, "X-Request-ID": "number-1"})

    expected = {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": "/no%20where",
        "code": "NOT_FOUND",
        "request_id": "number-1",
    }
    assert (404, PROBLEM_JSON, "Accept") == _head(answer)
    assert expected == answer.json()


def test_other_clients_get_the_usual_format(api: Api) -> None:
    """The response tells caches that the format depends on Accept."""
    answer = api.client.get("/nowhere", headers={"Accept": "*/*"})

    assert (404, "application/json", "Accept") == _head(answer)
    assert {"error"} == set(answer.json())


def test_a_missing_token_is_a_problem(api: Api) -> None:
    """The challenge is sent with either format."""
    answer = api.client.get("/api/v1/jobs", headers=ACCEPT)

    assert (401, PROBLEM_JSON, "Accept") == _head(answer)
    assert ("NOT_AUTHENTICATED", "Bearer") == (answer.json()["code"], answer.headers["WWW-Authenticate"])


def test_an_invalid_body_is_a_problem(api: Api) -> None:
    """Its fields are in the details, as in the usual format."""
    answer = api.client.post("/api/v1/auth/register", json={"email": "ada@example.org"}, headers=ACCEPT)

    assert (422, PROBLEM_JSON, "Accept") == _head(answer)
    assert "INVALID_PASSWORD" == answer.json()["code"]
    assert [{"message": "password is required.", "field": "password"}] == answer.json()["details"]


def test_too_many_attempts_are_a_problem(api: Api) -> None:
    """With the time until the next attempt."""
    credentials = {"email": "bob@example.org", "password": "a guess"}
    answers = [api.client.post(LOGIN, json=credentials, headers=ACCEPT) for _ in range(PER_ACCOUNT.amount + 1)]

    assert (429, PROBLEM_JSON, "Accept") == _head(answers[-1])
    assert "RATE_LIMITED" == answers[-1].json()["code"]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_an_unexpected_error_is_a_problem() -> None:
    """The cause is not shown."""

    @get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    with TestClient(LoggedApp([broken], exception_handlers=HANDLERS), raise_server_exceptions=False) as client:
        answer = client.get("/broken", headers=ACCEPT)

    assert (500, PROBLEM_JSON, "Accept") == _head(answer)
    assert ("UNEXPECTED", "Internal Server Error") == (answer.json()["code"], answer.json()["title"])


def _head(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["Content-Type"].partition(";")[0], answer.headers["Vary"]
