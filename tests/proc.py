"""What Linux knows of processes. Threads, processes and files that end while they are listed are left out."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def children(pid: int) -> Iterator[int]:
    """The children of a process; each of its threads has its own."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                yield from map(int, (task / "children").read_text().split())


def descendants(pid: int) -> list[int]:
    """The children of a process, each followed by its own descendants."""
    return [found for child in children(pid) for found in (child, *descendants(child))]


def fork_server(pid: int) -> int | None:
    """The process that runs are forked from, among the descendants of this one."""
    return next((found for found in descendants(pid) if _is_forking(found)), None)


def run_processes(pid: int) -> list[int]:
    """The processes that execute runs, among the descendants of this one."""
    server = fork_server(pid)
    return [child for child in children(server) if _is_forking(child)] if server else []


def _is_forking(pid: int) -> bool:
    with suppress(OSError):
        return b"multiprocessing.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def open_files(pid: int) -> Iterator[Path]:
    """The files that a process has open at this moment, and what else its descriptors refer to."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            yield descriptor.readlink()
