"""Personal access tokens: what programs may do with them, and who manages them."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from bookbytes_api.accounts.models import PersonalAccessTokenRow, UserRow
from bookbytes_api.accounts.personal_tokens import MAX_TOKENS
from tests.api.client import Api, User, code
from tests.api.factories import ISBN, SOUND, publish_book

TOKENS = "/api/v1/auth/tokens"
REFUSED = (403, "TOKEN_SCOPE_TOO_NARROW")
UNKNOWN = (401, "NOT_AUTHENTICATED")


@pytest.fixture
def ada(api: Api) -> User:
    """An administrator."""
    return api.user()


def created(api: Api, user: User, scope: str = "listen", name: str = "my phone") -> dict[str, Any]:
    """A new token of this user."""
    answer = api.ask("POST", TOKENS, user, json={"name": name, "scope": scope})
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def bearer(token: dict[str, Any]) -> dict[str, str]:
    """The header that most programs send."""
    return {"Authorization": f"Bearer {token['token']}"}


def basic(token: dict[str, Any], name: str = "anybody") -> dict[str, str]:
    """The header of readers that know only names and passwords."""
    named = f"{name}:{token['token']}"
    return {"Authorization": f"Basic {b64encode(named.encode()).decode()}"}


@pytest.mark.parametrize("header", [bearer, basic])
def test_a_player_listens_with_a_token(api: Api, ada: User, header: Any) -> None:
    """As a bearer token, or as the password of HTTP Basic, whatever the name."""
    publish_book(api.settings)
    token = created(api, ada)

    book = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", headers=header(token)).json()
    clip = api.ask("GET", book["chapters"][0]["audio_url"], headers=header(token))

    assert (200, SOUND) == (clip.status_code, clip.content)


def test_an_app_that_can_send_nothing_else_has_the_token_in_the_address(api: Api, ada: User) -> None:
    """Where a clip is played; nowhere else, and not after it was revoked."""
    publish_book(api.settings)
    token = created(api, ada)
    chapter = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()["chapters"][0]
    clip = f"{chapter['audio_url']}?token={token['token']}"

    assert (200, SOUND) == ((answer := api.ask("GET", clip)).status_code, answer.content)
    assert api.ask("HEAD", clip).status_code == 200
    assert api.ask("GET", f"/api/v1/chapters/{chapter['id']}?token={token['token']}").status_code == 401
    assert api.ask("GET", f"{chapter['audio_url']}?token={created(api, ada, 'read')['token']}").status_code == 403
    assert code(api.ask("GET", f"{chapter['audio_url']}?token={ada.headers['Authorization'][7:]}")) == UNKNOWN
    api.ask("DELETE", f"{TOKENS}/{token['id']}", ada)
    assert code(api.ask("GET", clip)) == UNKNOWN


@pytest.mark.parametrize(
    ("scope", "listening", "making"),
    [
        ("read", REFUSED, REFUSED),
        ("listen", (200, SOUND), REFUSED),
        ("make", (200, SOUND), (404, "JOB_NOT_FOUND")),
    ],
)
def test_a_scope_allows_what_narrower_ones_do_and_more(
    api: Api, ada: User, scope: str, listening: tuple[int, object], making: tuple[int, object]
) -> None:
    """To read, to listen, to make."""
    publish_book(api.settings)
    token = bearer(created(api, ada, scope))
    book = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", headers=token)
    clip = api.ask("GET", book.json()["chapters"][0]["audio_url"], headers=token)
    job = api.ask("POST", f"/api/v1/jobs/{uuid4()}/cancel", headers=token)

    assert book.status_code == 200
    assert listening == ((200, clip.content) if clip.status_code == 200 else code(clip))
    assert making == code(job)


def test_a_token_that_may_not_listen_is_given_no_address_to_listen_at(api: Api, ada: User) -> None:
    """Wherever chapters are shown; one that may listen is."""
    publish_book(api.settings)
    shown = {}
    for scope in ("read", "listen"):
        token = bearer(created(api, ada, scope))
        book = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", headers=token).json()
        first = book["chapters"][0]
        chapter = api.ask("GET", f"/api/v1/chapters/{first['id']}", headers=token).json()
        [listed, *_] = api.ask("GET", f"/api/v1/books/{book['id']}/chapters", headers=token).json()
        [found, *_] = api.ask("GET", "/api/v1/search?q=springs", headers=token).json()["items"]
        shown[scope] = [each["listen_url"] for each in (first, chapter, listed, found)]

    assert [None] * 4 == shown["read"]
    assert [SOUND] * 4 == [api.ask("GET", url).content for url in shown["listen"]]


def test_a_refusal_says_which_scope_is_needed(api: Api, ada: User) -> None:
    """And which one the token has."""
    token = bearer(created(api, ada, "read"))

    answer = api.ask("POST", "/api/v1/books/process", headers=token, json={"isbn": ISBN})

    assert REFUSED == code(answer)
    assert "This token allows you to read; this needs one with the scope `make`." == answer.json()["error"]["message"]


def test_no_token_has_the_rights_of_an_administrator(api: Api, ada: User) -> None:
    """A phone that is lost deletes no books."""
    book, token = publish_book(api.settings), bearer(created(api, ada, "make"))

    assert (403, "ADMINISTRATOR_NEEDED") == code(api.ask("DELETE", f"/api/v1/books/{book}", headers=token))


def test_no_token_manages_tokens(api: Api, ada: User) -> None:
    """Whoever finds one cannot make others."""
    token = created(api, ada, "make")
    requests = [("POST", TOKENS), ("GET", TOKENS), ("DELETE", f"{TOKENS}/{token['id']}")]

    answers = [
        api.ask(method, path, headers=bearer(token), json={"name": "x", "scope": "read"}) for method, path in requests
    ]

    assert [REFUSED] * 3 == [code(answer) for answer in answers]


def test_a_revoked_token_is_refused_at_once(api: Api, ada: User) -> None:
    """The others go on."""
    lost, kept = created(api, ada), created(api, ada)

    assert api.ask("DELETE", f"{TOKENS}/{lost['id']}", ada).status_code == 204

    assert UNKNOWN == code(api.ask("GET", "/api/v1/books", headers=bearer(lost)))
    assert api.ask("GET", "/api/v1/books", headers=bearer(kept)).status_code == 200
    assert (404, "TOKEN_NOT_FOUND") == code(api.ask("DELETE", f"{TOKENS}/{lost['id']}", ada))


def test_a_token_ends_with_its_account(api: Api, ada: User) -> None:
    """And begins again with it."""
    token, statuses = bearer(created(api, ada)), []
    for is_active in (False, True):
        with api.database.session() as session:
            session.execute(update(UserRow).where(UserRow.id == UUID(ada.id)).values(is_active=is_active))
        statuses.append(api.ask("GET", "/api/v1/books", headers=token).status_code)

    assert [401, 200] == statuses


def test_everybody_sees_and_revokes_their_own_tokens_only(api: Api, ada: User) -> None:
    """Those of others do not exist for them."""
    bob = api.user("bob")
    of_ada, of_bob = created(api, ada), created(api, bob)

    assert [of_bob["id"]] == [token["id"] for token in api.ask("GET", TOKENS, bob).json()]
    assert (404, "TOKEN_NOT_FOUND") == code(api.ask("DELETE", f"{TOKENS}/{of_ada['id']}", bob))
    assert api.ask("GET", "/api/v1/books", headers=bearer(of_ada)).status_code == 200


def test_a_secret_is_shown_once_and_kept_nowhere(api: Api, ada: User) -> None:
    """The list has names, scopes and times; the database has a hash."""
    token = created(api, ada, "listen", "my phone")

    [listed] = api.ask("GET", TOKENS, ada).json()
    with api.database.session() as session:
        row = session.scalars(select(PersonalAccessTokenRow)).one()
        kept = [str(getattr(row, column.key)) for column in PersonalAccessTokenRow.__table__.columns]

    assert {"id", "name", "scope", "created_at", "last_used_at"} == listed.keys()
    assert ("my phone", "listen", None) == (listed["name"], listed["scope"], listed["last_used_at"])
    assert token["token"].startswith("bookbytes_")
    assert not any(token["token"].removeprefix("bookbytes_") in value for value in kept)


def test_the_last_use_is_noted_once_an_hour(api: Api, ada: User) -> None:
    """A player asks many times in a minute."""
    token, uses = created(api, ada), []
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1, minutes=1)
    for _ in range(2):
        api.ask("GET", "/api/v1/books", headers=bearer(token))
        uses.append(api.ask("GET", TOKENS, ada).json()[0]["last_used_at"])
    with api.database.session() as session:
        session.execute(update(PersonalAccessTokenRow).values(last_used_at=an_hour_ago))
    api.ask("GET", "/api/v1/books", headers=bearer(token))
    latest = api.ask("GET", TOKENS, ada).json()[0]["last_used_at"]

    assert uses[0] == uses[1] is not None
    assert datetime.fromisoformat(latest) > an_hour_ago + timedelta(hours=1)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer bookbytes_",
        "Bearer bookbytes_" + "x" * 43,
        "Bearer bookbytes_\u00e9",
        "Basic bookbytes_x",
        "Basic " + b64encode(b"ada:password").decode(),
        "Basic " + b64encode(b"bookbytes_x").decode(),
        "Basic " + b64encode(b"ada:bookbytes_\xff").decode(),
        "Basic",
        "Token bookbytes_x",
    ],
)
def test_what_is_no_token_is_refused(api: Api, header: str) -> None:
    """Whatever it looks like."""
    assert UNKNOWN == code(api.ask("GET", "/api/v1/books", headers={"Authorization": header.encode("latin-1")}))


def test_nobody_has_more_tokens_than_they_can_oversee(api: Api, ada: User) -> None:
    """One has to be revoked before the next."""
    first, *_ = [created(api, ada, "read", f"number {number}") for number in range(MAX_TOKENS)]
    one_more = {"name": "one more", "scope": "read"}

    assert (409, "TOO_MANY_TOKENS") == code(api.ask("POST", TOKENS, ada, json=one_more))
    api.ask("DELETE", f"{TOKENS}/{first['id']}", ada)
    assert api.ask("POST", TOKENS, ada, json=one_more).status_code == 201


@pytest.mark.parametrize("body", [{"name": "", "scope": "read"}, {"name": "x" * 101, "scope": "read"}, {"name": "x"}])
def test_a_token_has_a_name_and_a_scope(api: Api, ada: User, body: dict[str, str]) -> None:
    """What is missing or too long is named."""
    assert 422 == api.ask("POST", TOKENS, ada, json=body).status_code
