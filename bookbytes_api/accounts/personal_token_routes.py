"""Creating, listing and revoking one's personal access tokens, by those who are logged in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bookbytes_api.accounts.models import MAX_TOKEN_NAME_CHARS, PersonalAccessTokenRow
from bookbytes_api.accounts.personal_tokens import TokenScope, create_token, revoke_token, tokens_lock, tokens_of
from bookbytes_api.accounts.user import User
from bookbytes_api.web.access import LOGIN_ONLY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.strict_json import NO_NULL_BYTES_PATTERN, strict_json
from bookbytes_pipeline.db.database import Database

_Name = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=MAX_TOKEN_NAME_CHARS, pattern=NO_NULL_BYTES_PATTERN, examples=["Podcasts on my phone"]
    ),
]


class NewToken(msgspec.Struct):
    """The name by which you will know the token, and its scope.

    `read` allows whatever can be looked at, `listen` the clips too, `make` requesting books as well. No token has the
    rights of administrators, nor can one manage tokens.
    """

    name: _Name
    scope: TokenScope


class PersonalToken(msgspec.Struct, kw_only=True):
    """A personal access token, without its secret. `last_used_at` is exact to an hour."""

    id: UUID
    name: str
    scope: TokenScope
    created_at: datetime
    last_used_at: datetime | None


class CreatedToken(PersonalToken, kw_only=True):
    """A new token with its secret, which is shown this once."""

    token: str


@post(
    "/",
    operation_id="create_token",
    before_request=strict_json,
    opt={LOGIN_ONLY: True},
    cache_control=CacheControlHeader(no_store=True),
    responses=error_responses(400, 401, 403, 409, 413, 422, 503),
    sync_to_thread=True,
)
def create_personal_token(
    data: JSONBody[NewToken], user: NamedDependency[User], database: NamedDependency[Database]
) -> CreatedToken:
    """Create a personal access token for a program that is to read, listen or make books for you."""
    with database.session(tokens_lock(user.id)) as session:
        row, secret = create_token(session, user.id, data.name, data.scope)
        return msgspec.convert(_fields(row) | {"token": secret}, CreatedToken)


@get(
    "/",
    operation_id="list_tokens",
    opt={LOGIN_ONLY: True},
    responses=error_responses(401, 403, 503),
    sync_to_thread=True,
)
def list_personal_tokens(user: NamedDependency[User], database: NamedDependency[Database]) -> list[PersonalToken]:
    """List your personal access tokens, the oldest first."""
    with database.session() as session:
        return [msgspec.convert(_fields(row), PersonalToken) for row in tokens_of(session, user.id)]


@delete(
    "/{token_id:uuid}",
    operation_id="revoke_token",
    opt={LOGIN_ONLY: True},
    responses=error_responses(400, 401, 403, 404, 503),
    sync_to_thread=True,
)
def revoke_personal_token(
    token_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]
) -> None:
    """Revoke a personal access token: it is refused from the next request on."""
    with database.session() as session:
        revoke_token(session, user.id, token_id)


def _fields(row: PersonalAccessTokenRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in PersonalToken.__struct_fields__}


router = Router(
    "/auth/tokens",
    route_handlers=[create_personal_token, list_personal_tokens, revoke_personal_token],
    tags=["accounts"],
)
