"""SQL statements about people."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bookbytes_api.accounts.models import LoginSessionRow, PersonalAccessTokenRow, UserRow
from bookbytes_api.accounts.service import accounts
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.people.schemas import Person


def list_people(session: Session, offset: int, size: int) -> tuple[list[Person], int]:
    """Return a page of accounts by address, and how many there are."""
    total = session.scalar(accounts().with_only_columns(func.count()).order_by(None)) or 0
    return _people(session, accounts().offset(offset).limit(size)), total


def find_person(session: Session, user_id: UUID) -> Person:
    """Return the account with this id, which there is."""
    return _people(session, accounts().where(UserRow.id == user_id))[0]


def _people(session: Session, wanted: Select[Any]) -> list[Person]:
    """Return these accounts in one query."""
    jobs = select(func.count()).select_from(JobRow).where(JobRow.user_id == UserRow.id)
    logged_in = select(func.max(LoginSessionRow.last_used_at)).where(LoginSessionRow.user_id == UserRow.id)
    by_token = select(func.max(PersonalAccessTokenRow.last_used_at)).where(PersonalAccessTokenRow.user_id == UserRow.id)
    counted = wanted.add_columns(logged_in.scalar_subquery(), by_token.scalar_subquery(), jobs.scalar_subquery())
    return [_person(*found) for found in session.execute(counted)]


def _person(row: UserRow, *uses_and_jobs: Any) -> Person:
    *uses, jobs = uses_and_jobs
    last_seen_at = max(filter(None, uses), default=None)
    return Person(row.id, row.email, row.is_active, row.is_admin, row.created_at, last_seen_at, jobs)
