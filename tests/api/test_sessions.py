"""Login sessions: refreshed, listed, and ended one by one or all at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from sqlalchemy import func, select, update

from bookbytes_api.accounts.limits import PER_ADDRESS
from bookbytes_api.accounts.models import LoginSessionRow
from bookbytes_api.accounts.session_rows import MAX_SESSIONS_PER_DEVICE, REFRESH_GRACE, SESSION_LIFETIME, add_session
from tests.api.client import PASSWORD, Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN, publish_book
from tests.api.statements import statements_of_requests
from tests.small_disk import small_disk

LOGIN, REFRESH, ME = "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/me"
SESSIONS, TOKENS = "/api/v1/auth/sessions", "/api/v1/auth/tokens"
LOGOUT, LOGOUT_EVERYWHERE = "/api/v1/auth/logout", "/api/v1/auth/logout-everywhere"
UNKNOWN, ENDED = (401, "NOT_AUTHENTICATED"), (401, "SESSION_ENDED")
A_MINUTE_LATER = REFRESH_GRACE + timedelta(seconds=1)
NOTHING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def ada(api: Api) -> User:
    """An administrator with a session of her own."""
    return api.user()


def logged_in(api: Api, user: User, device: str = "phone") -> dict[str, Any]:
    """The tokens of a new session."""
    body = {"email": user.email, "password": PASSWORD}
    answer = api.client.post(LOGIN, json=body, headers={"User-Agent": device})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def refresh(api: Api, tokens: dict[str, Any]) -> httpx.Response:
    """The answer to the refresh token of these."""
    return api.client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The header with the access token."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def status(api: Api, tokens: dict[str, Any]) -> int:
    """Whether the access token is accepted."""
    return api.ask("GET", ME, headers=bearer(tokens)).status_code


def age(api: Api, by: timedelta) -> None:
    """Let all sessions be older by that."""
    with api.database.session() as session:
        for row in session.scalars(select(LoginSessionRow)):
            row.refreshed_at, row.last_used_at, row.expires_at = (
                moment - by for moment in (row.refreshed_at, row.last_used_at, row.expires_at)
            )


def test_a_session_goes_on_without_the_password(api: Api, ada: User) -> None:
    """Each refresh gives both tokens anew, for the same session, and no cache may keep them."""
    first = logged_in(api, ada)
    answer = refresh(api, first)
    second = answer.json()
    third = refresh(api, second).json()

    assert (200, "no-store") == (answer.status_code, answer.headers["Cache-Control"])
    assert {"access_token", "token_type", "expires_in", "refresh_token"} == set(second)
    assert ("bearer", 3600) == (second["token_type"], second["expires_in"])
    assert 3 == len({tokens["refresh_token"] for tokens in (first, second, third)})
    assert [200] * 3 == [status(api, tokens) for tokens in (first, second, third)]
    assert 2 == len(api.ask("GET", SESSIONS, ada).json())


def test_an_answer_that_was_lost_is_given_again(api: Api, ada: User) -> None:
    """For a minute, and with the same refresh token, so that it does not matter which answer a client has."""
    first = logged_in(api, ada)
    answers = [refresh(api, first).json() for _ in range(3)]

    assert 1 == len({answer["refresh_token"] for answer in answers})
    assert 200 == refresh(api, answers[0]).status_code


def test_refreshing_twice_at_once_is_refreshing_once(api: Api, ada: User) -> None:
    """Two tabs of a browser wake up together."""
    first = logged_in(api, ada)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: refresh(api, first), range(4)))

    assert [200] * 4 == [answer.status_code for answer in answers]
    assert 1 == len({answer.json()["refresh_token"] for answer in answers})
    assert 200 == refresh(api, answers[0].json()).status_code


def test_a_refresh_token_that_was_used_before_ends_the_session(api: Api, ada: User) -> None:
    """Somebody has a copy: both the thief and the owner are signed out, the owner's other sessions are not."""
    first, other = logged_in(api, ada), logged_in(api, ada)
    second = refresh(api, first).json()
    third = refresh(api, second).json()

    assert ENDED == code(refresh(api, first))
    assert ENDED == code(refresh(api, third))
    assert UNKNOWN == code(api.ask("GET", ME, headers=bearer(third)))
    assert 200 == status(api, other)


