"""Errors become one line on stderr and an exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bookbytes_pipeline.domain.errors import BookBytesError, InvalidISBN, InvalidSettings

INTERRUPTED = 130


@contextmanager
def error_boundary() -> Iterator[None]:
    """Report any error of the block in one sentence and exit; with DEBUG, show the traceback."""
    try:
        yield
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as misuse:
        misuse.show()
        sys.exit(misuse.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _exit("Stopped. Finished work is kept; run the same command again to continue.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if _is_debugging():
            raise
        _exit(_describe(error), 2 if isinstance(error, InvalidISBN) else 1)


def _describe(error: Exception) -> str:
    if isinstance(error, BookBytesError):
        return str(error)
    return f"Unexpected {type(error).__name__}: {error}. DEBUG=true shows where it happened."


def _is_debugging() -> bool:
    from bookbytes_pipeline.settings import load_settings  # noqa: PLC0415 - only once something is wrong

    try:
        return load_settings().debug
    except InvalidSettings:
        return False


def _exit(message: str, code: int) -> None:
    click.echo(f"bookbytes: {message}", err=True)
    sys.exit(code)
