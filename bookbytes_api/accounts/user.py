"""Who is asking."""

from dataclasses import dataclass
from uuid import UUID

from bookbytes_api.accounts.models import UserRow


@dataclass(frozen=True, slots=True)
class User:
    """Whoever sent the request, made sure of. An administrator may do what changes the library for everybody."""

    id: UUID
    email: str
    is_admin: bool


def user(row: UserRow) -> User:
    """The person of an account."""
    return User(row.id, row.email, row.is_admin)
