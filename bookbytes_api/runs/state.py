"""What a run is doing, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run stands. `RETRYING`: it crashed, and Dagster is about to start it again under another id."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self in {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class RunState:
    """A run and the runs that Dagster started in its place after crashes.

    `run_ids` begins with the root run's id and ends with the one that counts now; `status` is that one's.
    """

    run_ids: tuple[str, ...]
    status: RunStatus
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def current(self) -> str:
        """The id of the run that counts now."""
        return self.run_ids[-1]


class Happening(StrEnum):
    """What an event tells of a step."""

    STARTED = "started"
    CHAPTER = "chapter"
    FINISHED = "finished"
    FAILED = "failed"
    RUN_FAILED = "run_failed"


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Something that happened in a run, at `at`; `asset` is empty where it is about the whole run.

    `done` of `total` chapters are through after a `CHAPTER`. A `FAILED` step has a `code`, a `message` for people and
    the first failed `chapter`, if it failed at chapters.
    """

    happening: Happening
    at: datetime
    asset: str = ""
    done: int = 0
    total: int = 0
    code: str = ""
    message: str = ""
    chapter: int | None = None
