"""How Alembic reaches the library: over a connection it is handed, else over the settings' database."""

from alembic import context
from sqlalchemy import Connection, create_engine

from bookbytes_api.accounts.models import UserRow
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.listening.models import PositionRow
from bookbytes_pipeline.library.call_shares import CallShareRow
from bookbytes_pipeline.library.models import Base, BookRow
from bookbytes_pipeline.settings import load_settings

TABLES = (BookRow, CallShareRow, UserRow, JobRow, PositionRow)
"""Their modules declare the tables; Alembic compares them with the database."""


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether to compare it with the models: what only one of the databases has is in none."""
    of_one_database = "_search_terms"  # SQLite's FTS5 tables, PostgreSQL's indexes
    return kind not in {"table", "index"} or of_one_database not in (name or "")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=_is_ours,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if (handed := context.config.attributes.get("connection")) is not None:
    migrate(handed)
else:
    with create_engine(load_settings().library_url).begin() as own:
        migrate(own)
