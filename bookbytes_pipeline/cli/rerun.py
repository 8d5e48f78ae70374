"""`bookbytes rerun`: one step of a book and all that follows from it."""

import sys
from typing import Any

import click

from bookbytes_pipeline.constants import ASSET_NAMES
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.settings import load_settings


class ChapterNumbers(click.ParamType):
    """Numbers of chapters with commas between them."""

    name = "chapters"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Return the numbers, each once."""
        parts = str(value).replace(" ", "").split(",")
        if not all(part.isdecimal() and int(part) for part in parts):
            self.fail(f"{value!r} should be numbers of chapters, such as 3,5.", param, ctx)
        return tuple(sorted({int(part) for part in parts}))


@click.command
@click.argument("isbn")
@click.option(
    "--from",
    "first",
    type=click.Choice(ASSET_NAMES),
    required=True,
    help="The asset to begin with; all downstream follow.",
)
@click.option("--force", is_flag=True, help="Ask models and voices again instead of using cached answers and clips.")
@click.option("--chapters", type=ChapterNumbers(), metavar="3,5", help="With --force: only these chapters.")
def rerun(isbn: str, first: str, force: bool, chapters: tuple[int, ...] | None) -> None:
    """Make one asset of the book ISBN again, and all that is downstream of it, up to the library.

    \b
    Speak two chapters again:          bookbytes rerun ISBN --from chapter_audio --force --chapters 3,5
    All summaries and their clips:     bookbytes rerun ISBN --from chapter_summaries --force
    What changed since (EPUB, voice):  bookbytes rerun ISBN --from book_text

    Without --force only what has changed is made again. Runs in the foreground and is recorded in Dagster. Exit code 0
    means that every chapter has audio. After a failure or Ctrl-C, the same command continues with what is missing.
    """  # noqa: D301 - click's \b keeps the examples on lines of their own
    if chapters and not force:
        raise click.UsageError("--chapters goes with --force; without it, only what has changed is made again.")
    from bookbytes_pipeline.cli.partial_run import PartialRun  # noqa: PLC0415 - Dagster takes seconds to import
    from bookbytes_pipeline.cli.process import process_in_foreground  # noqa: PLC0415 - as above
    from bookbytes_pipeline.store.store import open_store  # noqa: PLC0415 - the store, only here

    parsed, settings = parse_isbn(isbn), load_settings()
    partial = PartialRun(first, force, chapters or ())
    partial.require_possible(open_store(settings.store_config), parsed)
    sys.exit(0 if process_in_foreground(settings, parsed, rerun=partial) else 1)


commands = {"rerun": rerun}
