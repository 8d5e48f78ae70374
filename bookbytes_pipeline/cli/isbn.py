"""`bookbytes isbn`: ISBNs converted to 13 digits."""

import sys
from collections.abc import Iterable

import click

from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn


@click.command
@click.argument("text")
@click.option("--add", is_flag=True, help="Also add it as a partition in Dagster, to materialize it there.")
@click.option("--remove", is_flag=True, help="Take its partition out of Dagster again, with the failures shown for it.")
@click.option("--with-book", is_flag=True, help="With --remove: delete the book and its clips from the library too.")
def isbn(text: str, add: bool, remove: bool, with_book: bool) -> None:
    """Convert TEXT to ISBN-13: 13 digits on stdout, or an error and exit code 2.

    With -, each line of stdin is converted, in order; a line that is not an ISBN is reported on stderr.

    --remove also deletes its failed runs: Dagster shows the assets as failed while there is one. The published book,
    the attached text, results, cached answers and all other runs stay. `process`, `submit` and --add make it a
    partition again.
    """
    if with_book and not remove:
        raise click.UsageError("--with-book goes with --remove.")
    if remove:
        _remove(text, add=add, with_book=with_book)
        return
    if text == "-":
        sys.exit(2 if _print_lines(click.get_text_stream("stdin", errors="replace"), add=add) else 0)
    _print_isbn(text, add=add)


def _print_lines(lines: Iterable[str], *, add: bool) -> int:
    errors = 0
    for line in lines:
        try:
            _print_isbn(line.strip(), add=add)
        except InvalidISBN as error:
            errors += 1
            click.echo(f"bookbytes: {error}", err=True)
    return errors


def _print_isbn(text: str, *, add: bool) -> None:
    parsed = parse_isbn(text)
    if add:
        _add_partition(parsed)
    click.echo(parsed)


def _remove(text: str, *, add: bool, with_book: bool) -> None:
    from bookbytes_pipeline.cli.removal import remove_book  # noqa: PLC0415 - Dagster, only when asked for
    from bookbytes_pipeline.settings import load_settings  # noqa: PLC0415 - as above

    if add or text == "-":
        raise click.UsageError("--remove takes one ISBN, and no --add.")
    click.echo(remove_book(load_settings(), parse_isbn(text), with_book=with_book))


def _add_partition(parsed: ISBN) -> None:
    from bookbytes_pipeline.instance.embedded import open_instance  # noqa: PLC0415 - Dagster, only when asked for
    from bookbytes_pipeline.instance.partitions import add_isbn  # noqa: PLC0415 - as above
    from bookbytes_pipeline.settings import load_settings  # noqa: PLC0415 - as above

    with open_instance(load_settings()) as instance:
        add_isbn(instance, parsed)


commands = {"isbn": isbn}
