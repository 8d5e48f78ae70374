"""The running process of a service, with everything it starts."""

import time
from threading import Thread

from bookbytes_pipeline.processes.process_group import ProcessGroup
from bookbytes_pipeline.processes.serve.log_files import ServiceLog
from bookbytes_pipeline.processes.serve.services import ServiceSpec


class ManagedProcess:
    """A service while it runs; what it prints goes to its log."""

    def __init__(self, spec: ServiceSpec, log: ServiceLog) -> None:
        self.spec = spec
        self.log = log
        self._group = ProcessGroup(spec.command, spec.env, captured=True)
        self._reader = Thread(target=log.follow, args=[self._group.output], daemon=True, name=f"{spec.name} log")
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process of the service itself."""
        return self._group.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that killed it."""
        return self._group.exit_code

    def terminate(self) -> None:
        """Ask the service itself to stop, but not the processes it started."""
        self._group.terminate()

    def finish(self, terminated_at: float) -> None:
        """Wait for the service to stop, counting from `terminated_at` (monotonic seconds); then kill its whole group.

        A run in progress may use that time to finish.
        """
        self._group.wait(terminated_at + self.spec.stop_timeout_s - time.monotonic())
        self._group.kill()
        self._reader.join(1)
