"""How many chapters a book is to have that was never finished."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("books", sa.Column("chapters_expected", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("books", "chapters_expected")
