"""Users: who has an account, who is authenticated, and who may do what."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import FrameType
from unicodedata import normalize
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from bookbytes_api.accounts.limits import PER_ADDRESS
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.service import ALL_ACCOUNTS, deactivate, log_in
from bookbytes_api.errors import WrongCredentials
from bookbytes_pipeline.settings import Settings
from tests.api.client import PASSWORD, Api, code, offline_settings, serving_api

REGISTER, LOGIN, ME = "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/me"
FORM = "application/x-www-form-urlencoded"
KEY = "a key of twenty-three signs".replace(" ", "-")


def test_a_user_registers_logs_in_and_is_authenticated(api: Api) -> None:
    """The response with the account has nothing about the password, and the token belongs to that account."""
    registered = api.client.post(REGISTER, json={"email": "Ada@Example.org", "password": PASSWORD})
    login = api.client.post(LOGIN, json={"email": "ada@example.org", "password": PASSWORD})
    own = api.client.get(ME, headers={"Authorization": f"Bearer {login.json()['access_token']}"})

    assert (201, {"id", "email", "is_active", "created_at"}) == (registered.status_code, set(registered.json()))
    assert ("ada@example.org", True) == (registered.json()["email"], registered.json()["is_active"])
    assert {"access_token", "token_type", "expires_in", "refresh_token"} == set(login.json())
    assert ("bearer", 3600) == (login.json()["token_type"], login.json()["expires_in"])
    assert {**registered.json(), "is_admin": True} == own.json()


def test_the_password_form_of_oauth2_logs_in(api: Api) -> None:
    """Swagger's Authorize button sends a form with `username`."""
    ada = api.registered_user("ada")
    form = {"grant_type": "password", "username": ada.email, "password": PASSWORD, "scope": ""}
    login = api.client.post(LOGIN, data=form)
    own = api.client.get(ME, headers={"Authorization": f"Bearer {login.json()['access_token']}"})

    assert ada.id == own.json()["id"]
    assert "no-store" == login.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("form", "status", "expected"),
    [
        (
            {"username": "ada@example.org", "password": "another"},
            401,
            ("invalid_grant", "No account has this e-mail address and password.", "WRONG_CREDENTIALS"),
        ),
        ({"username": "ada@example.org"}, 422, ("invalid_request", "password is required.", "INVALID_PASSWORD")),
    ],
)
def test_a_form_that_does_not_log_in_gets_an_error_of_oauth2(
    api: Api, form: dict[str, str], status: int, expected: tuple[str, str, str]
) -> None:
    """Swagger's Authorize dialog shows the word and the sentence; our own code and the request id are beside them."""
    answer = api.client.post(LOGIN, data={"grant_type": "password", **form}, headers={"X-Request-ID": "number-1"})
    error = answer.json()

    assert (status, "application/json") == (answer.status_code, answer.headers["Content-Type"])
    assert expected == (error["error"], error["error_description"], error["code"])
    assert "number-1" == error["request_id"]


def test_a_form_that_cannot_be_read_or_counted_gets_an_error_of_oauth2(api: Api) -> None:
    """Also what is refused before the login is reached, with the headers that it has for everybody."""
    unreadable = api.client.post(LOGIN, content=b"username=%ff", headers={"Content-Type": FORM})
    answers = [api.client.post(LOGIN, data={"username": "ada@example.org"}) for _ in range(PER_ADDRESS.amount)]
    refused = answers[-1]

    assert (422, "invalid_request") == (unreadable.status_code, unreadable.json()["error"])
    assert (429, "temporarily_unavailable") == (refused.status_code, refused.json()["error"])
    assert "Retry-After" in refused.headers


def test_json_and_problem_details_stay_as_they_are(api: Api) -> None:
    """Errors of JSON have the form of all errors, and whoever asks for problem details gets those."""
    wrong = {"username": "ada@example.org", "password": "another"}
    envelope = api.client.post(LOGIN, json={"email": "ada@example.org", "password": "another"})
    problem = api.client.post(LOGIN, data=wrong, headers={"Accept": "application/problem+json"})

    assert (401, "WRONG_CREDENTIALS") == code(envelope)
    assert ("application/problem+json", "WRONG_CREDENTIALS") == (
        problem.headers["Content-Type"],
        problem.json()["code"],
    )


def test_an_address_has_one_account(api: Api) -> None:
    """However the address is written."""
    api.registered_user("ada")
    second = api.client.post(REGISTER, json={"email": "ADA@EXAMPLE.ORG", "password": PASSWORD})

    assert (409, "EMAIL_TAKEN") == code(second)


