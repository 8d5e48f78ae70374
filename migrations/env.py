"""How Alembic reaches the library: over a connection it is handed, else over the settings' database."""

from alembic import context
from sqlalchemy import Connection, create_engine

from bookbytes_api.accounts.models import UserRow
from bookbytes_api.jobs.models import JobRow
from bookbytes_pipeline.library.call_shares import CallShareRow
from bookbytes_pipeline.library.models import Base, BookRow
from bookbytes_pipeline.settings import load_settings

TABLES = (BookRow, CallShareRow, UserRow, JobRow)
"""Their modules declare the tables; Alembic compares them with the database."""


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


if (handed := context.config.attributes.get("connection")) is not None:
    migrate(handed)
else:
    with create_engine(load_settings().library_url).begin() as own:
        migrate(own)
