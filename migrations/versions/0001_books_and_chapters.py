"""Books, their ISBNs and their chapters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "books",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("isbn", sa.String(length=13), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("author", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("edition", sa.String(length=200), nullable=True),
        sa.Column("publisher", sa.String(length=300), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("publish_date", sa.String(length=100), nullable=True),
        sa.Column("publish_year", sa.Integer(), nullable=True),
        sa.Column("cover_url", sa.String(length=500), nullable=True),
        sa.Column("work", sa.String(length=1100), nullable=False),
        sa.Column("work_key", sa.String(length=50), nullable=True),
        sa.Column("edition_key", sa.String(length=50), nullable=True),
        sa.Column("contents_source", sa.String(length=20), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
        sa.UniqueConstraint("isbn", name=op.f("uq_books_isbn")),
    )
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_books_edition_key"), ["edition_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_books_recipe"), ["recipe"], unique=False)
        batch_op.create_index(batch_op.f("ix_books_title_language"), ["title", "language"], unique=False)
        batch_op.create_index(batch_op.f("ix_books_work_language"), ["work", "language"], unique=False)

    op.create_table(
        "book_isbns",
        sa.Column("isbn", sa.String(length=13), nullable=False),
        sa.Column("type", sa.String(length=7), nullable=False),
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_book_isbns_book_id_books"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("isbn", name=op.f("pk_book_isbns")),
    )
    with op.batch_alter_table("book_isbns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_book_isbns_book_id"), ["book_id"], unique=False)

    op.create_table(
        "chapters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.Column("chapter_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("grounding", sa.String(length=20), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("audio_key", sa.String(length=500), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_chapters_book_id_books"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapters")),
        sa.UniqueConstraint("book_id", "chapter_number", name=op.f("uq_chapters_book_id_chapter_number")),
    )


def downgrade() -> None:
    op.drop_table("chapters")
    with op.batch_alter_table("book_isbns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_book_isbns_book_id"))

    op.drop_table("book_isbns")
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_books_work_language"))
        batch_op.drop_index(batch_op.f("ix_books_title_language"))
        batch_op.drop_index(batch_op.f("ix_books_recipe"))
        batch_op.drop_index(batch_op.f("ix_books_edition_key"))

    op.drop_table("books")
