"""`bookbytes isbn`: ISBNs brought to 13 digits."""

import sys
from collections.abc import Iterable

import click

from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn


@click.command
@click.argument("text")
@click.option("--add", is_flag=True, help="Also make it a partition in Dagster, so that it can be materialized there.")
def isbn(text: str, add: bool) -> None:
    """Normalise TEXT to ISBN-13: 13 digits on stdout, or an error and exit code 2.

    With - each line of stdin is normalised, in order; a line that is no ISBN is reported on stderr.
    """
    if text == "-":
        sys.exit(2 if _each(click.get_text_stream("stdin", errors="replace"), add=add) else 0)
    _one(text, add=add)


def _each(lines: Iterable[str], *, add: bool) -> int:
    faults = 0
    for line in lines:
        try:
            _one(line.strip(), add=add)
        except InvalidISBN as fault:
            faults += 1
            click.echo(f"bookbytes: {fault}", err=True)
    return faults


def _one(text: str, *, add: bool) -> None:
    parsed = parse_isbn(text)
    if add:
        _add_partition(parsed)
    click.echo(parsed)


def _add_partition(parsed: ISBN) -> None:
    from bookbytes_pipeline.instance.embedded import open_instance  # noqa: PLC0415 - Dagster, only when asked for
    from bookbytes_pipeline.instance.partitions import add_isbn  # noqa: PLC0415 - as above
    from bookbytes_pipeline.settings import load_settings  # noqa: PLC0415 - as above

    with open_instance(load_settings()) as instance:
        add_isbn(instance, parsed)


commands = {"isbn": isbn}
