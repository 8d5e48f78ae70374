"""What people change about their own account, each time with their password."""

from sqlalchemy.orm import Session

from bookbytes_api.accounts import passwords
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.password_resets import discard_reset
from bookbytes_api.accounts.service import ALL_ACCOUNTS, require_successor
from bookbytes_api.accounts.session_rows import end_sessions
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import WrongPassword
from bookbytes_pipeline.db.database import Database


def change_password(database: Database, user: User, current_password: str, new_password: str) -> None:
    """Give the user another password; all sessions but the present one end. Raises `WrongPassword`."""
    revocations = _checked(database, user, current_password)
    password_hash = passwords.hashed(new_password)
    with database.session(ALL_ACCOUNTS) as session:
        row = _unchanged(session, user, revocations)
        row.password_hash = password_hash
        end_sessions(session, row, keep=user.session_id)
        discard_reset(session, row.id)


def close(database: Database, user: User, password: str) -> None:
    """Delete the account with all that is the user's own; jobs stay, without a name.

    Raises `WrongPassword`, and `LastAdministrator` where others would be left without one.
    """
    revocations = _checked(database, user, password)
    with database.session(ALL_ACCOUNTS) as session:
        row = _unchanged(session, user, revocations)
        require_successor(session, row)
        session.delete(row)


def _checked(database: Database, user: User, password: str) -> int:
    """Return the revocations at the time when this was the password; raises `WrongPassword`."""
    with database.session() as session:
        row = session.get_one(UserRow, user.id)
        password_hash, revocations = row.password_hash, row.revocations
    if passwords.matching_form(password_hash, password) is None:
        raise WrongPassword("This is not the password of your account.")
    return revocations


def _unchanged(session: Session, user: User, revocations: int) -> UserRow:
    """Return the row, unless everything was signed out since the password was checked."""
    row = session.get(UserRow, user.id)
    if row is None or row.revocations != revocations:
        raise WrongPassword("Your account was changed at the same moment. Log in again.")
    return row
