"""The user who sends a request."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from bookbytes_api.accounts.models import UserRow


@dataclass(frozen=True, slots=True)
class User:
    """An authenticated user. Administrators may do what changes the library for everybody.

    Whoever sends a personal access token `may_listen` if the token allows it.
    """

    id: UUID
    email: str
    is_admin: bool
    may_listen: bool = True

    @classmethod
    def from_row(cls, row: UserRow) -> Self:
        """Return the user of an account."""
        return cls(row.id, row.email, row.is_admin)
