"""The fenced blocks of the documentation, and what those that are marked with `run` say of their commands."""

import re
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PAGES = [path.relative_to(PROJECT).as_posix() for path in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"))]
_FENCED = re.compile(r"^```(?P<language>\w+)(?P<marked> run)?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_SHORT_NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)")
"""Lengths, words, ports and megabytes differ from machine to machine; an ISBN does not."""


@dataclass(frozen=True)
class Command:
    """A line that people type, and what the page shows of its output, if it shows any."""

    line: str
    output: str

    def printed(self, actual: str) -> bool:
        """Return whether this is the output that the page shows, where `...` stands for any lines."""
        pattern = "\n".join(".*?" if line == "..." else re.escape(line) for line in _comparable(self.output))
        return re.fullmatch(pattern, "\n".join(_comparable(actual)), re.DOTALL) is not None


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in this language."""
    return [block["body"] for block in _fenced(page) if block["language"] == language]


def marked_commands(page: str) -> list[Command]:
    """Return the commands of the marked blocks of a page: in a `console` those behind `$`, else each line."""
    marked = [block for block in _fenced(page) if block["marked"]]
    return [command for block in marked for command in _commands(block["language"], block["body"])]


def _fenced(page: str) -> list[re.Match[str]]:
    return list(_FENCED.finditer((PROJECT / page).read_text(encoding="utf-8")))


def _commands(language: str, body: str) -> list[Command]:
    if language != "console":
        return [Command(line, "") for line in body.splitlines()]
    typed = [each.partition("\n") for each in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]]
    return [Command(line, output) for line, _, output in typed]


def _comparable(output: str) -> list[str]:
    return [_SHORT_NUMBER.sub("0", " ".join(line.split())) for line in output.strip().splitlines()]
