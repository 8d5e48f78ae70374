"""The voice that people chose for a book."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("books", sa.Column("voice", sa.String(length=100), nullable=True))
    op.add_column("jobs", sa.Column("voice", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "voice")
    op.drop_column("books", "voice")
