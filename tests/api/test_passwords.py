"""Passwords: changed by those who know them, and reset with a link by those who do not."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select, update

from bookbytes_api.accounts.limits import PER_ACCOUNT, PER_ADDRESS
from bookbytes_api.accounts.models import PasswordResetRow
from bookbytes_api.accounts.password_resets import RESET_LIFETIME
from bookbytes_api.accounts.system import system_user
from tests.api.client import PASSWORD, Api, User, code
from tests.api.factories import ISBN, publish_book

LOGIN, ME, PASSWORDS = "/api/v1/auth/login", "/api/v1/auth/me", "/api/v1/auth/password"
RESET = "/api/v1/auth/password-reset"
ANOTHER = "another horse entirely"
INVALID = (401, "INVALID_RESET_LINK")


@pytest.fixture
def ada(api: Api) -> User:
    """An administrator."""
    return api.user()


@pytest.fixture
def bob(api: Api, ada: User) -> User:  # noqa: ARG001 - the first user is the administrator
    """A user who is no administrator."""
    return api.user("bob")


def log_in(api: Api, user: User, password: str) -> httpx.Response:
    """The answer to a login."""
    return api.client.post(LOGIN, json={"email": user.email, "password": password})


def change(api: Api, user: User, current: str, new: str = ANOTHER) -> httpx.Response:
    """The answer to a change of the password."""
    return api.ask("PUT", PASSWORDS, user, json={"current_password": current, "new_password": new})


def reset_link(api: Api, administrator: User, user: User) -> dict[str, Any]:
    """A new link for this user."""
    answer = api.ask("POST", f"/api/v1/users/{user.id}/password-reset", administrator)
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = answer.json()
    return link


def reset(api: Api, link: dict[str, Any], new: str = ANOTHER) -> httpx.Response:
    """The answer to the use of a link."""
    return api.client.post(RESET, json={"token": link["token"], "new_password": new})


def test_a_password_is_changed(api: Api, bob: User) -> None:
    """The old one is refused from then on. Other sessions end, and addresses of clips; the present session stays."""
    publish_book(api.settings)
    other = log_in(api, bob, PASSWORD).json()
    url = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", bob).json()["chapters"][0]["listen_url"]
    assert 200 == api.ask("GET", url).status_code

    assert 204 == change(api, bob, PASSWORD).status_code

    assert 200 == api.ask("GET", ME, bob).status_code
    assert 401 == api.ask("GET", ME, headers={"Authorization": f"Bearer {other['access_token']}"}).status_code
    answer = api.client.post("/api/v1/auth/refresh", json={"refresh_token": other["refresh_token"]})
    assert (401, "SESSION_ENDED") == code(answer)
    assert 401 == api.ask("GET", url).status_code
    assert [401, 200] == [log_in(api, bob, password).status_code for password in (PASSWORD, ANOTHER)]


def test_a_personal_token_outlives_a_change(api: Api, bob: User) -> None:
    """It was given to a program, which knows no password."""
    secret = api.ask("POST", "/api/v1/auth/tokens", bob, json={"name": "feed", "scope": "listen"}).json()["token"]
    change(api, bob, PASSWORD)

    assert 200 == api.ask("GET", ME, headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_change_needs_the_present_password(api: Api, bob: User) -> None:
    """The session goes on: whoever mistypes is not signed out."""
    assert (403, "WRONG_PASSWORD") == code(change(api, bob, "not it at all"))
    assert 200 == api.ask("GET", ME, bob).status_code
    assert 200 == log_in(api, bob, PASSWORD).status_code


@pytest.mark.parametrize("new", ["short", "x" * 129, "a\0" * 8])
def test_a_new_password_is_as_good_as_a_first_one(api: Api, ada: User, bob: User, new: str) -> None:
    """By either way, and a link that was not used stays valid."""
    link = reset_link(api, ada, bob)

    assert (422, "INVALID_NEW_PASSWORD") == code(change(api, bob, PASSWORD, new))
    assert (422, "INVALID_NEW_PASSWORD") == code(reset(api, link, new))
    assert 204 == reset(api, link).status_code


def test_attempts_to_guess_the_present_password_are_limited(api: Api, bob: User) -> None:
    """Together with those to log in: whoever found an open phone has five in a minute, wherever."""
    guesses = [change(api, bob, f"guess number {number}").status_code for number in range(PER_ACCOUNT.amount - 1)]
    closing = api.ask("DELETE", ME, bob, json={"password": "a guess"})
    last = change(api, bob, PASSWORD)

    assert [403] * (PER_ACCOUNT.amount - 1) == guesses
    assert (403, "WRONG_PASSWORD") == code(closing)
    assert (429, "RATE_LIMITED") == code(last)
    assert "Retry-After" in last.headers
    assert (429, "RATE_LIMITED") == code(log_in(api, bob, PASSWORD))


def test_of_two_changes_at_once_one_is_made(api: Api, bob: User) -> None:
    """The other one's password was right only before."""
    with ThreadPoolExecutor(2) as threads:
        answers = threads.map(lambda new: change(api, bob, PASSWORD, new), (ANOTHER, ANOTHER[::-1]))
        statuses = sorted(answer.status_code for answer in answers)

    assert [204, 403] == statuses


