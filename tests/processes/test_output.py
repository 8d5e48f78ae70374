"""What services print while nobody reads it: a pipe or a terminal of the test, read whenever the test likes."""

import json
import os
import pty
import termios
import tty
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from bookbytes_pipeline.processes.output import MAX_WAITING_BYTES, UnblockedOutput, log_line, relay
from tests.api.client import wait_for

LINE = "number {:07} of many lines, each long enough to fill a pipe or a terminal before long\n"
CTRL_S, CTRL_Q = b"\x13", b"\x11"
NOTICE = "{} lines were dropped"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The ends for reading and for writing of a pipe that nobody reads."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The side of the person and the side of the process of a terminal, whose output Ctrl-S has stopped."""
    person, process = pty.openpty()
    attributes = termios.tcgetattr(process)
    attributes[tty.OFLAG] &= ~termios.OPOST  # line ends as they are written
    termios.tcsetattr(process, termios.TCSANOW, attributes)
    os.write(person, CTRL_S)
    yield person, process
    os.close(person)
    os.close(process)


def test_a_pipe_that_nobody_reads_blocks_nothing(pipe: tuple[int, int]) -> None:
    """What does not fit is dropped, oldest first and by whole lines; a later reader is told how many are missing."""
    reading, writing = pipe
    count = 5 * MAX_WAITING_BYTES // len(LINE)
    output = _output(writing)
    _print(output, range(count))

    _assert_whole(_read(reading, LINE.format(count - 1)), count)


def test_a_stopped_terminal_blocks_nothing(terminal: tuple[int, int]) -> None:
    """The same under Ctrl-S; with Ctrl-Q it goes on."""
    person, process = terminal
    count = 2 * MAX_WAITING_BYTES // len(LINE)
    output = _output(process)
    _print(output, range(count))
    os.write(person, CTRL_Q)

    _assert_whole(_read(person, LINE.format(count - 1)), count)


def test_nothing_is_lost_where_somebody_reads(pipe: tuple[int, int]) -> None:
    """At the end everything is written that has been printed, also a line that is not complete and a long one."""
    reading, writing = pipe
    printed = "".join(map(LINE.format, range(3000))) + "x" * 200_000 + "\nthe end"
    output = _output(writing)
    with ThreadPoolExecutor(1) as threads:
        read = threads.submit(_read, reading, "the end")
        output.write(printed.encode())
        output.finish()

    assert printed == read.result().replace("x\nx", "xx")


def test_the_end_does_not_wait_for_who_has_stopped_reading(pipe: tuple[int, int]) -> None:
    """A process that is asked to stop does so."""
    _, writing = pipe
    output = _output(writing)
    _print(output, range(3000))
    output.finish()

    assert os.isatty(writing) == output.isatty()


def test_a_reader_that_is_gone_is_reported_once() -> None:
    """Printing goes on to cost nothing, and nobody is killed by it."""
    reading, writing = os.pipe()
    os.close(reading)
    losses: list[OSError] = []
    output = UnblockedOutput(writing, NOTICE.format, losses.append)
    _print(output, range(10))
    wait_for(lambda: losses)
    _print(output, range(10))
    output.finish()
    os.close(writing)

    assert ["Broken pipe"] == [error.strerror for error in losses]


def test_a_pipe_that_does_not_wait_is_waited_for(pipe: tuple[int, int]) -> None:
    """Whoever shares the other end may have made it non-blocking; a full pipe is no error."""
    reading, writing = pipe
    os.set_blocking(writing, False)
    output = _output(writing)
    _print(output, range(3000))

    assert "".join(map(LINE.format, range(3000))) == _read(reading, LINE.format(2999))


def test_what_a_process_prints_is_passed_on(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Byte by byte, whatever its encoding, and to its end."""
    printed = b"a line in Latin-1: h\xe4lf\nand one that is not complete"
    relay(BytesIO(printed))

    assert printed == capsysbinary.readouterr().err


def test_lines_for_machines_stay_objects() -> None:
    """Also those about the output itself."""
    line = json.loads(log_line("2 lines were dropped here.", as_json=True, level="warning"))

    assert ("2 lines were dropped here.", "warning") == (line["event"], line["level"])
    assert "as it is" == log_line("as it is", as_json=False)


def _output(fd: int) -> UnblockedOutput:
    return UnblockedOutput(fd, NOTICE.format, lambda _: None)


def _print(output: UnblockedOutput, numbers: range) -> None:
    for number in numbers:
        output.write(LINE.format(number).encode())


def _read(fd: int, end: str) -> str:
    """Everything up to what is printed last."""
    parts = [os.read(fd, 65_536)]
    while end.encode() not in b"".join(parts[-2:]):
        parts.append(os.read(fd, 65_536))
    return b"".join(parts).decode()


def _assert_whole(read: str, count: int) -> None:
    """Each line is whole and in its place; where lines are missing, one says how many."""
    number, notices = 0, 0
    for line in read.splitlines(keepends=True):
        if "dropped" in line:
            number += int(line.split()[0])
            notices += 1
        else:
            assert LINE.format(number) == line
            number += 1

    assert count == number
    assert notices
