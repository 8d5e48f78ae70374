"""Where errors leave the process: one line on stderr and an exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bookbytes_pipeline.domain.errors import BookBytesError, InvalidISBN, InvalidSettings

INTERRUPTED = 130


@contextmanager
def told() -> Iterator[None]:
    """Tell whatever goes wrong in the block in one sentence and end the process; with DEBUG, show where it happened."""
    try:
        yield
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as misuse:
        misuse.show()
        sys.exit(misuse.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _leave("Stopped. What is finished is kept; run the same command again to go on.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if _is_debugging():
            raise
        _leave(_sentence(error), 2 if isinstance(error, InvalidISBN) else 1)


def _sentence(error: Exception) -> str:
    if isinstance(error, BookBytesError):
        return str(error)
    return f"Unexpected {type(error).__name__}: {error}. DEBUG=true shows where it happened."


def _is_debugging() -> bool:
    from bookbytes_pipeline.settings import load_settings  # noqa: PLC0415 - only once something is wrong

    try:
        return load_settings().debug
    except InvalidSettings:
        return False


def _leave(sentence: str, code: int) -> None:
    click.echo(f"bookbytes: {sentence}", err=True)
    sys.exit(code)
