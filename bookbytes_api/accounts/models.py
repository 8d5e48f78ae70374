"""The tables of users, their login sessions, personal access tokens and reset links."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bookbytes_pipeline.library.models import Base, TimestampMixin, UTCDateTime

SYSTEM_EMAIL = "system@localhost"
"""The account behind the API key. Nobody can register this address: it has no dot after the @."""

MAX_TOKEN_NAME_CHARS = 100
MAX_DEVICE_CHARS = 200


class UserRow(TimestampMixin, Base):
    """A user who may log in. `email` is in lower case; `password_hash` is Argon2's encoded form.

    `revocations` counts how often everything was signed out: what was granted before is void.
    """

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    revocations: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class LoginSessionRow(Base):
    """A login on one device. `generation` is that of the refresh token which leads to the next one.

    `last_used_at` is exact to an hour.
    """

    __tablename__ = "login_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(String(MAX_DEVICE_CHARS))
    generation: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    refreshed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PasswordResetRow(Base):
    """The reset link of a user, who has one at a time. `token_hash` is the SHA-256 of its token."""

    __tablename__ = "password_resets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PersonalAccessTokenRow(Base):
    """A token that somebody gave to a program. `token_hash` is the SHA-256 of its secret."""

    __tablename__ = "personal_access_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_TOKEN_NAME_CHARS))
    scope: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=lambda: datetime.now(UTC))
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
