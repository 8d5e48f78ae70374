"""The account behind the API key, for development."""

from sqlalchemy import select

from bookbytes_api.accounts.models import SYSTEM_EMAIL, UserRow
from bookbytes_api.accounts.service import ALL_ACCOUNTS
from bookbytes_api.accounts.user import User
from bookbytes_pipeline.db.database import Database

_NO_PASSWORD = "!"  # noqa: S105 - not the form of a hash, so nobody can log in with a password


def system_user(database: Database) -> User:
    """Return the system account, and create it when it is first needed."""
    with database.session(ALL_ACCOUNTS) as session:
        row = session.scalar(select(UserRow).where(UserRow.email == SYSTEM_EMAIL))
        if row is None:
            row = UserRow(email=SYSTEM_EMAIL, password_hash=_NO_PASSWORD, is_active=True, is_admin=True)
            session.add(row)
            session.flush()
        return User.from_row(row)