def test_a_password_is_hashed_again_when_its_hash_is_weak(api: Api) -> None:
    """Logging in renews a hash that was made at a lower cost, and the password stays the same."""
    ada = api.user("ada")
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    _change(api, ada.id, password_hash=weak)
    first = api.client.post(LOGIN, json={"email": ada.email, "password": PASSWORD})
    kept = _row(api, ada.id).password_hash
    second = api.client.post(LOGIN, json={"email": ada.email, "password": PASSWORD})

    assert [200, 200] == [first.status_code, second.status_code]
    assert weak != kept
    assert not PasswordHasher().check_needs_rehash(kept)
    assert kept == _row(api, ada.id).password_hash


def test_a_wrong_password_renews_nothing(api: Api) -> None:
    """A weak hash is only replaced by the hash of the password it belongs to."""
    ada = api.user("ada")
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    _change(api, ada.id, password_hash=weak)
    answer = api.client.post(LOGIN, json={"email": ada.email, "password": "not it at all"})

    assert (401, "WRONG_CREDENTIALS") == code(answer)
    assert weak == _row(api, ada.id).password_hash


DECOMPOSED, COMPOSED = (normalize(form, "pässwörd-한국어") for form in ("NFD", "NFC"))


@pytest.mark.parametrize(("chosen", "typed"), [(DECOMPOSED, COMPOSED), (COMPOSED, DECOMPOSED)])
def test_a_password_is_the_same_on_every_keyboard(api: Api, chosen: str, typed: str) -> None:
    """Some send letters with accents as one character, others as two."""
    api.client.post(REGISTER, json={"email": "ada@example.org", "password": chosen})
    answer = api.client.post(LOGIN, json={"email": "ada@example.org", "password": typed})

    assert 200 == answer.status_code


@pytest.mark.parametrize("typed", [DECOMPOSED, COMPOSED])
def test_an_earlier_password_is_composed_at_the_next_login(api: Api, typed: str) -> None:
    """It was stored as it was typed then, and fits from every keyboard all the same."""
    ada = api.user("ada")
    _change(api, ada.id, password_hash=PasswordHasher().hash(DECOMPOSED))
    answer = api.client.post(LOGIN, json={"email": ada.email, "password": typed})

    assert 200 == answer.status_code
    assert PasswordHasher().verify(_row(api, ada.id).password_hash, COMPOSED)


def test_an_inactive_account_is_refused(api: Api) -> None:
    """At login, and with an earlier token."""
    api.user("ada")
    bo = api.user("bo")
    with api.database.session(ALL_ACCOUNTS) as session:
        deactivate(session, bo.email)
    correct = api.client.post(LOGIN, json={"email": bo.email, "password": PASSWORD})
    wrong = api.client.post(LOGIN, json={"email": bo.email, "password": "not it at all"})

    assert (403, "ACCOUNT_INACTIVE") == code(correct)
    assert (401, "WRONG_CREDENTIALS") == code(wrong)
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", ME, bo))


def test_wrong_address_and_wrong_password_get_the_same_response(api: Api) -> None:
    """Nobody finds out who has an account: the responses differ in the request id only."""
    ada = api.user("ada")
    answers = [
        api.client.post(LOGIN, json={"email": email, "password": "not it at all"}, headers={"X-Request-ID": "one"})
        for email in (ada.email, "nobody@example.org")
    ]

    assert (401, "WRONG_CREDENTIALS") == code(answers[0])
    assert answers[0].content == answers[1].content
    assert set(answers[0].headers) == set(answers[1].headers)


def test_wrong_address_and_wrong_password_cost_the_same(api: Api) -> None:
    """Each verifies one hash of the current cost, so that the response time reveals nothing either."""
    ada = api.user("ada")

    def costs(email: str, password: str) -> list[str]:
        with api.database.session() as session:
            return _hashes_verified(lambda: log_in(session, email, password))

    assert ["m=65536,t=3,p=4"] == costs(ada.email, "not it at all")
    assert ["m=65536,t=3,p=4"] == costs("nobody@example.org", "not it at all")
    assert costs(ada.email, DECOMPOSED) == costs("nobody@example.org", DECOMPOSED)


def test_the_first_account_is_an_administrator(api: Api) -> None:
    """Whoever sets up BookBytes registers first; later users are no administrators."""
    users = [api.user(name) for name in ("ada", "bo", "cy")]

    assert [True, False, False] == [api.ask("GET", ME, user).json()["is_admin"] for user in users]


def test_concurrent_registrations_make_one_administrator(api: Api) -> None:
    """Eight users who register at once get eight accounts, one of them an administrator's."""

    def register(number: int) -> int:
        body = {"email": f"reader{number}@example.org", "password": PASSWORD}
        return api.client.post(REGISTER, json=body).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(register, range(8)))

    with api.database.session() as session:
        administrators = session.scalar(select(func.count()).where(UserRow.is_admin))
    assert [201] * 8 == statuses
    assert administrators == 1


def test_concurrent_registrations_of_an_address_make_one_account(api: Api) -> None:
    """Of four requests for the same address at once, one succeeds; the others get an error."""

    def register(_number: int) -> int:
        return api.client.post(REGISTER, json={"email": "ada@example.org", "password": PASSWORD}).status_code

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(register, range(4)))

    assert [201, 409, 409, 409] == statuses


