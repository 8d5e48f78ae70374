"""People: administrators see and change accounts, and everybody may close their own."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bookbytes_api.accounts.models import LoginSessionRow, PersonalAccessTokenRow, UserRow
from bookbytes_api.jobs.models import JobRow
from tests.api.client import PASSWORD, Api, User, code
from tests.api.factories import ISBN, publish_book
from tests.api.statements import statements_of_requests

USERS, ME, LOGIN, REGISTER = "/api/v1/users", "/api/v1/auth/me", "/api/v1/auth/login", "/api/v1/auth/register"
REFUSED, UNKNOWN = (403, "ADMINISTRATOR_NEEDED"), (401, "NOT_AUTHENTICATED")
ONLY = (409, "LAST_ADMINISTRATOR")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def ada(api: Api) -> User:
    """An administrator."""
    return api.user()


@pytest.fixture
def bob(api: Api, ada: User) -> User:  # noqa: ARG001 - the first user is the administrator
    """A user who is no administrator."""
    return api.user("bob")


def change(api: Api, administrator: User, user: User, **changes: bool) -> Any:
    """The answer to a change of this user's account."""
    return api.ask("PATCH", f"{USERS}/{user.id}", administrator, json=changes)


def close(api: Api, user: User, password: str = PASSWORD) -> Any:
    """The answer to closing the account."""
    return api.ask("DELETE", ME, user, json={"password": password})


def test_administrators_see_who_has_an_account(api: Api, ada: User, bob: User) -> None:
    """With what each may do, when they were last seen and how much they have asked for."""
    api.ask("POST", "/api/v1/books/process", bob, json={"isbn": ISBN})

    page = api.ask("GET", USERS, ada).json()

    assert (2, 1, 20) == (page["total"], page["page"], page["size"])
    shown = [(each["id"], each["is_admin"], each["jobs"]) for each in page["items"]]
    assert [(ada.id, True, 0), (bob.id, False, 1)] == shown
    fields = {"id", "email", "is_active", "is_admin", "created_at", "last_seen_at", "jobs"}
    assert [fields, fields] == [set(each) for each in page["items"]]
    assert all(each["last_seen_at"] for each in page["items"])


def test_who_was_never_here_was_never_seen(api: Api, ada: User) -> None:
    """An account alone is no visit."""
    api.client.post(REGISTER, json={"email": "zoe@example.org", "password": PASSWORD})

    assert api.ask("GET", f"{USERS}?size=1&page=2", ada).json()["items"][0]["last_seen_at"] is None


def test_a_page_takes_as_many_statements_for_many_people_as_for_one(api: Api, ada: User) -> None:
    """Jobs and visits are counted with the accounts."""
    counts = []
    for name in ("bob", "cy"):
        with statements_of_requests(api, "users", "jobs", "login_sessions", "personal_access_tokens") as statements:
            api.ask("GET", USERS, ada)
        counts.append(len(statements))
        api.user(name)

    assert 1 == len(set(counts))


def test_others_do_not(api: Api, ada: User, bob: User) -> None:
    """Nor can a personal access token, whoever made it."""
    secret = api.ask("POST", "/api/v1/auth/tokens", ada, json={"name": "script", "scope": "make"}).json()["token"]
    requests: list[tuple[str, str, dict[str, bool]]] = [
        ("GET", USERS, {}),
        ("PATCH", f"{USERS}/{ada.id}", {"is_admin": False}),
        ("POST", f"{USERS}/{ada.id}/password-reset", {}),
    ]
    for method, path, body in requests:
        assert REFUSED == code(api.ask(method, path, bob, json=body))
        answer = api.ask(method, path, json=body, headers={"Authorization": f"Bearer {secret}"})
        assert (403, "TOKEN_SCOPE_TOO_NARROW") == code(answer)


@pytest.mark.parametrize("path", [USERS, f"{USERS}/{NOBODY}", f"{USERS}/{NOBODY}/password-reset"])
def test_anybody_may_ask_for_the_methods_of_a_route(api: Api, path: str) -> None:
    """Browsers do, without a token, before they send a request of another site's page."""
    assert 204 == api.ask("OPTIONS", path).status_code


def test_an_administrator_is_made_and_unmade(api: Api, ada: User, bob: User) -> None:
    """From the next request on."""
    assert change(api, ada, bob, is_admin=True).json()["is_admin"]
    assert 200 == api.ask("GET", USERS, bob).status_code
    assert not change(api, bob, ada, is_admin=False).json()["is_admin"]
    assert REFUSED == code(api.ask("GET", USERS, ada))


@pytest.mark.parametrize(
    "changes", [{"is_admin": False}, {"is_active": False}, {"is_active": False, "is_admin": False}]
)
def test_one_administrator_stays(api: Api, ada: User, bob: User, changes: dict[str, bool]) -> None:
    """Somebody has to be able to undo it. Who is deactivated does not count."""
    change(api, ada, bob, is_admin=True)
    change(api, ada, bob, is_active=False)

    assert ONLY == code(change(api, ada, ada, **changes))
    assert 200 == api.ask("GET", USERS, ada).status_code


