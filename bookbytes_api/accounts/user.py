"""The user who sends a request."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from bookbytes_api.accounts.models import UserRow


@dataclass(frozen=True, slots=True)
class User:
    """An authenticated user. Administrators may do what changes the library for everybody.

    Whoever sends a personal access token `may_listen` if the token allows it; only those who are logged in have a
    `session_id`. `revocations` tells the signed addresses that the user gets now from earlier ones.
    """

    id: UUID
    email: str
    is_admin: bool
    may_listen: bool = True
    session_id: UUID | None = None
    revocations: int = 0

    @classmethod
    def from_row(cls, row: UserRow, session_id: UUID | None = None) -> Self:
        """Return the user of an account, logged in by this session."""
        return cls(row.id, row.email, row.is_admin, session_id=session_id, revocations=row.revocations)
