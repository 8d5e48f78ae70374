"""Where a store is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class StoreConfig:
    """A folder (`local`), or a bucket (`s3`) with the keys below `prefix`.

    Without `endpoint_url` the bucket is AWS's; `public_url` is where listeners reach it, if that differs.
    """

    backend: Literal["local", "s3"]
    folder: Path
    bucket: str = ""
    prefix: str = ""
    region: str | None = None
    endpoint_url: str | None = None
    public_url: str | None = None
