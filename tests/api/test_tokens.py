"""Tokens: what they contain, and which are accepted."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import delete

from bookbytes_api.accounts.models import UserRow
from tests.api.client import Api, User, code, offline_settings, serving_api

ME = "/api/v1/auth/me"
SECRET = "the-secret-of-the-tests," * 3
Forged = Callable[[dict[str, Any]], str]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all of these tests: they change nothing."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"), jwt_secret_key=SECRET)) as running:
        yield running


@pytest.fixture(scope="module")
def ada(api: Api) -> User:
    """A user with a valid token."""
    return api.user("ada")


def test_a_token_says_who_until_when_and_for_what(ada: User) -> None:
    """And nothing else."""
    claims = _claims(ada)

    assert {"sub", "sid", "exp", "iat", "scope"} == set(claims)
    assert (ada.id, "listen", 3600) == (claims["sub"], claims["scope"], claims["exp"] - claims["iat"])


def test_a_valid_token_is_accepted(api: Api, ada: User) -> None:
    """Whatever the case of the scheme's name (RFC 9110, 11.1)."""
    token = ada.headers["Authorization"].removeprefix("Bearer ")
    answers = [api.client.get(ME, headers={"Authorization": f"{scheme} {token}"}) for scheme in ("Bearer", "bearer")]

    assert [200, 200] == [answer.status_code for answer in answers]


def _signed(key: str = SECRET, algorithm: str = "HS256", **changed: Any) -> Forged:
    return lambda claims: f"Bearer {jwt.encode({**claims, **changed}, key, algorithm=algorithm)}"


def _without(claim: str) -> Forged:
    return lambda claims: _signed()({name: value for name, value in claims.items() if name != claim})


def _header(header: str) -> Forged:
    return lambda _claims: header


PAST, FUTURE = datetime.now(UTC) - timedelta(hours=2), datetime.now(UTC) + timedelta(hours=2)
FORGED: dict[str, Forged] = {
    "expired": _signed(iat=PAST, exp=PAST + timedelta(minutes=1)),
    "made in the future": _signed(iat=FUTURE, exp=FUTURE + timedelta(minutes=1)),
    "another key": _signed(key=SECRET.upper()),
    "another algorithm": _signed(algorithm="HS512"),
    "no algorithm": _signed(key="", algorithm="none"),
    "another scope": _signed(scope="admin"),
    "a list as scope": _signed(scope=["listen"]),
    "nobody": _signed(sub=str(uuid4())),
    "no id": _signed(sub="ada"),
    "another session": _signed(sid=str(uuid4())),
    "no session's id": _signed(sid="ada"),
    "of an earlier version": _without("sid"),
    "a null byte": _signed(sub="\0"),
    "not yet": _signed(nbf=FUTURE),
    "no expiry": _without("exp"),
    "no beginning": _without("iat"),
    "no scope": _without("scope"),
    "no subject": _without("sub"),
    "cut short": lambda claims: _signed()(claims)[:-4],
    "without signature": lambda claims: _signed()(claims).rpartition(".")[0] + ".",
    "garbage": _header("Bearer a.b.c"),
    "no text": _header("Bearer \N{SNOWMAN}"),
    "10,000 characters": _header("Bearer " + "a" * 10_000),
    "empty": _header(""),
    "scheme alone": _header("Bearer"),
    "scheme and space": _header("Bearer "),
    "another scheme": _header("Basic YWRhOmFkYQ=="),
    "no scheme": lambda claims: _signed()(claims).removeprefix("Bearer "),
}


@pytest.mark.parametrize("name", FORGED)
def test_other_tokens_are_refused(api: Api, ada: User, name: str) -> None:
    """Each with 401, and with the challenge that names the scheme."""
    answer = api.client.get(ME, headers={"Authorization": FORGED[name](_claims(ada)).encode()})

    assert (401, "NOT_AUTHENTICATED") == code(answer)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_without_a_token_nobody_is_authenticated(api: Api) -> None:
    """The response says how to authenticate."""
    answer = api.client.get(ME)

    assert (401, "NOT_AUTHENTICATED") == code(answer)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["token", "Authorization", "access_token"])
def test_a_cookie_is_no_token(api: Api, ada: User, name: str) -> None:
    """Any page that is open in the user's browser could send it."""
    token = ada.headers["Authorization"]
    answers = [api.client.get(ME, headers={"Cookie": f'{name}="{value}"'}) for value in (token, token[7:])]

    assert [(401, "NOT_AUTHENTICATED")] * 2 == [code(answer) for answer in answers]


def test_a_token_in_the_address_is_ignored(api: Api, ada: User) -> None:
    """Addresses are stored in logs and histories."""
    answer = api.client.get(ME, params={"access_token": ada.headers["Authorization"][7:]})

    assert (401, "NOT_AUTHENTICATED") == code(answer)


def test_routes_that_are_not_public_need_a_token(api: Api) -> None:
    """Every route that is documented to need a token does need it, with HEAD as well."""
    responses = []
    for path, item in api.client.get("/schema/openapi.json").json()["paths"].items():
        for method, operation in item.items():
            if operation["security"] and {} not in operation["security"]:
                address = path.replace("{isbn}", "9780306406157")
                names = (
                    "book_id",
                    "chapter_id",
                    "job_id",
                    "token_id",
                    "session_id",
                    "user_id",
                    "bookmark_id",
                    "file_name",
                )
                for name in names:
                    address = address.replace(f"{{{name}}}", str(uuid4()))
                responses.append(api.client.request(method, address))

    assert len(responses) >= 15
    assert {401} == {answer.status_code for answer in responses}
    asking = {(answer.url.path.startswith("/opds"), answer.headers["WWW-Authenticate"]) for answer in responses}
    assert {(False, "Bearer"), (True, 'Basic realm="BookBytes", charset="UTF-8"')} == asking


def test_the_token_of_a_deleted_account_is_refused(api: Api) -> None:
    """A token does not outlive its user."""
    bo = api.user("bo")
    with api.database.session() as session:
        session.execute(delete(UserRow).where(UserRow.email == bo.email))

    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", ME, bo))


def test_the_first_start_generates_a_secret_and_keeps_it(tmp_path: Path) -> None:
    """Only its owner can read it, and tokens are still valid after a restart."""
    settings = offline_settings(tmp_path)
    with serving_api(settings) as first:
        ada = first.user("ada")
    with serving_api(settings) as second:
        answer = second.ask("GET", ME, ada)

    assert answer.status_code == 200
    assert (tmp_path / "jwt_secret").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "jwt_secret").read_text()) == 64


def _claims(user: User) -> dict[str, Any]:
    token = user.headers["Authorization"].removeprefix("Bearer ")
    return dict(jwt.decode(token, SECRET, algorithms=["HS256"]))