def test_the_last_refresh_token_ends_the_session_after_a_minute(api: Api, ada: User) -> None:
    """Nobody waits that long for an answer."""
    first = logged_in(api, ada)
    second = refresh(api, first).json()
    age(api, A_MINUTE_LATER)

    assert ENDED == code(refresh(api, first))
    assert ENDED == code(refresh(api, second))
    assert 401 == status(api, second)


def test_a_session_lasts_for_thirty_days_after_each_refresh(api: Api, ada: User) -> None:
    """A player that is used once a month stays signed in."""
    tokens, almost = logged_in(api, ada), SESSION_LIFETIME - timedelta(minutes=1)
    for _ in range(2):
        age(api, almost)
        tokens = refresh(api, tokens).json()
    age(api, SESSION_LIFETIME + timedelta(minutes=1))

    assert ENDED == code(refresh(api, tokens))
    assert 401 == status(api, tokens)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\u00e9", "x" * 1000])
def test_what_is_no_refresh_token_is_refused(api: Api, token: str) -> None:
    """Whatever it looks like."""
    assert ENDED == code(refresh(api, {"refresh_token": token}))


def test_no_other_token_refreshes(api: Api, ada: User) -> None:
    """Neither an access token, nor one that another key has signed, nor one of a session that never was."""
    tokens = logged_in(api, ada)
    claims = jwt.decode(tokens["refresh_token"], options={"verify_signature": False})
    forged = [jwt.encode(claims, "x" * 32), tokens["access_token"], tokens["refresh_token"][:-3]]

    assert [ENDED] * 3 == [code(refresh(api, {"refresh_token": token})) for token in forged]
    assert 200 == refresh(api, tokens).status_code


def test_a_refresh_token_opens_nothing(api: Api, ada: User) -> None:
    """Only the tokens that it leads to do."""
    tokens = logged_in(api, ada)

    assert UNKNOWN == code(api.ask("GET", ME, headers={"Authorization": f"Bearer {tokens['refresh_token']}"}))


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"refresh_token": 1}, {"refresh_token": "x" * 1001}])
def test_a_refresh_names_what_is_missing(api: Api, body: dict[str, object]) -> None:
    """As everywhere."""
    assert (422, "INVALID_REFRESH_TOKEN") == code(api.client.post(REFRESH, json=body))


def test_attempts_to_refresh_are_limited(api: Api) -> None:
    """As those to log in are, for each address."""
    answers = [refresh(api, {"refresh_token": "x"}) for _ in range(PER_ADDRESS.amount + 1)]

    assert [401] * PER_ADDRESS.amount + [429] == [answer.status_code for answer in answers]


def test_a_person_without_an_account_refreshes_nothing(api: Api, ada: User) -> None:
    """Nor does one whose account was deactivated: it begins again with a login."""
    bob = api.user("bob")
    tokens = logged_in(api, bob)
    for is_active, expected in ((False, ENDED), (True, ENDED)):
        api.ask("PATCH", f"/api/v1/users/{bob.id}", ada, json={"is_active": is_active})
        assert expected == code(refresh(api, tokens))
    assert 200 == status(api, logged_in(api, bob))


def test_signing_out_ends_the_session_that_asks(api: Api, ada: User) -> None:
    """With its access token and its refresh token, from the next request on. Others go on."""
    lost, kept = logged_in(api, ada), logged_in(api, ada)

    assert 204 == api.ask("POST", LOGOUT, headers=bearer(lost)).status_code

    assert (401, 200) == (status(api, lost), status(api, kept))
    assert ENDED == code(refresh(api, lost))
    assert UNKNOWN == code(api.ask("POST", LOGOUT, headers=bearer(lost)))


