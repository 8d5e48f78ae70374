"""What all runs together asked of providers: figures in the library that only grow."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.provider_usage import CallKind, Calls, Outcome, ProviderUsage, SpendingKind, Unit
from bookbytes_pipeline.library.models import Base, ProviderCallsRow, ProviderSpendingRow

Row = Mapping[str, str | int | float]

_INSERT: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def add(session: Session, consumption: ProviderUsage) -> None:
    """Add this to what is there, in the caller's transaction. Many processes may do so at once."""
    calls: list[Row] = [
        {
            "provider": kind.provider,
            "model": kind.model,
            "outcome": kind.outcome.value,
            "within": str(kind.within),
            "calls": calls.number,
            "seconds": calls.seconds,
        }
        for kind, calls in sorted(consumption.calls.items())
    ]
    spent: list[Row] = [
        {"provider": kind.provider, "model": kind.model, "unit": kind.unit.value, "amount": amount}
        for kind, amount in sorted(consumption.spent.items())
    ]
    _add(session, ProviderCallsRow.__tablename__, calls)
    _add(session, ProviderSpendingRow.__tablename__, spent)


def consumed(session: Session) -> ProviderUsage:
    """Everything so far."""
    calls = {
        CallKind(row.provider, row.model, Outcome(row.outcome), float(row.within)): Calls(row.calls, row.seconds)
        for row in session.scalars(select(ProviderCallsRow))
    }
    spent = {
        SpendingKind(row.provider, row.model, Unit(row.unit)): row.amount
        for row in session.scalars(select(ProviderSpendingRow))
    }
    return ProviderUsage(calls, spent)


def _add(session: Session, name: str, rows: Sequence[Row]) -> None:
    """Add the numbers of each row to those of the row with its key; both come sorted, so that no two wait in a ring."""
    if not rows:
        return
    table = Base.metadata.tables[name]
    insert = _INSERT[session.get_bind().dialect.name](table)
    keys = [column.name for column in table.primary_key]
    sums = {column.name: column + insert.excluded[column.name] for column in table.columns if column.name not in keys}
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), rows)
