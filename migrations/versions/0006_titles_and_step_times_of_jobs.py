"""What the book of a job is called, and how long the steps of completed jobs took."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MEASURED = sa.text("step_seconds IS NOT NULL")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("title", sa.String(length=500), nullable=True))
    op.add_column("jobs", sa.Column("authors", sa.JSON(), nullable=True))
    op.add_column("jobs", sa.Column("step_seconds", sa.JSON(), nullable=True))
    op.create_index(
        "ix_jobs_measured_completed_at", "jobs", ["completed_at"], sqlite_where=MEASURED, postgresql_where=MEASURED
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_measured_completed_at", "jobs")
    op.drop_column("jobs", "step_seconds")
    op.drop_column("jobs", "authors")
    op.drop_column("jobs", "title")
