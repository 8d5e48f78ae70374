"""What the documentation names is there: pages and headings, files, and names in the code."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.doc_blocks import PAGES, PROJECT

_LINK = re.compile(r"\]\((?!\w+:)(?P<page>[^)#\s]*)#?(?P<heading>[^)\s]*)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(?P<code>.+?)(?<!`)\1(?!`)", re.DOTALL)
_SOURCE = re.compile(r"[\w./-]+\.(?:py|sh|md)")
_NAME = re.compile(r"_?[A-Z][a-z]+(?:[A-Z]\w*)+|[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+")
FOR_DEVELOPERS = ["docs/architecture.md", "docs/how-to/change-the-code.md"]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """To a file of the project, and where they name a heading, to one of its headings."""
    broken = [link[0] for link in _LINK.finditer(_prose(page)) if not _leads_somewhere(page, **link.groupdict())]

    assert [] == broken


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_files_are_there(page: str) -> None:
    """A source file that is named without its folder is the last part of some path."""
    named = {code for code in _code(page) if _SOURCE.fullmatch(code)}
    paths = _paths()

    assert set() == {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in paths)}


@pytest.mark.parametrize("page", FOR_DEVELOPERS)
def test_names_are_in_the_code(page: str) -> None:
    """Classes, functions, settings and constants that a developer is told of exist."""
    named = {code for code in _code(page) if _NAME.fullmatch(code)}

    assert set() == named - _words_of_the_code()


def _prose(page: str) -> str:
    return _FENCED.sub("", (PROJECT / page).read_text(encoding="utf-8"))


def _code(page: str) -> set[str]:
    return {span["code"] for span in _CODE.finditer(_prose(page))}


def _leads_somewhere(source: str, page: str, heading: str) -> bool:
    target = (PROJECT / source).parent / page if page else PROJECT / source
    return target.exists() and (not heading or heading in _headings(target))


@cache
def _headings(page: Path) -> set[str]:
    """The fragments that lead to the headings of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def _paths() -> list[str]:
    folders = ("bookbytes_pipeline", "bookbytes_api", "tests", "docs", "docker", "migrations", "benchmarks", ".ci")
    inside = (path for folder in folders for path in (PROJECT / folder).rglob("*.*"))
    return [path.relative_to(PROJECT).as_posix() for path in (*PROJECT.glob("*.*"), *inside)]


@cache
def _words_of_the_code() -> set[str]:
    sources = [PROJECT / path for path in _paths() if path.endswith((".py", ".toml", ".yaml", ".example"))]
    return {word for path in sources for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
