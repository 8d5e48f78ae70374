"""`licences.py`: lists what the image ships, with its licences, below the mark in docs/reference/licences.md.

With `--check` nothing is written; exit 1 if the page is out of date. Either way exit 1 if a package has a licence with
conditions for whoever passes the image on, and the words above the mark do not name it.
"""

import json
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "reference" / "licences.md"
MARK = "<!-- The rest is written by `make licences`. -->\n"
IMAGE = {
    "python_version": "3.12",
    "python_full_version": "3.12.0",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}
"""Where the image runs, as markers of requirements know it. Another Python here lists the same."""
WITH_CONDITIONS = ("GPL", "General Public", "MPL", "Mozilla", "UNKNOWN")


def shipped() -> list[str]:
    """The names of the packages that the image has beside our own."""
    exported = _told(
        *(PROJECT / ".uv" / "bin" / "uv", "export", "--locked", "--no-dev", "--extra", "kubernetes", "--quiet"),
        *("--no-emit-project", "--no-hashes", "--no-annotate", "--no-header"),
    )
    requirements = [Requirement(line) for line in exported.splitlines()]
    return [each.name for each in requirements if each.marker is None or each.marker.evaluate(IMAGE)]


def licences(names: list[str]) -> list[tuple[str, str, str]]:
    """Name, version and licence of each, as the package's own metadata says."""
    told = _told(
        *(PROJECT / ".venv" / "bin" / "pip-licenses", "--format=json", "--from=mixed", "--with-system", "--packages"),
        *names,
    )
    # some have the licence's whole text there; its first line is the name
    packages = [(each["Name"], each["Version"], each["License"].partition("\n")[0]) for each in json.loads(told)]
    missing = {_plain(name) for name in names} - {_plain(name) for name, _, _ in packages}
    if missing:
        sys.exit(f"licences: not installed, so nobody knows their licences: {', '.join(sorted(missing))}")
    return sorted(packages, key=lambda package: _plain(package[0]))


def table(packages: list[tuple[str, str, str]]) -> str:
    """The packages as a table in Markdown."""
    rows = [f"| {name} | {version} | {licence} |" for name, version, licence in packages]
    return "\n".join(["", "| package | version | licence |", "| --- | --- | --- |", *rows, ""])


def unnamed(packages: list[tuple[str, str, str]], words: str) -> list[str]:
    """The packages whose licence has conditions that the words do not tell of."""
    return [
        f"{name} ({licence})"
        for name, _, licence in packages
        if any(part in licence for part in WITH_CONDITIONS) and f"`{name}`" not in words
    ]


def _told(*command: str | Path) -> str:
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    page = PAGE.read_text()
    words = page.partition(MARK)[0]
    packages = licences(shipped())
    if untold := unnamed(packages, words):
        sys.exit(f"licences: docs/reference/licences.md does not say what these mean: {', '.join(untold)}")
    wanted = words + MARK + table(packages)
    if "--check" not in sys.argv:
        PAGE.write_text(wanted)
    elif page != wanted:
        sys.exit("licences: docs/reference/licences.md is out of date; run `make licences`.")