def test_a_deactivated_account_is_refused_at_every_kind_of_address(api: Api, ada: User, bob: User) -> None:
    """From the next request on: sessions, refresh tokens, personal access tokens and addresses of clips."""
    publish_book(api.settings)
    tokens = api.client.post(LOGIN, json={"email": bob.email, "password": PASSWORD}).json()
    secret = api.ask("POST", "/api/v1/auth/tokens", bob, json={"name": "feed", "scope": "listen"}).json()["token"]
    chapter = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", bob).json()["chapters"][0]

    def statuses() -> list[int]:
        bearers = [{"Authorization": f"Bearer {each}"} for each in (tokens["access_token"], secret)]
        urls = [chapter["listen_url"], f"{chapter['audio_url']}?token={secret}"]
        answers = [api.ask("GET", ME, headers=headers) for headers in bearers]
        return [answer.status_code for answer in [*answers, *(api.ask("GET", url) for url in urls)]]

    assert [200] * 4 == statuses()
    assert not change(api, ada, bob, is_active=False).json()["is_active"]
    assert [401] * 4 == statuses()
    refreshed = api.client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert (401, "SESSION_ENDED") == code(refreshed)
    change(api, ada, bob, is_active=True)
    assert [401, 200, 401, 200] == statuses()


@pytest.mark.parametrize("body", [{"is_admin": "true"}, {"is_active": 0}, []])
def test_a_change_is_read_strictly(api: Api, ada: User, bob: User, body: object) -> None:
    """What is no boolean is named."""
    assert 422 == api.ask("PATCH", f"{USERS}/{bob.id}", ada, json=body).status_code


def test_who_has_no_account_is_not_found(api: Api, ada: User) -> None:
    """Under every address."""
    path = f"{USERS}/{NOBODY}"
    answers = [api.ask("PATCH", path, ada, json={}), api.ask("POST", f"{path}/password-reset", ada)]

    assert [(404, "ACCOUNT_NOT_FOUND")] * 2 == [code(answer) for answer in answers]


def test_an_account_is_closed_by_its_owner(api: Api, ada: User, bob: User) -> None:
    """Everything that let somebody in goes with it, and the address is free again."""
    secret = api.ask("POST", "/api/v1/auth/tokens", bob, json={"name": "feed", "scope": "listen"}).json()["token"]
    api.ask("POST", f"{USERS}/{bob.id}/password-reset", ada)

    assert 204 == close(api, bob).status_code

    assert UNKNOWN == code(api.ask("GET", ME, bob))
    assert UNKNOWN == code(api.ask("GET", ME, headers={"Authorization": f"Bearer {secret}"}))
    with api.database.session() as session:
        for table in (LoginSessionRow, PersonalAccessTokenRow):
            assert not session.scalar(select(func.count()).where(table.user_id == UUID(bob.id)))
        assert 1 == session.scalar(select(func.count()).select_from(UserRow))
    again = api.client.post(REGISTER, json={"email": bob.email, "password": PASSWORD})
    assert (201, True) == (again.status_code, again.json()["id"] != bob.id)


def test_what_was_requested_stays_without_a_name(api: Api, ada: User, bob: User) -> None:
    """A job goes on; others who wait for the same book notice nothing, and the same person may ask again."""
    job = api.ask("POST", "/api/v1/books/process", bob, json={"isbn": ISBN}).json()["job_id"]
    of_ada = api.ask("POST", "/api/v1/books/process", ada, json={"isbn": ISBN}).json()["job_id"]

    assert 204 == close(api, bob).status_code

    again = api.registered_user("bob")
    assert (404, "JOB_NOT_FOUND") == code(api.ask("GET", f"/api/v1/jobs/{job}", again))
    assert 202 == api.ask("POST", "/api/v1/books/process", again, json={"isbn": ISBN}).status_code
    assert "pending" == api.ask("GET", f"/api/v1/jobs/{of_ada}", ada).json()["status"]
    with api.database.session() as session:
        row = session.get_one(JobRow, UUID(job))
        assert (None, None, ISBN) == (row.user_id, row.outcome, row.isbn)


def test_closing_needs_the_password(api: Api, bob: User) -> None:
    """Whoever found an open phone closes nothing."""
    assert (403, "WRONG_PASSWORD") == code(close(api, bob, "not it at all"))
    assert (422, "INVALID_PASSWORD") == code(api.ask("DELETE", ME, bob, json={}))
    assert 200 == api.ask("GET", ME, bob).status_code


def test_no_personal_token_changes_an_account(api: Api, bob: User) -> None:
    """Not even together with the password."""
    secret = api.ask("POST", "/api/v1/auth/tokens", bob, json={"name": "script", "scope": "make"}).json()["token"]
    headers = {"Authorization": f"Bearer {secret}"}
    changed = {"current_password": PASSWORD, "new_password": "another password"}
    answers = [
        api.ask("DELETE", ME, headers=headers, json={"password": PASSWORD}),
        api.ask("PUT", "/api/v1/auth/password", headers=headers, json=changed),
    ]

    assert [(403, "TOKEN_SCOPE_TOO_NARROW")] * 2 == [code(answer) for answer in answers]


def test_the_only_administrator_leaves_last(api: Api, ada: User, bob: User) -> None:
    """Others would be left with nobody; whoever comes after the last is the next administrator."""
    assert ONLY == code(close(api, ada))
    assert 204 == close(api, bob).status_code
    assert 204 == close(api, ada).status_code

    assert api.ask("GET", ME, api.registered_user("cy")).json()["is_admin"]


def test_an_administrator_leaves_another_one_behind(api: Api, ada: User, bob: User) -> None:
    """Then nobody is missing."""
    change(api, ada, bob, is_admin=True)

    assert 204 == close(api, ada).status_code
    assert 1 == api.ask("GET", USERS, bob).json()["total"]