@pytest.mark.parametrize(
    ("body", "token_status"), [(None, 200), ({}, 200), ({"tokens": False}, 200), ({"tokens": True}, 401)]
)
def test_signing_out_everywhere(api: Api, ada: User, body: dict[str, bool] | None, token_status: int) -> None:
    """All sessions end and the addresses of clips; personal access tokens stay, unless they are to end too."""
    publish_book(api.settings)
    bob, tokens = api.user("bob"), logged_in(api, ada)
    secret = api.ask("POST", TOKENS, ada, json={"name": "feed", "scope": "listen"}).json()["token"]
    urls = [
        api.ask("GET", f"/api/v1/books/isbn/{ISBN}", headers=headers).json()["chapters"][0]["listen_url"]
        for headers in (ada.headers, {"Authorization": f"Bearer {secret}"})
    ]
    assert [200, 200] == [api.ask("GET", url).status_code for url in urls]

    assert 204 == api.ask("POST", LOGOUT_EVERYWHERE, ada, **({} if body is None else {"json": body})).status_code

    assert [401, 401] == [api.ask("GET", ME, ada).status_code, status(api, tokens)]
    assert ENDED == code(refresh(api, tokens))
    assert [401, 401] == [api.ask("GET", url).status_code for url in urls]
    assert token_status == api.ask("GET", ME, headers={"Authorization": f"Bearer {secret}"}).status_code
    assert 200 == api.ask("GET", ME, bob).status_code
    fresh = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", headers=bearer(logged_in(api, ada))).json()
    assert 200 == api.ask("GET", fresh["chapters"][0]["listen_url"]).status_code


@pytest.mark.parametrize("body", [{"tokens": "true"}, {"tokens": 1}, []])
def test_signing_out_everywhere_is_strict(api: Api, ada: User, body: object) -> None:
    """Whoever means their tokens says so clearly; otherwise nothing ends."""
    assert 422 == api.ask("POST", LOGOUT_EVERYWHERE, ada, json=body).status_code
    assert 200 == api.ask("GET", ME, ada).status_code


def test_everybody_sees_their_own_sessions(api: Api, ada: User) -> None:
    """Named as the client names itself, with times and without secrets; the one that asks is marked."""
    phone = logged_in(api, ada, "BookPlayer/5.4 (iPhone)")
    logged_in(api, api.user("bob"), "another's")

    listed = api.ask("GET", SESSIONS, headers=bearer(phone)).json()

    assert {"BookPlayer/5.4 (iPhone)": True, "": False} == {each["device"]: each["is_current"] for each in listed}
    assert {"id", "device", "created_at", "last_used_at", "expires_at", "is_current"} == set(listed[0])


@pytest.mark.parametrize(("agent", "shown"), [("x" * 5000, "x" * 200), ("a\tb", "ab"), ("", "")])
def test_a_device_may_have_any_name(api: Api, ada: User, agent: str, shown: str) -> None:
    """What is shown of it is bounded and printable."""
    body = {"email": ada.email, "password": PASSWORD}
    answer = api.client.post(LOGIN, json=body, headers={"User-Agent": agent})

    listed = api.ask("GET", SESSIONS, headers=bearer(answer.json())).json()
    assert [shown] == [each["device"] for each in listed if each["is_current"]]


