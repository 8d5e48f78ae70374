"""How runs share the calls that a provider allows at once, and the pauses that it asks for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "call_shares",
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "holder", name=op.f("pk_call_shares")),
    )
    op.create_table(
        "call_pauses",
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_call_pauses")),
    )


def downgrade() -> None:
    op.drop_table("call_pauses")
    op.drop_table("call_shares")
