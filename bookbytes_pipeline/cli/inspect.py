"""`bookbytes metadata` and `bookbytes chapters`: inspecting a book without processing it."""

import asyncio
import json
from pathlib import Path

import click

from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.words import count_words


@click.command
@click.argument("isbn")
def metadata(isbn: str) -> None:
    """Print the metadata of the book ISBN as JSON."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only this command prints values

    from bookbytes_pipeline.defs.resources import MetadataResource, build_resources  # noqa: PLC0415 - as above
    from bookbytes_pipeline.domain.book import Book  # noqa: PLC0415 - as above
    from bookbytes_pipeline.settings import load_settings  # noqa: PLC0415 - as above

    parsed = parse_isbn(isbn)
    lookup: MetadataResource = build_resources(load_settings())["metadata_source"]

    async def find() -> Book:
        async with lookup.connect() as source:
            return await source.find(parsed)

    click.echo(TypeAdapter(Book).dump_json(asyncio.run(find()), indent=2).decode())


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def chapters(file: Path) -> None:
    """Print the chapters of the EPUB FILE as JSON, warnings on stderr."""
    from bookbytes_pipeline.epub.reader import read_epub  # noqa: PLC0415 - lxml, only for this command

    with file.open("rb") as epub:
        text = read_epub(epub)
    for warning in text.warnings:
        click.echo(f"bookbytes: {warning}", err=True)
    rows = [
        {"number": chapter.number, "title": chapter.title, "words": count_words(chapter.text)}
        for chapter in text.chapters
    ]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2))


commands = {"metadata": metadata, "chapters": chapters}
