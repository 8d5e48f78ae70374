"""Whether the disks of this machine that are written to will soon be full."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from bookbytes_pipeline.domain.errors import BookBytesError

_MB = 1_000_000


class DiskAlmostFull(BookBytesError):
    """Less is free than MIN_FREE_DISK_MB. Everything works until nothing is left; freeing some space helps."""

    code = "DISK_ALMOST_FULL"


def require_free_space(folders: Iterable[Path], min_free_mb: int) -> str:
    """Return how much is free, at least, where these folders are; raises `DiskAlmostFull` below the minimum."""
    free = {folder: shutil.disk_usage(_existing(folder)).free for folder in folders}
    fullest = min(free, key=lambda folder: free[folder])
    amount = f"{free[fullest] / _MB:,.0f} MB"
    if free[fullest] < min_free_mb * _MB:
        raise DiskAlmostFull(
            f"Only {amount} are free for {fullest}. Once nothing is, no book can be made: free some space. "
            "MIN_FREE_DISK_MB says when to warn."
        )
    return f"{amount} free"


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())
