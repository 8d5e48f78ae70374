"""What is wrong with a summary, the passages it rests on, and how long people wanted a book's summaries.

The summary of a whole book is a row of `chapters` with the number 0.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "chapter_evidence",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("sentences", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_chapter_evidence_chapter_id_chapters"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chapter_id", name=op.f("pk_chapter_evidence")),
    )
    op.add_column("chapters", sa.Column("review_reasons", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("books", sa.Column("needs_review", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("books", sa.Column("minutes", sa.Float(), nullable=True))
    op.add_column("jobs", sa.Column("minutes", sa.Float(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM chapters WHERE chapter_number = 0")
    op.drop_column("jobs", "minutes")
    op.drop_column("books", "minutes")
    op.drop_column("books", "needs_review")
    op.drop_column("chapters", "review_reasons")
    op.drop_table("chapter_evidence")
