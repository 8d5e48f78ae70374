"""Starting the parts, keeping them running, and ending them together."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bookbytes_pipeline.processes.process_group import how_it_ended
from bookbytes_pipeline.processes.serve.errors import ServiceFailed
from bookbytes_pipeline.processes.serve.log_files import Log
from bookbytes_pipeline.processes.serve.managed_process import ManagedProcess
from bookbytes_pipeline.processes.serve.readiness import Probe
from bookbytes_pipeline.processes.serve.services import ServiceSpec

RESTARTS = 3
"""How often a part is started again within `WINDOW` seconds before everything is given up."""
WINDOW = 60.0
LONGEST_START = 180.0
"""Seconds until all parts have to be ready for the first time."""
PAUSE = 0.25
"""Seconds between two looks at the parts."""


class Listener(Protocol):
    """Who is told what happens to the parts."""

    def ready(self) -> None:
        """All parts do their work."""

    def crashed(self, part: ServiceSpec, exit_code: int) -> None:
        """Nothing is left of the part and of those that need it; they are started again after this."""

    def ending(self) -> None:
        """The parts are about to be ended, because somebody asked for it."""


@dataclass
class SupervisedService:
    """A part, its process while it has one, and when its processes crashed lately (monotonic seconds)."""

    part: ServiceSpec
    log: Log
    is_ready: Probe
    process: ManagedProcess | None = None
    crashes: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS + 1))

    @property
    def is_hopeless(self) -> bool:
        """Whether it crashed once more than it may be started again."""
        return len(self.crashes) > RESTARTS and self.crashes[-1] - self.crashes[0] < WINDOW

    def failed(self, what: str) -> ServiceFailed:
        """The error that says what the part did, and what it printed last."""
        lines = "".join(f"\n  {line}" for line in self.log.last) or " none."
        return ServiceFailed(f"{self.part.title} {what}. Its log is {self.log.path}; its last lines:{lines}")


def run_services(supervised: Sequence[SupervisedService], listener: Listener, is_over: Callable[[], bool]) -> None:
    """Run the parts until `is_over`; raises `ServiceFailed` when one of them cannot be kept running.

    The parts that need no other are ended last. However this ends, no process of it is left.
    """
    services = {one.part.name: one for one in supervised}
    pending, deadline = list(supervised), time.monotonic() + LONGEST_START
    try:
        while not is_over():
            for one in supervised:
                _keep_running(one, services, listener)
            if pending:
                pending = _still_pending(pending, deadline)
                if not pending:
                    listener.ready()
            time.sleep(PAUSE)
        listener.ending()
    finally:
        needed = {one.part.needs for one in supervised}
        _end([one for one in supervised if one.part.name not in needed])
        _end(supervised)


def _still_pending(pending: Sequence[SupervisedService], deadline: float) -> list[SupervisedService]:
    still = [one for one in pending if one.process is None or not one.is_ready()]
    if still and time.monotonic() > deadline:
        raise still[0].failed(f"is not ready after {LONGEST_START:.0f} seconds")
    return still


def _keep_running(one: SupervisedService, services: Mapping[str, SupervisedService], listener: Listener) -> None:
    if one.process is None:
        if one.part.needs is None or services[one.part.needs].is_ready():
            one.process = ManagedProcess(one.part, one.log)
        return
    exit_code = one.process.exit_code
    if exit_code is not None:
        _end([one, *(other for other in services.values() if other.part.needs == one.part.name)])
        one.crashes.append(time.monotonic())
        if one.is_hopeless:
            raise one.failed(f"ended {RESTARTS + 1} times within a minute, at last with {how_it_ended(exit_code)}")
        listener.crashed(one.part, exit_code)


def _end(supervised: Sequence[SupervisedService]) -> None:
    processes = [one.process for one in supervised if one.process is not None]
    for process in processes:
        process.request_end()
    requested = time.monotonic()
    for process in processes:
        process.end(requested)
    for one in supervised:
        one.process = None
