"""Starting the services, restarting those that crash, and stopping them together."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bookbytes_pipeline.processes.process_group import describe_exit
from bookbytes_pipeline.processes.serve.errors import ServiceFailed
from bookbytes_pipeline.processes.serve.log_files import ServiceLog
from bookbytes_pipeline.processes.serve.managed_process import ManagedProcess
from bookbytes_pipeline.processes.serve.services import Probe, ServiceSpec

MAX_RESTARTS = 3
"""How often a service is restarted within `CRASH_WINDOW_S` before everything stops."""
CRASH_WINDOW_S = 60.0
START_TIMEOUT_S = 180.0
"""Time until all services have to be ready for the first time."""
POLL_INTERVAL_S = 0.25


class Listener(Protocol):
    """Receives what happens to the services."""

    def service_ready(self, spec: ServiceSpec, ready: int, total: int) -> None:
        """A service is ready for the first time; so many of them are."""

    def needed_ready(self) -> None:
        """All services that are needed to request books are ready; the others are about to start."""

    def crashed(self, spec: ServiceSpec, exit_code: int) -> None:
        """Nothing is left of the service and of those that depend on it; they are restarted after this."""

    def stopping(self) -> None:
        """The services are about to be stopped, because that was requested."""


@dataclass
class SupervisedService:
    """A service, its process while it has one, and when it crashed lately (monotonic seconds)."""

    spec: ServiceSpec
    log: ServiceLog
    is_ready: Probe
    process: ManagedProcess | None = None
    crashes: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_RESTARTS + 1))

    def ready_pid(self) -> int | None:
        """Return the service's process; None while it is not ready. For any thread."""
        process = self.process
        return process.pid if process is not None and self.is_ready() else None

    def failed(self, what: str) -> ServiceFailed:
        """Return the error that says what the service did, and what it printed last."""
        lines = "".join(f"\n  {line}" for line in self.log.last) or " none."
        return ServiceFailed(f"{self.spec.title} {what}. Its log is {self.log.path}; its last lines:{lines}")


def is_crash_loop(crashes: Sequence[float]) -> bool:
    """Return whether a service crashed once more than it may be restarted within the window."""
    return len(crashes) > MAX_RESTARTS and crashes[-1] - crashes[-1 - MAX_RESTARTS] < CRASH_WINDOW_S


def run_services(
    supervised: Sequence[SupervisedService],
    listener: Listener,
    is_over: Callable[[], bool],
    start_timeout_s: float = START_TIMEOUT_S,
) -> None:
    """Run the services until `is_over`; raises `ServiceFailed` when one of them cannot be kept running.

    A service that another depends on is stopped last. However this ends, none of the processes is left.
    """
    by_name = {service.spec.name: service for service in supervised}
    pending, deadline = list(supervised), time.monotonic() + start_timeout_s
    try:
        while not is_over():
            awaited = any(service.spec.is_needed for service in pending)
            for service in supervised:
                if service.spec.is_needed or not awaited:
                    _keep_running(service, by_name, listener)
            if pending:
                pending = _still_pending(pending, len(supervised), listener)
                if awaited and not any(service.spec.is_needed for service in pending):
                    listener.needed_ready()
                if pending and time.monotonic() > deadline:
                    raise pending[0].failed(f"is not ready after {start_timeout_s:.0f} seconds")
            time.sleep(POLL_INTERVAL_S)
        listener.stopping()
    finally:
        dependencies = {service.spec.depends_on for service in supervised}
        _stop(service for service in supervised if service.spec.name not in dependencies)
        _stop(supervised)


def _still_pending(pending: Sequence[SupervisedService], total: int, listener: Listener) -> list[SupervisedService]:
    still = list(pending)
    for service in pending:
        if service.process is not None and service.is_ready():
            still.remove(service)
            listener.service_ready(service.spec, total - len(still), total)
    return still


def _keep_running(service: SupervisedService, by_name: Mapping[str, SupervisedService], listener: Listener) -> None:
    spec = service.spec
    if service.process is None:
        if spec.depends_on is None or by_name[spec.depends_on].is_ready():
            service.process = ManagedProcess(spec, service.log)
        return
    exit_code = service.process.exit_code
    if exit_code is not None:
        _stop([service, *(other for other in by_name.values() if other.spec.depends_on == spec.name)])
        service.crashes.append(time.monotonic())
        if is_crash_loop(service.crashes):
            last = describe_exit(exit_code)
            raise service.failed(f"ended {MAX_RESTARTS + 1} times within a minute, the last time with {last}")
        listener.crashed(spec, exit_code)


def _stop(supervised: Iterable[SupervisedService]) -> None:
    running = [(service, service.process) for service in supervised if service.process is not None]
    for _, process in running:
        process.terminate()
    terminated_at = time.monotonic()
    for service, process in running:
        process.finish(terminated_at)
        service.process = None
