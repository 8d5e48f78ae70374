"""A disk that is soon full: a file system in memory, of a size of one's choice."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

NEEDS_ROOT = "only root can mount a small disk; `unshare --user --map-root-user --mount` before pytest is enough"
_BLOCK = 4096


@dataclass(frozen=True)
class SmallDisk:
    """The disk that is mounted at `folder`."""

    folder: Path

    def fill(self) -> None:
        """Leave no byte free."""
        block = bytes(_BLOCK)
        with suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while file.write(block):
                pass

    def free(self) -> None:
        """Give back what was filled."""
        self._filler.unlink()

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of this size at `folder` until the block ends; skips the test where that is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", folder]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip(NEEDS_ROOT)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
