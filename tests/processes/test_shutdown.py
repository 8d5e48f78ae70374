"""When a process stops gracefully, and when it stops immediately."""

import os
import signal

import pytest

from bookbytes_pipeline.processes.process_group import describe_exit
from bookbytes_pipeline.processes.shutdown import ShutdownRequest, shutdown_on_signals

INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


@pytest.mark.parametrize(
    ("signals", "requested", "forced"),
    [
        ([], False, False),
        ([INT], True, False),
        ([INT, INT], True, True),
        ([INT, TERM], True, True),
        ([HUP, HUP], True, False),
        ([INT, HUP], True, False),
        ([HUP, INT], True, True),
    ],
)
def test_a_second_signal_forces_but_a_closing_terminal_does_not(
    signals: list[signal.Signals], requested: bool, forced: bool
) -> None:
    """Ctrl-C twice means immediately. A closing terminal sends SIGHUP twice, and does not force."""
    shutdown = ShutdownRequest()
    for number in signals:
        shutdown.request(number)

    assert (requested, forced) == (shutdown.is_requested(), shutdown.is_forced())


def test_signals_are_counted_and_handlers_restored() -> None:
    """A signal within the block does not end the process; after the block everything is as before."""
    before = [signal.getsignal(number) for number in (INT, TERM, HUP)]
    with shutdown_on_signals() as shutdown:
        os.kill(os.getpid(), TERM)

    assert shutdown.is_requested()
    assert before == [signal.getsignal(number) for number in (INT, TERM, HUP)]


def test_nohup_is_respected() -> None:
    """A process that was started to ignore SIGHUP keeps ignoring it."""
    before = signal.signal(HUP, signal.SIG_IGN)
    try:
        with shutdown_on_signals() as shutdown:
            os.kill(os.getpid(), HUP)
            during = signal.getsignal(HUP)
    finally:
        signal.signal(HUP, before)

    assert (signal.SIG_IGN, False) == (during, shutdown.is_requested())


@pytest.mark.parametrize(("exit_code", "description"), [(0, "exit code 0"), (3, "exit code 3"), (-9, "SIGKILL")])
def test_exit_codes_are_described(exit_code: int, description: str) -> None:
    """A negative exit code is the signal that killed the process, by its name."""
    assert description == describe_exit(exit_code)
