"""`bookbytes sample`: the bundled book as a file, to try out what needs an EPUB."""

import click

from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.sample.epub import sample_epub


class StandardOutputIsTerminal(BookBytesError):
    """The bytes of a file would garble a terminal. The same command helps once its output goes to a file."""


@click.command
def sample() -> None:
    """Write the bundled sample book, an EPUB, to standard output.

    \b
    bookbytes sample > book.epub
    """  # noqa: D301 - click's \b keeps the example on a line of its own
    output = click.get_binary_stream("stdout")
    if output.isatty():
        raise StandardOutputIsTerminal(
            "An EPUB cannot be shown on a terminal; write it to a file: bookbytes sample > book.epub"
        )
    output.write(sample_epub())


commands = {"sample": sample}
