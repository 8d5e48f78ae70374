"""The account behind the API key, for development."""

from sqlalchemy import select

from bookbytes_api.accounts.models import SYSTEM_EMAIL, UserRow
from bookbytes_api.accounts.service import ALL_ACCOUNTS
from bookbytes_api.accounts.user import User, user
from bookbytes_pipeline.db.database import Database

_NO_PASSWORD = "!"  # noqa: S105 - no hash looks like this, so nobody can log in with a password


def system_user(database: Database) -> User:
    """The system account, made when it is first needed."""
    with database.session(ALL_ACCOUNTS) as session:
        row = session.scalar(select(UserRow).where(UserRow.email == SYSTEM_EMAIL))
        if row is None:
            row = UserRow(email=SYSTEM_EMAIL, password_hash=_NO_PASSWORD, is_active=True, is_admin=True)
            session.add(row)
            session.flush()
        return user(row)
