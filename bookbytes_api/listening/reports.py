"""What devices report of a place in one book, and which of the reports holds. Pure: no database, no clock.

Reports are merged as a set: in whatever order and however often they come in, the same one wins.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookbytes_api.listening.models import DELETED, OLDER, REPLACED
from bookbytes_api.listening.places import Place, Timeline

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a device's clock may be ahead of the server's."""
HISTORY_LENGTH = 20
_NEAR_S = 60.0
"""A device that plays reports every few seconds. What it reports within so many seconds of what it reported before is
the same listening, and nothing is lost."""


@dataclass(frozen=True, slots=True)
class Report:
    """A place in a book, when by the device's clock, and which device.

    `effective_time` is when for the sake of comparing: `client_time`, unless that clock is ahead. `is_finished` is what
    the person said about the book, if anything; `is_playing` whether it was heard and not only looked at.
    """

    place: Place
    client_time: datetime
    effective_time: datetime
    device: str
    is_finished: bool | None = None
    is_playing: bool = False

    @property
    def identity(self) -> tuple[datetime, str, Place]:
        """What a report that is sent again has in common with the first."""
        return self.client_time, self.device, self.place

    @property
    def rank(self) -> tuple[datetime, datetime, Place, str]:
        """The greatest holds: the newest, and of equally new ones the one that is further in the book."""
        return self.effective_time, self.client_time, self.place, self.device


@dataclass(frozen=True, slots=True)
class Lost:
    """A place in the history: when it came in, and why it is there (`older`, `replaced`, `deleted`)."""

    report: Report
    received_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Whether the book is finished, and the effective time of the report that last decided it."""

    is_finished: bool
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Position:
    """The report that holds, or the deletion that nothing has overtaken, and whether the book is finished."""

    report: Report
    finish: Finish | None = None
    is_deleted: bool = False


def effective_time(client_time: datetime, device: str, now: datetime, known: Position | None) -> datetime:
    """Return when a report counts as made: by the device's clock, or now if that clock is ahead of the server's.

    A device that is ahead and repeats what it has overtaken itself does not win by repeating it.
    """
    if client_time <= now + CLOCK_TOLERANCE:
        return client_time
    overtaken = known is not None and known.report.device == device and client_time <= known.report.client_time
    return min(known.report.effective_time, now) if known and overtaken else now


def merge(
    known: Position | None, history: Sequence[Lost], reports: Collection[Report], timeline: Timeline, now: datetime
) -> tuple[Position, list[Lost]]:
    """Return the position and the history after these reports, of which there is at least one.

    A report that is known already changes nothing.
    """
    heard_of = {lost.report.identity for lost in history} | ({known.report.identity} if known else set())
    fresh = list({report.identity: report for report in reports if report.identity not in heard_of}.values())
    if known is None:
        holds = max(fresh, key=lambda report: report.rank)
        is_deleted = False
    else:
        holds = max([known.report, *fresh], key=lambda report: report.rank)
        is_deleted = known.is_deleted and holds is known.report
    finish = _finish(known.finish if known else None, fresh, timeline)
    lost = [Lost(report, now, OLDER) for report in fresh if report is not holds]
    if known and not known.is_deleted and holds is not known.report:
        lost.append(Lost(known.report, now, REPLACED))
    return Position(holds, finish, is_deleted), _history([*history, *lost], holds, timeline)


def delete(known: Position, history: Sequence[Lost], timeline: Timeline, now: datetime) -> tuple[Position, list[Lost]]:
    """Return the position and the history after the position was deleted: its place is in the history."""
    lost = [*history, Lost(known.report, now, DELETED)]
    deletion = Report(Place(known.report.place.chapter_number, 0.0), now, now, device="")
    return Position(deletion, Finish(is_finished=False, decided_at=now), is_deleted=True), _history(
        lost, deletion, timeline
    )


def _finish(known: Finish | None, reports: Iterable[Report], timeline: Timeline) -> Finish | None:
    """The newest report that says anything about the end decides; of equally new ones the one that says finished."""
    decisions = [
        Finish(said, report.effective_time)
        for report in reports
        if (said := _says_finished(report, timeline)) is not None
    ]
    return max([*decisions, *([known] if known else [])], key=lambda it: (it.decided_at, it.is_finished), default=None)


def _says_finished(report: Report, timeline: Timeline) -> bool | None:
    """Return what a report says about the end.

    A place before it says nothing unless the book is being played there: many players go back to the start by
    themselves when a book has ended.
    """
    if report.is_finished is not None:
        return report.is_finished
    if timeline.is_end(report.place):
        return True
    return False if report.is_playing else None


def _history(lost: Sequence[Lost], holds: Report, timeline: Timeline) -> list[Lost]:
    """Return the newest of what was lost, the newest first, without what the same device simply played on from."""
    newest_first = sorted(lost, key=lambda it: it.report.rank, reverse=True)
    successors = [holds, *(it.report for it in newest_first)]
    kept = [it for it, after in zip(newest_first, successors, strict=False) if not _leads_to(it, after, timeline)]
    return kept[:HISTORY_LENGTH]


def _leads_to(lost: Lost, after: Report, timeline: Timeline) -> bool:
    if lost.why == DELETED or lost.report.device != after.device:
        return False
    moved = timeline.seconds_from_start(after.place) - timeline.seconds_from_start(lost.report.place)
    return abs(moved) <= _NEAR_S
