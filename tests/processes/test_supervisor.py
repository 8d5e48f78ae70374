"""The supervisor with small processes instead of real services."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bookbytes_pipeline.processes.serve.errors import ServiceFailed
from bookbytes_pipeline.processes.serve.log_files import ServiceLog
from bookbytes_pipeline.processes.serve.services import ServiceSpec
from bookbytes_pipeline.processes.serve.supervisor import SupervisedService, is_crash_loop, run_services

FOREVER = "trap 'exit 0' TERM; while :; do sleep 0.05; done"


@dataclass
class Recorder:
    """A listener that records its notifications."""

    events: list[str] = field(default_factory=list)

    def service_ready(self, spec: ServiceSpec, ready: int, total: int) -> None:
        """Record how many services are ready."""
        self.events.append(f"{spec.name} ready, {ready} of {total}")

    def needed_ready(self) -> None:
        """Record that those are ready that are needed."""
        self.events.append("needed ready")

    def crashed(self, spec: ServiceSpec, exit_code: int) -> None:
        """Record which service crashed."""
        self.events.append(f"{spec.name} crashed with {exit_code}")

    def stopping(self) -> None:
        """Record that the stop begins."""
        self.events.append("stopping")


@pytest.fixture
def listener() -> Recorder:
    """A listener."""
    return Recorder()


@dataclass
class Scripts:
    """Services that run shell scripts."""

    folder: Path
    logs: list[ServiceLog] = field(default_factory=list)

    def service(
        self,
        name: str,
        script: str,
        is_ready: Callable[[], bool] = lambda: True,
        depends_on: str | None = None,
        stop_timeout_s: float = 60,
        *,
        is_needed: bool = True,
    ) -> SupervisedService:
        """A service of this name that runs this script."""
        command = ("/bin/sh", "-c", script)
        spec = ServiceSpec(name, f"Title of {name}", command, os.environ, depends_on, is_needed, stop_timeout_s)
        self.logs.append(ServiceLog(self.folder / f"{name}.log", echoed=False))
        return SupervisedService(spec, self.logs[-1], is_ready)


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Scripts]:
    """Services whose logs are in a folder of the test."""
    scripts = Scripts(tmp_path)
    yield scripts
    for log in scripts.logs:
        log.close()


@pytest.mark.parametrize(
    ("crashes", "is_loop"),
    [
        ([], False),
        ([0, 1, 2], False),
        ([0, 1, 2, 59], True),
        ([0, 1, 2, 60], False),
        ([0, 90, 91, 92], False),
        ([0, 90, 91, 92, 93], True),
    ],
)
def test_four_crashes_within_a_minute_are_a_loop(crashes: list[float], is_loop: bool) -> None:
    """Three restarts are allowed in any minute; what crashed longer ago does not count."""
    assert is_loop == is_crash_loop(crashes)


def test_services_are_announced_as_they_become_ready(scripts: Scripts, listener: Recorder) -> None:
    """Each is counted once, in the order in which they become ready; then they can be used."""
    slow = scripts.service("slow", FOREVER, is_ready=lambda: "quick ready, 1 of 2" in listener.events)
    quick = scripts.service("quick", FOREVER)
    run_services([slow, quick], listener, until(lambda: "needed ready" in listener.events))

    assert ["quick ready, 1 of 2", "slow ready, 2 of 2", "needed ready", "stopping"] == listener.events


def test_what_nobody_waits_for_starts_last(scripts: Scripts, listener: Recorder) -> None:
    """It takes no processor from the others, whatever its place; it counts as one of the services all the same."""
    last = scripts.service("last", FOREVER, is_needed=False)
    first = scripts.service("first", FOREVER)
    run_services([last, first], listener, until(lambda: "last ready, 2 of 2" in listener.events))

    assert ["first ready, 1 of 2", "needed ready", "last ready, 2 of 2", "stopping"] == listener.events


def test_a_crash_restarts_the_service_and_what_depends_on_it(scripts: Scripts, listener: Recorder) -> None:
    """The dependent service is restarted too; an independent one keeps running."""
    once = f"[ -e {scripts.folder}/crashed ] || {{ sleep 0.5; touch {scripts.folder}/crashed; exit 7; }}; {FOREVER}"
    base = scripts.service("base", f"echo started; {once}")
    dependent = scripts.service("dependent", f"echo started; {FOREVER}", depends_on="base")
    other = scripts.service("other", f"echo started; {FOREVER}")
    run_services([base, dependent, other], listener, until(lambda: starts(base) == 2 == starts(dependent)))

    assert "base crashed with 7" in listener.events
    assert [2, 2, 1] == [starts(base), starts(dependent), starts(other)]


def test_a_crash_loop_stops_everything_and_shows_the_last_lines(scripts: Scripts, listener: Recorder) -> None:
    """After three restarts the supervisor gives up and shows the last output; no process is left."""
    pid_file = scripts.folder / "pid"
    healthy = scripts.service("healthy", f"echo $$ >{pid_file}; {FOREVER}")
    broken = scripts.service("broken", "echo no configuration; exit 3")
    with pytest.raises(ServiceFailed) as failure:
        run_services([healthy, broken], listener, lambda: False)

    assert 3 == listener.events.count("broken crashed with 3")
    assert str(failure.value).startswith(
        f"Title of broken ended 4 times within a minute, the last time with exit code 3. Its log is {broken.log.path}; "
        "its last lines:\n  no configuration"
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_a_service_that_never_becomes_ready_is_named(scripts: Scripts, listener: Recorder) -> None:
    """The message names the first service that is not ready in time."""
    ready = scripts.service("ready", FOREVER)
    stuck = scripts.service("stuck", FOREVER, is_ready=lambda: False)

    with pytest.raises(ServiceFailed, match=r"Title of stuck is not ready after 0 seconds\. .* its last lines: none\."):
        run_services([ready, stuck], listener, lambda: False, start_timeout_s=0)


def test_what_others_depend_on_stops_last(scripts: Scripts, listener: Recorder) -> None:
    """When it has to stop, nothing that depends on it is running any more."""
    stops = scripts.folder / "stops"
    runs = "echo started; while :; do sleep 0.05; done"  # said once the trap is set
    base = scripts.service("base", f"trap 'echo base >>{stops}; exit 0' TERM; {runs}")
    dependent = scripts.service(
        "dependent", f"trap 'sleep 0.3; echo dependent >>{stops}; exit 0' TERM; {runs}", depends_on="base"
    )
    run_services([base, dependent], listener, until(lambda: starts(base) == starts(dependent) == 1))

    assert ["dependent", "base"] == stops.read_text().split()


def test_a_service_that_does_not_stop_is_killed(scripts: Scripts, listener: Recorder) -> None:
    """It is killed soon after its stop timeout."""
    unresponsive = scripts.service(
        "unresponsive", "trap '' TERM; echo started; while :; do sleep 0.05; done", stop_timeout_s=1
    )
    run_services([unresponsive], listener, until(lambda: starts(unresponsive) == 1))

    assert unresponsive.process is None
    assert "stopping" == listener.events[-1]


def until(condition: Callable[[], bool]) -> Callable[[], bool]:
    """The condition; it raises an error when it is still false after two minutes."""
    deadline = time.monotonic() + 120

    def is_over() -> bool:
        if time.monotonic() > deadline:
            raise TimeoutError
        return condition()

    return is_over


def starts(service: SupervisedService) -> int:
    """How often the service was started."""
    return list(service.log.last).count("started")
