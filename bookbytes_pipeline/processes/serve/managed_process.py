"""One running process of a part, with everything it starts."""

import time
from threading import Thread

from bookbytes_pipeline.processes.process_group import ProcessGroup
from bookbytes_pipeline.processes.serve.log_files import Log
from bookbytes_pipeline.processes.serve.services import ServiceSpec


class ManagedProcess:
    """A part while it runs; what it prints goes to its log."""

    def __init__(self, part: ServiceSpec, log: Log) -> None:
        self.part = part
        self.log = log
        self._group = ProcessGroup(part.command, part.env, captured=True)
        self._reader = Thread(target=log.follow, args=[self._group.output], daemon=True, name=f"{part.name} log")
        self._reader.start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._group.exit_code

    def request_end(self) -> None:
        """Ask the part itself to end, not what it started."""
        self._group.request_end()

    def end(self, requested: float) -> None:
        """Wait for the part to end, since it was `requested` (monotonic seconds); then end what is left of its group.

        A run that is under way may use that time to finish.
        """
        self._group.wait(requested + self.part.patience - time.monotonic())
        self._group.kill()
        self._reader.join(1)
