"""The command line: what people type.

Commands are imported when they are called, because Dagster takes seconds to import and `bookbytes isbn` does not.
"""

import os
import sys
from importlib import import_module

import click

from bookbytes_pipeline.domain.errors import BookBytesError, InvalidISBN

COMMANDS = {
    "demo": ("making", "Make the bundled sample book: offline, no keys."),
    "process": ("making", "Make one book in the foreground."),
    "attach": ("making", "Keep an EPUB as the text of a book."),
    "list": ("library", "List the library."),
    "show": ("library", "Show one book of the library and its clips."),
    "isbn": ("isbn", "Normalise ISBNs to 13 digits."),
    "metadata": ("looking", "Print what is known about a book as JSON."),
    "chapters": ("looking", "Print an EPUB's chapters as JSON."),
    "doctor": ("doctor", "Check settings, database, store and providers."),
}
"""Each command, the file it is in and its line in `--help`; no file is loaded for that."""


class Commands(click.Group):
    """The commands, each loaded from the file that `COMMANDS` names."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{COMMANDS[cmd_name][0]}").commands[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """What `--help` says of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="bookbytes")
def bookbytes() -> None:
    """Turn a book into an audio summary of every chapter.

    \b
    Try it without network or keys:    bookbytes demo
    A book you own as an EPUB:         bookbytes process ISBN --epub FILE
    A book from a model's memory:      OPENAI_API_KEY=... bookbytes process ISBN

    Settings come from the environment and from .env; .env.example explains each. Everything is kept in
    BOOKBYTES_HOME (./data). What has been made and paid for is never made again: after a failure or Ctrl-C, run the
    same command once more.
    """  # noqa: D301 - click's \b keeps the examples on lines of their own


def main() -> None:
    """Run one command; every error leaves as one line on stderr and an exit code."""
    try:
        bookbytes.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as misuse:
        misuse.show()
        sys.exit(misuse.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _leave("Stopped. What is finished is kept; run the same command again to go on.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except BookBytesError as error:
        _leave(str(error), 2 if isinstance(error, InvalidISBN) else 1)
    except Exception as error:  # noqa: BLE001 - the last boundary: people get a sentence, DEBUG gets the traceback
        _leave(f"Unexpected {type(error).__name__}: {error}. DEBUG=true shows where it happened.", 1)


def _leave(sentence: str, code: int) -> None:
    if os.environ.get("DEBUG", "").lower() in {"1", "true", "yes", "on"} and code != 130:  # noqa: PLR2004 - Ctrl-C
        raise  # noqa: PLE0704 - called while an error is being handled
    click.echo(f"bookbytes: {sentence}", err=True)
    sys.exit(code)