def test_one_of_several_sessions_is_ended(api: Api, ada: User) -> None:
    """Its own or another one of the same person's; those of others do not exist."""
    lost, bob = logged_in(api, ada), api.user("bob")
    [session_id] = [each["id"] for each in api.ask("GET", SESSIONS, headers=bearer(lost)).json() if each["is_current"]]

    assert (404, "SESSION_NOT_FOUND") == code(api.ask("DELETE", f"{SESSIONS}/{session_id}", bob))
    assert 200 == status(api, lost)
    assert 204 == api.ask("DELETE", f"{SESSIONS}/{session_id}", ada).status_code
    assert 401 == status(api, lost)
    assert (404, "SESSION_NOT_FOUND") == code(api.ask("DELETE", f"{SESSIONS}/{session_id}", ada))
    assert (404, "SESSION_NOT_FOUND") == code(api.ask("DELETE", f"{SESSIONS}/{uuid4()}", ada))


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", LOGOUT), ("POST", LOGOUT_EVERYWHERE), ("GET", SESSIONS), ("DELETE", f"{SESSIONS}/{NOTHING}")],
)
def test_no_personal_token_manages_sessions(api: Api, ada: User, method: str, path: str) -> None:
    """Whoever finds one signs nobody out."""
    secret = api.ask("POST", TOKENS, ada, json={"name": "feed", "scope": "make"}).json()["token"]

    answer = api.ask(method, path, headers={"Authorization": f"Bearer {secret}"})
    assert (403, "TOKEN_SCOPE_TOO_NARROW") == code(answer)


def test_a_request_asks_for_user_and_session_at_once(api: Api, ada: User) -> None:
    """One statement, whatever the request."""
    with statements_of_requests(api, "users", "login_sessions") as statements:
        api.ask("GET", "/api/v1/books", ada)

    assert 1 == len(statements)


def test_the_last_use_is_noted_once_an_hour(api: Api, ada: User) -> None:
    """A player asks many times in a minute."""
    long_ago = datetime.now(UTC) - timedelta(hours=1, minutes=1)
    uses = []
    for moment in (long_ago, long_ago + timedelta(minutes=5)):
        with api.database.session() as session:
            session.execute(update(LoginSessionRow).values(last_used_at=moment))
        api.ask("GET", ME, ada)
        with api.database.session() as session:
            uses.append(session.scalars(select(LoginSessionRow.last_used_at)).one() > moment)

    assert [True, False] == uses


def test_a_script_that_always_logs_in_signs_out_no_other_device(api: Api, ada: User) -> None:
    """Of each device the sessions that were used last remain."""
    phone = logged_in(api, ada)
    with api.database.session() as session:
        for _ in range(MAX_SESSIONS_PER_DEVICE + 5):
            add_session(session, UUID(ada.id), "script")
        kept = session.scalar(select(func.count()).where(LoginSessionRow.device == "script"))

    assert MAX_SESSIONS_PER_DEVICE == kept
    assert 200 == status(api, phone)


def test_expired_sessions_are_deleted_at_the_next_login(api: Api, ada: User) -> None:
    """Nobody else needs to tidy up."""
    age(api, SESSION_LIFETIME + timedelta(days=1))
    logged_in(api, ada)

    with api.database.session() as session:
        assert 1 == session.scalar(select(func.count()).select_from(LoginSessionRow))


def test_the_database_has_no_token(api: Api, ada: User) -> None:
    """Nor what one could be made of without the key."""
    tokens = logged_in(api, ada)
    with api.database.session() as session:
        rows = session.scalars(select(LoginSessionRow)).all()
        kept = [str(getattr(row, column.key)) for row in rows for column in LoginSessionRow.__table__.columns]

    parts = tokens["refresh_token"].split(".") + tokens["access_token"].split(".")
    assert not any(part in value for value in kept for part in parts)


def test_a_full_disk_keeps_nobody_from_logging_in(tmp_path: Path) -> None:
    """Without a row that login is not refreshed, but it ends with everything else that is signed out."""
    with (
        small_disk(tmp_path / "disk", megabytes=16) as disk,
        serving_api(offline_settings(disk.folder / "home")) as api,
    ):
        ada = api.user()
        disk.fill()
        tokens = logged_in(api, ada)
        accepted = status(api, tokens)
        disk.free()
        refreshed = refresh(api, tokens)
        ended = api.ask("POST", LOGOUT_EVERYWHERE, ada)

        assert (200, ENDED, 204) == (accepted, code(refreshed), ended.status_code)
        assert 401 == status(api, tokens)
