"""Provider usage of all runs together: figures in the database that only grow."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.provider_usage import CallBucket, CallCount, Outcome, ProviderUsage, SpendingKey, Unit
from bookbytes_pipeline.library.models import Base, ProviderCallsRow, ProviderSpendingRow

Row = Mapping[str, str | int | float]

_INSERT: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def add_usage(session: Session, usage: ProviderUsage) -> None:
    """Add to the figures in the caller's transaction; many processes may do so at once."""
    calls: list[Row] = [
        {
            "provider": bucket.provider,
            "model": bucket.model,
            "outcome": bucket.outcome.value,
            "within": str(bucket.max_seconds),
            "calls": count.number,
            "seconds": count.seconds,
        }
        for bucket, count in sorted(usage.calls.items())
    ]
    spent: list[Row] = [
        {"provider": key.provider, "model": key.model, "unit": key.unit.value, "amount": amount}
        for key, amount in sorted(usage.spent.items())
    ]
    _upsert(session, ProviderCallsRow.__tablename__, calls)
    _upsert(session, ProviderSpendingRow.__tablename__, spent)


def total_usage(session: Session) -> ProviderUsage:
    """Return everything so far."""
    calls = {
        CallBucket(row.provider, row.model, Outcome(row.outcome), float(row.within)): CallCount(row.calls, row.seconds)
        for row in session.scalars(select(ProviderCallsRow))
    }
    spent = {
        SpendingKey(row.provider, row.model, Unit(row.unit)): row.amount
        for row in session.scalars(select(ProviderSpendingRow))
    }
    return ProviderUsage(calls, spent)


def _upsert(session: Session, table_name: str, rows: Sequence[Row]) -> None:
    """Add each row's numbers to those of the row with its key. Rows come sorted, so that writers cannot deadlock."""
    if not rows:
        return
    table = Base.metadata.tables[table_name]
    insert = _INSERT[session.get_bind().dialect.name](table)
    keys = [column.name for column in table.primary_key]
    sums = {column.name: column + insert.excluded[column.name] for column in table.columns if column.name not in keys}
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), rows)
