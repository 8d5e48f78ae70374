"""Styles, modules and pictures, at addresses that change with their content, so that browsers keep them for good."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

from bookbytes_api.web.access import NO_AUTH

FOLDER = Path(__file__).parent
_YEAR_S = 31_536_000


@dataclass(frozen=True)
class Assets:
    """The files in `static`. Modules import each other by relative addresses, so one version stands for all."""

    folder: Path = FOLDER / "static"

    @cached_property
    def version(self) -> str:
        """A hash of all files."""
        digest = sha256()
        for file in self.files:
            digest.update(file.encode() + b"\0" + (self.folder / file).read_bytes() + b"\0")
        return digest.hexdigest()[:12]

    @cached_property
    def files(self) -> list[str]:
        """Their paths below the folder, sorted."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def address(self, file: str) -> str:
        """Return the address of a file; raises `KeyError` where there is none of that name."""
        if file not in self.files:
            raise KeyError(file)
        return f"{self._path}/{file}"

    def router(self) -> Router:
        """Return the route at which the files are."""
        return create_static_files_router(
            self._path,
            [self.folder],
            cache_control=CacheControlHeader(public=True, max_age=_YEAR_S, immutable=True),
            opt={NO_AUTH: True},
        )

    @property
    def _path(self) -> str:
        return f"/static/{self.version}"
