"""The command line: what people type.

Commands are imported when they are called, because Dagster takes seconds to import and `bookbytes isbn` does not.
"""

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

import click

from bookbytes_pipeline.cli.error_boundary import told

COMMANDS = {
    "demo": ("process", "Make the bundled sample book: offline, no keys."),
    "process": ("process", "Make one book in the foreground."),
    "attach": ("process", "Keep an EPUB as the text of a book."),
    "list": ("library", "List the library."),
    "show": ("library", "Show one book of the library and its clips."),
    "isbn": ("isbn", "Normalise ISBNs to 13 digits."),
    "metadata": ("inspect", "Print what is known about a book as JSON."),
    "chapters": ("inspect", "Print an EPUB's chapters as JSON."),
    "doctor": ("doctor", "Check settings, database, store, Dagster and providers."),
    "migrate": ("migrate", "Bring the tables of the library and of Dagster up to date."),
    "serve": ("serve", "Start API, Dagster UI and daemon on this machine."),
    "code-server": ("code_server", "Serve the code to Dagster and execute the runs."),
}
"""Each command, the file it is in and its line in `--help`; no file is loaded for that."""


@cache
def added() -> dict[str, EntryPoint]:
    """The commands that others add, as the API does: the pipeline knows nothing of them but their names."""
    return {found.name: found for found in entry_points(group="bookbytes.commands")}


class Commands(click.Group):
    """The commands, each loaded from the file that `COMMANDS` names."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order in which a newcomer needs them."""
        return [*COMMANDS, *added()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command of that name; a name like it is suggested."""
        if cmd_name in added():
            found: click.Command = added()[cmd_name].load()
            return found
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, self.list_commands(ctx), n=1)
            ctx.fail(f"No such command {cmd_name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        command: click.Command = import_module(f"{__name__}.{COMMANDS[cmd_name][0]}").commands[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """What `--help` says of them."""
        with formatter.section("Commands"):
            lines = {name: line for name, (_, line) in COMMANDS.items()}
            lines |= {name: found.load().get_short_help_str(100) for name, found in added().items()}
            formatter.write_dl(list(lines.items()))


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
    with told():
        bookbytes.main(standalone_mode=False)