def test_the_account_of_the_api_key_has_no_password(api: Api, ada: User) -> None:
    """No link can be made for it, and nobody is in a list who is no person."""
    with closing(api.database) as database:
        system = system_user(database)

    assert (404, "ACCOUNT_NOT_FOUND") == code(api.ask("POST", f"/api/v1/users/{system.id}/password-reset", ada))
    assert [ada.id] == [person["id"] for person in api.ask("GET", "/api/v1/users", ada).json()["items"]]


def test_a_link_gives_a_new_password_once(api: Api, ada: User, bob: User) -> None:
    """All sessions end; then the person logs in with the new password."""
    link = reset_link(api, ada, bob)

    assert 204 == reset(api, link).status_code

    assert 401 == api.ask("GET", ME, bob).status_code
    assert [401, 200] == [log_in(api, bob, password).status_code for password in (PASSWORD, ANOTHER)]
    assert INVALID == code(reset(api, link, "one more password"))
    assert 200 == log_in(api, bob, ANOTHER).status_code


def test_a_link_says_where_it_leads(api: Api, ada: User, bob: User) -> None:
    """The page of the web app, with the token where no server and no Referer sees it, and the address for others."""
    link = reset_link(api, ada, bob)
    parts = urlsplit(link["reset_url"])

    assert {"reset_url", "reset_api_url", "token", "expires_at"} == set(link)
    assert ("/reset", "", f"token={link['token']}") == (parts.path, parts.query, parts.fragment)
    assert RESET == urlsplit(link["reset_api_url"]).path
    assert 43 == len(link["token"])


def test_a_link_is_valid_for_a_day(api: Api, ada: User, bob: User) -> None:
    """Then another one has to be made."""
    link = reset_link(api, ada, bob)
    expires = datetime.fromisoformat(link["expires_at"])
    assert abs(expires - datetime.now(UTC) - RESET_LIFETIME) < timedelta(minutes=5)
    with api.database.session() as session:
        session.execute(update(PasswordResetRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    assert INVALID == code(reset(api, link))
    assert 200 == log_in(api, bob, PASSWORD).status_code


def test_a_later_link_voids_the_first(api: Api, ada: User, bob: User) -> None:
    """As does a change of the password."""
    first, second = reset_link(api, ada, bob), reset_link(api, ada, bob)
    assert INVALID == code(reset(api, first))
    change(api, bob, PASSWORD)

    assert INVALID == code(reset(api, second))


def test_of_two_uses_at_once_one_counts(api: Api, ada: User, bob: User) -> None:
    """A link works once."""
    link = reset_link(api, ada, bob)
    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(threads.map(lambda new: reset(api, link, new).status_code, (ANOTHER, ANOTHER[::-1])))

    assert [204, 401] == statuses


def test_a_link_opens_no_account_that_is_closed(api: Api, ada: User, bob: User) -> None:
    """Only an administrator does."""
    link = reset_link(api, ada, bob)
    api.ask("PATCH", f"/api/v1/users/{bob.id}", ada, json={"is_active": False})

    assert INVALID == code(reset(api, link))


def test_attempts_to_guess_a_link_are_limited(api: Api) -> None:
    """As those to log in are, for each address."""
    with ThreadPoolExecutor(4) as threads:
        attempts = range(PER_ADDRESS.amount + 1)
        statuses = list(threads.map(lambda number: reset(api, {"token": f"guess {number}"}).status_code, attempts))

    assert [401] * PER_ADDRESS.amount + [429] == sorted(statuses)


def test_the_database_has_a_hash_of_the_token_only(api: Api, ada: User, bob: User) -> None:
    """Whoever reads it cannot reset anything."""
    link = reset_link(api, ada, bob)
    with api.database.session() as session:
        row = session.scalars(select(PasswordResetRow)).one()
        assert link["token"] not in {row.token_hash, str(row.user_id)}


def test_no_secret_is_in_an_error_or_in_the_log(
    api: Api, ada: User, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither passwords nor tokens, right or wrong."""
    caplog.set_level(logging.DEBUG)
    link, tokens = reset_link(api, ada, bob), log_in(api, bob, PASSWORD).json()
    answers = [
        change(api, bob, "the wrong password"),
        reset(api, link),
        reset(api, link),
        reset(api, link, "short"),
        api.client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}),
    ]
    secrets = [link["token"], tokens["refresh_token"], PASSWORD, ANOTHER, "the wrong password"]

    assert [403, 204, 401, 422, 401] == [answer.status_code for answer in answers]
    assert not any(secret in answer.text for answer in answers for secret in secrets)
    assert not any(secret in record.getMessage() for record in caplog.records for secret in secrets)
