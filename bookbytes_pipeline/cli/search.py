"""`bookbytes search`: ISBNs of a book whose title is known."""

import asyncio
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bookbytes_pipeline.domain.errors import CatalogueOff
from bookbytes_pipeline.domain.work import Work
from bookbytes_pipeline.settings import Settings, load_settings

MAX_ISBNS_SHOWN = 3
"""Of each work: the first is as good as any for most people."""


@click.command
@click.argument("words", nargs=-1, required=True)
def search(words: tuple[str, ...]) -> None:
    """Find the ISBN of a book: search Open Library for WORDS of its title, and of its author if you like.

    Prints title, authors, year of first publication and some ISBNs of each work, the best match first.
    """
    text = " ".join(words)
    works = asyncio.run(_find(load_settings(), text))
    if not works:
        click.echo(f"Open Library has no book with an ISBN for {text!r}. Try fewer words, or other ones.", err=True)
        sys.exit(1)
    table = Table("Title", "Authors", "Year", "ISBNs", box=None, pad_edge=False)
    table.columns[3].min_width = len("9780000000000")
    for work in works:
        isbns = "\n".join(work.isbns[:MAX_ISBNS_SHOWN])
        table.add_row(Text(work.title), Text(", ".join(work.authors)), str(work.first_year or ""), isbns)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    click.echo("Next: bookbytes process ISBN", err=True)


async def _find(settings: Settings, text: str) -> Sequence[Work]:
    from bookbytes_pipeline.providers.metadata import open_library  # noqa: PLC0415 - httpx, only once it is needed

    if settings.openlibrary_base_url is None:
        raise CatalogueOff(
            "Open Library is switched off (OPENLIBRARY_BASE_URL is empty), so no ISBN can be found by title."
        )
    release = version("bookbytes")
    async with open_library.connect(settings.openlibrary_base_url, settings.openlibrary_contact, release) as library:
        return await library.search(text)


commands = {"search": search}
