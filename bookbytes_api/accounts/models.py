"""The tables of users and of their personal access tokens."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bookbytes_pipeline.library.models import Base, TimestampMixin, UTCDateTime

SYSTEM_EMAIL = "system@localhost"
"""The account behind the API key. Nobody can register this address: it has no dot after the @."""

MAX_TOKEN_NAME_CHARS = 100


class UserRow(TimestampMixin, Base):
    """A user who may log in. `email` is in lower case; `password_hash` is Argon2's encoded form."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)


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
