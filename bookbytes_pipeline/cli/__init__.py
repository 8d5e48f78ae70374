"""The command line: what people type.

Commands are imported when they are called, because Dagster takes seconds to import and `bookbytes isbn` does not.
"""

import os
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

import click

from bookbytes_pipeline.cli.error_boundary import error_boundary
from bookbytes_pipeline.garbage_collection import collect_less_often
from bookbytes_pipeline.proxy_bypass import bypass_proxies

COMMANDS = {
    "demo": ("process", "Process the bundled sample book: offline, no keys."),
    "sample": ("sample", "Write the bundled sample book to standard output."),
    "process": ("process", "Process one book in the foreground."),
    "rerun": ("rerun", "Make one step of a book again, and all that follows from it."),
    "attach": ("process", "Keep an EPUB as the text of a book."),
    "list": ("library", "List the library."),
    "show": ("library", "Show one book of the library and its clips."),
    "export": ("export", "Copy the clips of a book, with readable names and a playlist."),
    "search": ("search", "Find the ISBN of a book by its title."),
    "isbn": ("isbn", "Convert ISBNs to 13 digits."),
    "metadata": ("inspect", "Print a book's metadata as JSON."),
    "chapters": ("chapters", "Show what is in a book and what is out; correct it."),
    "voices": ("voices", "List the voices of the narrator in use."),
    "say": ("voices", "Speak a text into an MP3 file, to hear the voice."),
    "doctor": ("doctor", "Check settings, database, store, Dagster and providers."),
    "migrate": ("migrate", "Create or migrate the tables of the library and of Dagster."),
    "prune": ("prune", "Delete from the store what nothing needs any more."),
    "serve": ("serve", "Start API, Dagster UI and daemon on this machine."),
    "code-server": ("code_server", "Serve the code to Dagster and execute the runs."),
}
"""Each command, its module and its line in `--help`, which loads none of the modules."""


@cache
def plugin_commands() -> dict[str, EntryPoint]:
    """Return the commands that other packages add, as the API does: the pipeline only knows their names."""
    return {entry.name: entry for entry in entry_points(group="bookbytes.commands")}


class Commands(click.Group):
    """The commands, each loaded from the module that `COMMANDS` names."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order in which a newcomer needs them."""
        return [*COMMANDS, *plugin_commands()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return the command of that name; a similar name is suggested if there is none."""
        if cmd_name in plugin_commands():
            plugin: click.Command = plugin_commands()[cmd_name].load()
            return plugin
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, self.list_commands(ctx), n=1)
            ctx.fail(f"No such command {cmd_name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        command: click.Command = import_module(f"{__name__}.{COMMANDS[cmd_name][0]}").commands[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write one line per command for `--help`."""
        with formatter.section("Commands"):
            lines = {name: line for name, (_, line) in COMMANDS.items()}
            lines |= {name: entry.load().get_short_help_str(100) for name, entry in plugin_commands().items()}
            formatter.write_dl(list(lines.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="bookbytes")
def bookbytes() -> None:
    """Turn a book into an audio summary of every chapter.

    \b
    Try it without network or keys:    bookbytes demo
    A book you own as an EPUB:         bookbytes process ISBN --epub FILE
    A book from a model's memory:      OPENAI_API_KEY=... bookbytes process ISBN

    Settings come from the environment and from .env; .env.example explains each. All data is kept in BOOKBYTES_HOME
    (./data). Finished work is kept and never paid for twice: after a failure or Ctrl-C, run the same command again.
    """  # noqa: D301 - click's \b keeps the examples on lines of their own


def main() -> None:
    """Run one command; every error becomes one line on stderr and an exit code."""
    collect_less_often()
    bypass_proxies(os.environ)
    with error_boundary():
        bookbytes.main(standalone_mode=False)
