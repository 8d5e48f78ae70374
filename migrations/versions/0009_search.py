"""The search index, filled from the books that are there."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bookbytes_pipeline.library.search_index import Terms, rebuild

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("book_search", "chapter_search")
ADDED = "INSERT INTO {table}_terms (rowid, terms) VALUES (new.id, new.terms || iif(new.latest, ' latest', ''));"
REMOVED = (
    "INSERT INTO {table}_terms ({table}_terms, rowid, terms) "
    "VALUES ('delete', old.id, old.terms || iif(old.latest, ' latest', ''));"
)
FTS5 = (
    "CREATE VIRTUAL TABLE {table}_terms USING fts5(terms, content='', columnsize=0, detail=none, tokenize=ascii)",
    f"CREATE TRIGGER {{table}}_inserted AFTER INSERT ON {{table}} BEGIN {ADDED} END",
    f"CREATE TRIGGER {{table}}_deleted AFTER DELETE ON {{table}} BEGIN {REMOVED} END",
    f"CREATE TRIGGER {{table}}_updated AFTER UPDATE ON {{table}} BEGIN {REMOVED} {ADDED} END",
)
"""Triggers, because foreign keys delete rows, too. Terms consist of letters, digits and private characters, and of
nothing that this tokenizer takes for their end."""
IN_ORDER = "CREATE INDEX ix_book_search_terms_by_title ON book_search (title_key, language, book_id)"
"""PostgreSQL would go through it, and read the terms of every book for a rare word."""
GIN = (
    "CREATE INDEX ix_{table}_terms ON {table} USING gin (terms) WITH (fastupdate = off)",
    "ANALYZE {table}",
)
BESIDE = ("ALTER TABLE {table} SET (toast_tuple_target = 128)",)
"""Terms lie beside their table, so that counting what the index finds reads few pages."""


def upgrade() -> None:
    """Fill the index; a later migration that changes its tables has to do that instead."""
    op.create_table(
        "book_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.Column("title_key", sa.String(length=1000), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("terms", Terms(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_book_search_book_id_books"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_search")),
        sa.UniqueConstraint("book_id", name=op.f("uq_book_search_book_id")),
    )
    op.create_table(
        "chapter_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("terms", Terms(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_chapter_search_chapter_id_chapters"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapter_search")),
        sa.UniqueConstraint("chapter_id", name=op.f("uq_chapter_search_chapter_id")),
    )
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    _execute(connection, FTS5 if on_sqlite else BESIDE)
    rebuild(connection)
    if on_sqlite:
        connection.exec_driver_sql(IN_ORDER)
    else:
        _execute(connection, GIN)


def _execute(connection: sa.Connection, statements: Sequence[str]) -> None:
    for table in TABLES:
        for statement in statements:
            connection.exec_driver_sql(statement.format(table=table))


def downgrade() -> None:
    for table in reversed(TABLES):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {table}_terms")
        op.drop_table(table)
