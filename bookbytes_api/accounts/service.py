"""Registration and login, as changes to the rows of users."""

from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from bookbytes_api.accounts import passwords
from bookbytes_api.accounts.models import SYSTEM_EMAIL, UserRow
from bookbytes_api.accounts.session_rows import end_sessions
from bookbytes_api.errors import (
    AccountInactive,
    EmailTaken,
    InvalidEmail,
    LastAdministrator,
    UnknownAccount,
    WrongCredentials,
)

MAX_EMAIL_CHARS = 254
ALL_ACCOUNTS = "accounts"
"""The lock under which accounts are created: the first one becomes an administrator, and only one can be first."""


def parse_email(text: str) -> str:
    """Return the address in the form in which it is stored; raises `InvalidEmail`. Whether it exists is not checked."""
    if len(text) > MAX_EMAIL_CHARS:
        raise InvalidEmail(f"This is not an e-mail address: it has {len(text)} characters.")
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError as fault:
        raise InvalidEmail(f"This is not an e-mail address: {fault}") from None


def known_as(text: str) -> str:
    """Return how an address would be stored; what is not an address stays as it is, and belongs to no account."""
    try:
        return parse_email(text)
    except InvalidEmail:
        return text.strip().lower()


def register(session: Session, email: str, password_hash: str) -> UserRow:
    """Create an account, in a session that holds `ALL_ACCOUNTS`; raises `EmailTaken`."""
    if session.scalar(select(UserRow.id).where(UserRow.email == email)):
        raise EmailTaken("There is an account with this e-mail address. Log in instead.")
    users = select(func.count()).select_from(UserRow).where(UserRow.email != SYSTEM_EMAIL)
    first = session.scalar(users) == 0
    row = UserRow(email=email, password_hash=password_hash, is_active=True, is_admin=first)
    session.add(row)
    session.flush()
    return row


def accounts() -> Select[UserRow]:
    """Select the accounts of people, by their addresses; the system account belongs to nobody."""
    return select(UserRow).where(UserRow.email != SYSTEM_EMAIL).order_by(UserRow.email)


def account_by_id(session: Session, user_id: UUID) -> UserRow:
    """Return the account of a person; raises `UnknownAccount`."""
    return _one(session, UserRow.id == user_id, user_id)


def account_by_email(session: Session, email: str) -> UserRow:
    """Return the account of a person; raises `UnknownAccount`."""
    return _one(session, UserRow.email == known_as(email), email)


def make_administrator(session: Session, email: str) -> None:
    """Make this account an administrator; raises `UnknownAccount`."""
    change_account(session, account_by_email(session, email), is_admin=True)


def revoke_administrator(session: Session, email: str) -> None:
    """Make this account an ordinary one, in a session that holds `ALL_ACCOUNTS`.

    Raises `UnknownAccount`, and `LastAdministrator` where nobody would be left who may do what administrators do.
    """
    change_account(session, account_by_email(session, email), is_admin=False)


def deactivate(session: Session, email: str) -> None:
    """Deactivate this account, in a session that holds `ALL_ACCOUNTS`.

    Raises `UnknownAccount` or `LastAdministrator`, as `revoke_administrator` does.
    """
    change_account(session, account_by_email(session, email), is_active=False)


def activate(session: Session, email: str) -> None:
    """Open this account again; raises `UnknownAccount`."""
    change_account(session, account_by_email(session, email), is_active=True)


def change_account(
    session: Session, row: UserRow, *, is_active: bool | None = None, is_admin: bool | None = None
) -> None:
    """Change whether an account is active or an administrator's, in a session that holds `ALL_ACCOUNTS`.

    When it is deactivated its sessions end, and its personal access tokens are refused until it is activated again.
    Raises `LastAdministrator` where nobody would be left who may do what administrators do.
    """
    if is_active is False or is_admin is False:
        _require_another_administrator(session, row)
    if is_active is False:
        end_sessions(session, row)
    row.is_active = row.is_active if is_active is None else is_active
    row.is_admin = row.is_admin if is_admin is None else is_admin


def require_successor(session: Session, row: UserRow) -> None:
    """Raise `LastAdministrator` if this account is the only administrator's and there are others."""
    if session.scalar(accounts().where(UserRow.id != row.id).limit(1)) is not None:
        _require_another_administrator(session, row)


def _one(session: Session, condition: ColumnElement[bool], name: object) -> UserRow:
    row = session.scalar(accounts().where(condition))
    if row is None:
        raise UnknownAccount(f"There is no account {name}.")
    return row


def _require_another_administrator(session: Session, row: UserRow) -> None:
    others = accounts().where(UserRow.is_admin, UserRow.is_active, UserRow.id != row.id)
    if row.is_admin and row.is_active and session.scalar(others.limit(1)) is None:
        raise LastAdministrator(
            f"{row.email} is the only administrator. Make another account one first: bookbytes users --admin EMAIL."
        )


def log_in(session: Session, email: str, password: str) -> UserRow:
    """Return the account with this address and password; raises `WrongCredentials` or `AccountInactive`."""
    row = session.scalar(select(UserRow).where(UserRow.email == known_as(email)))
    form = passwords.matching_form(row.password_hash if row else None, password)
    if form is None or row is None:
        raise WrongCredentials("No account has this e-mail address and password.")
    if not row.is_active:
        raise AccountInactive("This account has been closed. Ask whoever runs this BookBytes.")
    if passwords.is_outdated(row.password_hash, form):
        # unless it was changed meanwhile: the old password must not come back
        unchanged = update(UserRow).where(UserRow.id == row.id, UserRow.password_hash == row.password_hash)
        session.execute(unchanged.values(password_hash=passwords.hashed(password)))
    return row
