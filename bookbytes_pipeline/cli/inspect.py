"""`bookbytes metadata`: what is known of a book, without processing it."""

import asyncio

import click

from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.writing.checks import several_books


@click.command
@click.argument("isbn")
def metadata(isbn: str) -> None:
    """Print the metadata of the book ISBN as JSON, warnings on stderr."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only this command prints values

    from bookbytes_pipeline.defs.resources import MetadataResource, build_resources  # noqa: PLC0415 - as above
    from bookbytes_pipeline.domain.book import Book  # noqa: PLC0415 - as above
    from bookbytes_pipeline.settings import load_settings  # noqa: PLC0415 - as above

    parsed = parse_isbn(isbn)
    lookup: MetadataResource = build_resources(load_settings())["metadata_source"]

    async def find() -> Book:
        async with lookup.connect() as source:
            return await source.find(parsed)

    book = asyncio.run(find())
    if warning := several_books(book):
        click.echo(f"bookbytes: {warning}", err=True)
    click.echo(TypeAdapter(Book).dump_json(book, indent=2).decode())


commands = {"metadata": metadata}
