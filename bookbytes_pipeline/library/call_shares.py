"""The tables in which runs share the slots for calls to a provider, and the pauses that it asks for.

A row is written about once a second by each run that calls. Both functions expect a transaction that holds the lock of
`lock_of` the provider.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bookbytes_pipeline.domain.fair_shares import Claim, fair_shares
from bookbytes_pipeline.library.models import Base, UTCDateTime


class CallShareRow(Base):
    """The slots that one holder (a run, while it calls a provider) has until `expires_at`, and how many it wants.

    `since` is when its turn began, if it has any, else when it began to wait. The `slots` of a provider's rows are
    together at most its limit.
    """

    __tablename__ = "call_shares"

    provider: Mapped[str] = mapped_column(String(50), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32), primary_key=True)
    slots: Mapped[int] = mapped_column(Integer)
    wanted: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CallPauseRow(Base):
    """Until when a provider asked for no more calls, the last time it did."""

    __tablename__ = "call_pauses"

    provider: Mapped[str] = mapped_column(String(50), primary_key=True)
    paused_until: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """In seconds, what share and renewal of calls depend on.

    A share is renewed after `alone`, or after `shared` where others call the provider, too; who has no slot yet looks
    for one after `waiting`. It expires after `lease`. A turn takes `turn` where there are more runs than slots.
    `patience` is how long the database may take before a run goes on with the share that it knows.
    """

    alone: float = 1.0
    shared: float = 0.5
    waiting: float = 0.25
    lease: float = 5.0
    turn: float = 2.0
    patience: float = 2.0


@dataclass(frozen=True, slots=True)
class Ask:
    """How many of `limit` slots a holder wants; it cannot do without `keep`. `pause` is what the provider asked for."""

    provider: str
    holder: str
    limit: int
    keep: int
    wanted: int
    pause: float


@dataclass(frozen=True, slots=True)
class Grant:
    """The slots that are held from now on, the fair `share` that they should become, and what is left of a pause.

    `is_alone` says whether nobody else calls the provider.
    """

    held: int
    share: int
    pause: float
    is_alone: bool


def lock_of(provider: str) -> str:
    """Return the name of the lock under which the shares of a provider are changed."""
    return f"calls to {provider}"


def renew_share(session: Session, ask: Ask, times: LeaseTimes) -> Grant:
    """Hold what `ask` keeps, and more of what nobody else holds, up to a fair share; drop holders that have expired.

    A holder that wants no slot and keeps none has no row.
    """
    now = _now(session)
    rows = session.scalars(select(CallShareRow).where(CallShareRow.provider == ask.provider)).all()
    own = next((row for row in rows if row.holder == ask.holder), None)
    others = _unexpired(session, [row for row in rows if row is not own], now)
    share = _fair_share(ask, own, others, now, times)
    free = max(0, ask.limit - sum(row.slots for row in others))
    held = max(ask.keep, min(share, free))
    _write(session, ask, own, held, now, now + timedelta(seconds=times.lease))
    return Grant(held, share, _pause(session, ask, now), is_alone=not others)


def give_up_share(session: Session, provider: str, holder: str) -> None:
    """Leave all slots of this holder to others."""
    row = session.get(CallShareRow, (provider, holder))
    if row is not None:
        session.delete(row)


def _unexpired(session: Session, rows: Sequence[CallShareRow], now: datetime) -> list[CallShareRow]:
    for row in rows:
        if row.expires_at <= now:
            session.delete(row)
    return [row for row in rows if row.expires_at > now]


def _fair_share(
    ask: Ask, own: CallShareRow | None, others: Sequence[CallShareRow], now: datetime, times: LeaseTimes
) -> int:
    """Return the share of the one who asks: all slots for one who is alone, whose next calls then need not wait."""
    if not others:
        return ask.limit if ask.wanted else 0
    claims = [Claim(row.holder, row.slots, row.wanted, row.since) for row in others]
    claims.append(Claim(ask.holder, own.slots if own else 0, ask.wanted, own.since if own else now))
    return fair_shares(ask.limit, claims, now, timedelta(seconds=times.turn))[ask.holder]


def _write(
    session: Session, ask: Ask, own: CallShareRow | None, held: int, now: datetime, expires_at: datetime
) -> None:
    if not held and not ask.wanted:
        if own:
            session.delete(own)
        return
    is_new_turn = own is None or bool(own.slots) != bool(held)
    row = own or CallShareRow(provider=ask.provider, holder=ask.holder)
    row.slots, row.wanted, row.expires_at = held, ask.wanted, expires_at
    row.since = now if is_new_turn else row.since
    session.add(row)


def _pause(session: Session, ask: Ask, now: datetime) -> float:
    """Return what is left of the provider's pause, which is made longer if `ask` has met a longer one."""
    row = session.get(CallPauseRow, ask.provider)
    left = (row.paused_until - now).total_seconds() if row else 0.0
    if ask.pause > max(0.0, left):
        row = row or CallPauseRow(provider=ask.provider)
        row.paused_until = now + timedelta(seconds=ask.pause)
        session.add(row)
    return max(0.0, left, ask.pause)


def _now(session: Session) -> datetime:
    """Return the time of the database's clock, because those of several machines differ; SQLite has one machine."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    return session.scalars(select(func.clock_timestamp(type_=UTCDateTime))).one()
