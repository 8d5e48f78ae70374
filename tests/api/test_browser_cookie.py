"""A browser that is signed in by its cookie, and what other sites make of that."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import jwt
import pytest
from sqlalchemy import update

from bookbytes_api.accounts.browser_cookie import COOKIE, RENEWED_AFTER
from bookbytes_api.accounts.models import LoginSessionRow
from bookbytes_api.accounts.session_rows import SESSION_LIFETIME
from bookbytes_api.accounts.signing_key import signing_secret
from tests.api.client import PASSWORD, Api, User, code, offline_settings, serving_api
from tests.api.factories import publish_book

ME, LOGOUT, SESSIONS = "/api/v1/auth/me", "/api/v1/auth/logout", "/api/v1/auth/sessions"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
FOREIGN = (403, "FOREIGN_SITE")


@pytest.fixture
def ada(api: Api) -> User:
    """An administrator."""
    return api.user()


def sign_in(api: Api, user: User, **headers: str) -> httpx.Response:
    """The answer to the form."""
    form = {"username": user.email, "password": PASSWORD}
    return api.client.post("/sign-in", data=form, headers={**OWN_PAGE, **headers}, follow_redirects=False)


def cookie(answer: httpx.Response) -> dict[str, str]:
    """The header that sends the cookie back."""
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}


def test_the_cookie_works_for_pages_and_for_the_api(api: Api, ada: User) -> None:
    """It names a session, which is listed, and ends when it is signed out."""
    signed_in = cookie(sign_in(api, ada))

    assert ada.email == api.ask("GET", ME, headers=signed_in).json()["email"]
    assert 200 == api.ask("GET", "/", headers=signed_in).status_code
    assert [True] == [
        each["is_current"] for each in api.ask("GET", SESSIONS, headers=signed_in).json() if each["is_current"]
    ]
    left = api.client.post("/sign-out", headers={**signed_in, **OWN_PAGE}, follow_redirects=False)
    assert (303, "/sign-in") == (left.status_code, left.headers["Location"])
    assert f"{COOKIE}=;" in left.headers["Set-Cookie"].replace('""', "")
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", ME, headers=signed_in))


@pytest.mark.parametrize(
    ("headers", "is_secure"),
    [
        ({"Origin": "http://testserver.local"}, False),
        ({"Origin": "https://testserver.local"}, True),
    ],
    ids=["plain", "behind TLS"],
)
def test_the_cookie_is_for_this_site_alone(
    api: Api,
    ada: User,
    headers: dict[str, str],
    is_secure: bool,
) -> None:
    """No script reads it, no other site has it sent, and behind TLS nobody on the way sees it."""
    said = sign_in(api, ada, **headers).headers["Set-Cookie"].lower()

    assert ("httponly" in said, "samesite=lax" in said, "secure" in said) == (True, True, is_secure)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver.local"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.local.elsewhere.example"},
        {},
    ],
    ids=str,
)
def test_other_sites_change_nothing(api: Api, ada: User, headers: dict[str, str]) -> None:
    """Neither by the API, nor by a form that would sign the browser out, or in as somebody else.

    Browsers send no cookie along with such a form, but they would take one, and forget what they have kept.
    """
    signed_in = cookie(sign_in(api, ada))

    assert FOREIGN == code(api.ask("POST", LOGOUT, headers={**signed_in, **headers}))
    form = api.client.post("/sign-in", data={"username": ada.email, "password": PASSWORD}, headers=headers)
    assert (403, False) == (form.status_code, COOKIE in form.cookies)
    assert 200 == api.ask("GET", ME, headers={**signed_in, **headers}).status_code
    api.client.cookies.clear()
    out = api.client.post("/sign-out", headers=headers)
    assert 403 == out.status_code
    assert not {"set-cookie", "clear-site-data"} & {*out.headers}


def test_an_old_browser_says_where_its_page_is_from(api: Api, ada: User) -> None:
    """By `Origin` alone, as every browser does where the address is not an `https` one."""
    signed_in = cookie(sign_in(api, ada))
    host = urlsplit(str(api.client.base_url)).netloc

    assert 204 == api.ask("POST", LOGOUT, headers={**signed_in, "Origin": f"http://{host}"}).status_code


def test_the_tokens_are_not_exchangeable(api: Api, ada: User) -> None:
    """The cookie's is no bearer token, and a bearer token in the cookie signs nobody in."""
    token = sign_in(api, ada).cookies[COOKIE]
    bearer = ada.headers["Authorization"].removeprefix("Bearer ")

    assert 401 == api.ask("GET", ME, headers={"Authorization": f"Bearer {token}"}).status_code
    assert 401 == api.ask("GET", ME, headers={"Cookie": f"{COOKIE}={bearer}"}).status_code


def test_a_header_counts_more_than_the_cookie(api: Api, ada: User) -> None:
    """A program in a browser that says who it is needs no permission of the page it is on."""
    signed_in, bob = cookie(sign_in(api, ada)), api.user("bob")

    assert bob.email == api.ask("GET", ME, bob, headers=signed_in).json()["email"]
    assert 204 == api.ask("POST", LOGOUT, bob, headers={**signed_in, "Sec-Fetch-Site": "cross-site"}).status_code


def test_a_session_that_is_used_goes_on(api: Api, ada: User) -> None:
    """A page sends the next cookie once the present one is a day old; before that nothing is written."""
    answer = sign_in(api, ada)
    claims = jwt.decode(answer.cookies[COOKIE], options={"verify_signature": False})
    session_id = UUID(claims["sid"])
    assert "Set-Cookie" not in api.ask("GET", "/", headers=cookie(answer)).headers
    soon = datetime.now(UTC) + timedelta(days=1)
    with api.database.session() as session:
        session.execute(update(LoginSessionRow).where(LoginSessionRow.id == session_id).values(expires_at=soon))
    issued = datetime.now(UTC) - RENEWED_AFTER - timedelta(minutes=1)
    secret = signing_secret(api.settings)
    old = jwt.encode(claims | {"iat": int(issued.timestamp())}, secret, "HS256")

    renewed = api.ask("GET", "/", headers={"Cookie": f"{COOKIE}={old}"})

    assert old != renewed.cookies[COOKIE]
    with api.database.session() as session:
        lasts = session.get_one(LoginSessionRow, session_id).expires_at - datetime.now(UTC)
    assert SESSION_LIFETIME - timedelta(minutes=5) < lasts


def test_a_page_is_found_again_after_signing_in(api: Api, ada: User) -> None:
    """But no page of another site, whatever the link says."""
    book = publish_book(api.settings)
    answer = api.client.get(f"/?q={book}", follow_redirects=False)
    assert f"/sign-in?next=%2F%3Fq%3D{book}" == answer.headers["Location"]

    led = [
        api.client.post(
            "/sign-in",
            data={"username": ada.email, "password": PASSWORD, "next": wanted},
            headers=OWN_PAGE,
            follow_redirects=False,
        ).headers["Location"]
        for wanted in ("/?q=1", "//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example")
    ]

    assert ["/?q=1", "/", "/", "/"] == led


def test_where_registration_is_closed_nobody_signs_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The page says so, and so does the answer to the form."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"), allow_registration=False)) as api:
        page = api.client.get("/sign-up")
        form = {"username": "eve@example.org", "password": PASSWORD}
        answer = api.client.post("/sign-up", data=form, headers=OWN_PAGE)

    assert "Registration is closed here" in page.text
    assert (403, True) == (answer.status_code, "Registration is closed here" in answer.text)
