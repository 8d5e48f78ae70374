"""The table of users."""

from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bookbytes_pipeline.library.models import Base, TimestampMixin

SYSTEM_EMAIL = "system@localhost"
"""The account behind the API key. Nobody can register this address: it has no dot after the @."""


class UserRow(TimestampMixin, Base):
    """A user who may log in. `email` is in lower case; `password_hash` is Argon2's encoded form."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