def test_registration_can_be_closed(api: Api) -> None:
    """Then only an administrator creates accounts, for other users, who are no administrators."""
    ada, bo = api.user("ada"), api.user("bo")
    closed = api.settings.model_copy(update={"allow_registration": False})
    body = {"email": "cy@example.org", "password": PASSWORD}

    with serving_api(closed) as later:
        assert (403, "REGISTRATION_CLOSED") == code(later.ask("POST", REGISTER, json=body))
        assert (403, "REGISTRATION_CLOSED") == code(later.ask("POST", REGISTER, bo, json=body))
        assert later.ask("POST", REGISTER, ada, json=body).status_code == 201
        cy = later.client.post(LOGIN, json=body).json()["access_token"]
        assert not later.client.get(ME, headers={"Authorization": f"Bearer {cy}"}).json()["is_admin"]


def test_an_invalid_token_is_refused_where_none_is_needed(api: Api) -> None:
    """A client that sends a token wants it to be checked."""
    answer = api.client.post(
        REGISTER, json={"email": "ada@example.org", "password": PASSWORD}, headers={"Authorization": "Bearer a.b.c"}
    )

    assert (401, "NOT_AUTHENTICATED") == code(answer)


@pytest.mark.parametrize("email", ["Ada@xn--exmple-cua.org", "jose\u0301@example.org", "BOB@EXA\u0308MPLE.de"])
def test_an_address_may_be_written_in_other_ways(api: Api, email: str) -> None:
    """Whatever was entered at registration works at login."""
    ada = {"email": email, "password": PASSWORD}
    registered = api.client.post(REGISTER, json=ada)

    assert (201, 200) == (registered.status_code, api.client.post(LOGIN, json=ada).status_code)


def test_the_api_key_is_an_administrator(tmp_path: Path, database_url: str) -> None:
    """In development, a client with the key from the settings is the system account, the same one each time."""
    with serving_api(_with_key(tmp_path, database_url)) as api:
        answers = [api.client.get(ME, headers={"X-API-Key": KEY}).json() for _ in range(2)]

    assert ("system@localhost", True) == (answers[0]["email"], answers[0]["is_admin"])
    assert answers[0] == answers[1]


def test_another_key_is_refused(tmp_path: Path) -> None:
    """Also one that is almost right, and together with a valid token."""
    keys = ["", KEY[:-1], KEY + "x", KEY.upper(), "clé"]
    with serving_api(_with_key(tmp_path, None)) as api:
        ada = api.user("ada")
        answers = [api.ask("GET", ME, ada, headers={"X-API-Key": key.encode()}) for key in keys]

    assert [(401, "NOT_AUTHENTICATED")] * 5 == [code(answer) for answer in answers]
    assert ["Bearer"] * 5 == [answer.headers["WWW-Authenticate"] for answer in answers]


def test_users_log_in_beside_the_api_key(tmp_path: Path) -> None:
    """The first user is an administrator as usual; nobody can log in as the system account."""
    with serving_api(_with_key(tmp_path, None)) as api:
        api.client.get(ME, headers={"X-API-Key": KEY})
        ada = api.user("ada")
        system = api.client.post(LOGIN, json={"email": "system@localhost", "password": "!"})

        own = api.ask("GET", ME, ada).json()
    assert (ada.id, True) == (own["id"], own["is_admin"])
    assert (401, "WRONG_CREDENTIALS") == code(system)


def test_an_api_key_is_ignored_without_its_mode(tmp_path: Path) -> None:
    """The header counts only if the settings say so, even if a key is set."""
    with serving_api(offline_settings(tmp_path, api_key=KEY)) as api:
        answer = api.client.get(ME, headers={"X-API-Key": KEY})

    assert (401, "NOT_AUTHENTICATED") == code(answer)


def _with_key(home: Path, database_url: str | None) -> Settings:
    return offline_settings(home, database_url, auth_mode="api_key", api_key=KEY)


def _row(api: Api, user_id: str) -> UserRow:
    with api.database.session() as session:
        return session.get_one(UserRow, UUID(user_id))


def _change(api: Api, user_id: str, **values: object) -> None:
    with api.database.session() as session:
        row = session.get_one(UserRow, UUID(user_id))
        for name, value in values.items():
            setattr(row, name, value)


def _hashes_verified(call: Callable[[], object]) -> list[str]:
    """The costs of the hashes that are verified during the call, recorded by the interpreter's profiling hook."""
    costs: list[str] = []

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is PasswordHasher.verify.__code__:
            costs.append(str(frame.f_locals["hash"]).split("$")[3])

    sys.setprofile(watch)
    try:
        with suppress(WrongCredentials):
            call()
    finally:
        sys.setprofile(None)
    return costs
