"""Provider usage of all runs together, and of each: figures in the database that only grow."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.provider_usage import CallBucket, CallCount, Outcome, ProviderUsage, SpendingKey, Unit
from bookbytes_pipeline.library.models import Base, ProviderCallsRow, ProviderSpendingRow, RunUsageRow

Row = Mapping[str, str | int | float]
Spending = Mapping[SpendingKey, int]

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
    _upsert(session, ProviderCallsRow.__tablename__, calls)
    _upsert(session, ProviderSpendingRow.__tablename__, _spending_rows(usage.spent))


def add_run_spending(session: Session, run_id: str, spent: Spending) -> None:
    """Add to what this run and its retries have spent; `run_id` is that of the first."""
    rows = [{"run_id": run_id, **row} for row in _spending_rows(spent)]
    _upsert(session, RunUsageRow.__tablename__, rows)


def spending_of_runs(session: Session, run_ids: Iterable[str]) -> Mapping[str, Spending]:
    """Return what each of these runs has spent with its retries; one that has spent nothing is left out."""
    found: defaultdict[str, dict[SpendingKey, int]] = defaultdict(dict)
    for row in session.scalars(select(RunUsageRow).where(RunUsageRow.run_id.in_(set(run_ids)))):
        found[row.run_id][SpendingKey(row.provider, row.model, Unit(row.unit))] = row.amount
    return found


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


def _spending_rows(spent: Spending) -> list[Row]:
    return [
        {"provider": key.provider, "model": key.model, "unit": key.unit.value, "amount": amount}
        for key, amount in sorted(spent.items())
    ]


def _upsert(session: Session, table_name: str, rows: Sequence[Row]) -> None:
    """Add each row's numbers to those of the row with its key. Rows come sorted, so that writers cannot deadlock."""
    if not rows:
        return
    table = Base.metadata.tables[table_name]
    insert = _INSERT[session.get_bind().dialect.name](table)
    keys = [column.name for column in table.primary_key]
    sums = {column.name: column + insert.excluded[column.name] for column in table.columns if column.name not in keys}
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), rows)
