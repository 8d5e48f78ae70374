"""What accounts look like in requests and responses."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import msgspec
from litestar.params import KwargDefinition

from bookbytes_api.accounts.credentials import EMAIL_EXAMPLE, MAX_PASSWORD_CHARS, PASSWORD_EXAMPLE
from bookbytes_api.accounts.models import LoginSessionRow, UserRow
from bookbytes_api.accounts.password_resets import MAX_RESET_TOKEN_CHARS
from bookbytes_api.accounts.refresh_tokens import MAX_REFRESH_TOKEN_CHARS
from bookbytes_api.accounts.sessions import Login
from bookbytes_api.web.strict_json import NO_NULL_BYTES_PATTERN

Email = Annotated[str, KwargDefinition(schema_extra={"format": "email", "examples": [EMAIL_EXAMPLE]})]
NewPassword = Annotated[
    str,
    msgspec.Meta(
        min_length=8, max_length=MAX_PASSWORD_CHARS, pattern=NO_NULL_BYTES_PATTERN, examples=[PASSWORD_EXAMPLE]
    ),
]
"""Bounded, because hashing takes longer the longer a password is."""
Password = Annotated[str, msgspec.Meta(max_length=MAX_PASSWORD_CHARS)]


class Registration(msgspec.Struct):
    """E-mail address and password of a new account. The password has 8 to 128 characters."""

    email: Email
    password: NewPassword


class Account(msgspec.Struct):
    """An account."""

    id: UUID
    email: str
    is_active: bool
    created_at: datetime

    @classmethod
    def from_row(cls, row: UserRow) -> Self:
        """Return the account of a row."""
        return msgspec.convert(row, cls, from_attributes=True)


class OwnAccount(Account):
    """The account of the current user."""

    is_admin: bool


class TokenResponse(msgspec.Struct):
    """A bearer token, valid for `expires_in` seconds, and the refresh token that leads to the next one."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str

    @classmethod
    def from_login(cls, login: Login) -> Self:
        """Return the response to a login or a refresh."""
        return cls(login.access_token, "bearer", login.expires_in, login.refresh_token)


class RefreshRequest(msgspec.Struct):
    """The last refresh token of a session."""

    refresh_token: Annotated[str, msgspec.Meta(max_length=MAX_REFRESH_TOKEN_CHARS)]


class LogoutEverywhere(msgspec.Struct):
    """What ends beside your sessions and the addresses of clips: with `tokens`, your personal access tokens as well."""

    tokens: bool = False


class LoginSession(msgspec.Struct):
    """A login on one device, named as its client names itself (`User-Agent`). `last_used_at` is exact to an hour.

    It ends at `expires_at`, unless it is refreshed before. `is_current` is that of the request.
    """

    id: UUID
    device: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    is_current: bool

    @classmethod
    def from_row(cls, row: LoginSessionRow, current: UUID | None) -> Self:
        """Return the session of a row; `current` is that of the request."""
        return cls(row.id, row.device, row.created_at, row.last_used_at, row.expires_at, row.id == current)


class PasswordChange(msgspec.Struct):
    """The password of today, and the next one of 8 to 128 characters."""

    current_password: Password
    new_password: NewPassword


class PasswordReset(msgspec.Struct):
    """The token of a reset link, and the new password of 8 to 128 characters."""

    token: Annotated[str, msgspec.Meta(max_length=MAX_RESET_TOKEN_CHARS)]
    new_password: NewPassword


class Closing(msgspec.Struct):
    """The password of the account that is to be closed."""

    password: Password
