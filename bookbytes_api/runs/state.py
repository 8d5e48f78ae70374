"""The state of a run, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunStatus(StrEnum):
    """The status of a run. `RETRYING`: it crashed, and Dagster is about to start it again under another id."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self in {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class RunState:
    """A run and the runs that Dagster started in its place after crashes.

    `run_ids` begins with the root run's id and ends with the current run's; `status` is the current run's.
    """

    run_ids: tuple[str, ...]
    status: RunStatus
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def current(self) -> str:
        """The id of the current run."""
        return self.run_ids[-1]

    @property
    def has_begun(self) -> bool:
        """Whether it has left Dagster's queue. One that waits there again, because it crashed, began before that."""
        return len(self.run_ids) > 1 or self.status is not RunStatus.WAITING
