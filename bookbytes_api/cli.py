"""`bookbytes submit`, `users` and `admin`: the commands that the API adds to the command line, by entry points."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bookbytes_pipeline.domain.book_choices import BookChoices, require_voice
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.minutes import MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.settings import load_settings

if TYPE_CHECKING:
    from bookbytes_api.accounts.models import UserRow

MINUTES = click.FloatRange(MIN_MINUTES, MAX_MINUTES)


@click.command(short_help="Queue a book in the running instance.")
@click.argument("isbn")
@click.option("--force", is_flag=True, help="Process it again although it is in the library.")
@click.option("--minutes", type=MINUTES, help="How long the summary of a chapter is to take; kept for the book.")
@click.option("--voice", metavar="NAME", help="The voice that is to speak, see `bookbytes voices`; kept for the book.")
def submit(isbn: str, force: bool, minutes: float | None, voice: str | None) -> None:
    """Queue the book ISBN in the running instance, as the API would.

    BookBytes has to be running, by `bookbytes serve` or in containers; `bookbytes show ISBN` shows when the book is
    there.
    """
    from bookbytes_api.runs.submission import submit_book  # noqa: PLC0415 - Dagster takes seconds to import
    from bookbytes_api.voices.known import known_voices  # noqa: PLC0415 - the store, only here
    from bookbytes_pipeline.store.store import open_store  # noqa: PLC0415 - as above

    parsed, settings = parse_isbn(isbn), load_settings()
    if voice is not None:
        require_voice(voice, known_voices(open_store(settings.store_config)))
    token, choices = str(uuid4()) if force else "", BookChoices(minutes, voice)
    run_id, is_new = submit_book(settings, parsed, token, choices)
    here = settings.dagster_grpc_host == "127.0.0.1"
    where = f"http://127.0.0.1:{settings.dagster_ui_port}/runs/{run_id}" if here else f"run {run_id} in the Dagster UI"
    click.echo(f"{parsed} {'is queued' if is_new else 'is being made already'}: {where}")


class _AdminGroup(click.Group):
    """Takes what is not the name of one of its commands for the address of an account; no command has an @."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args if args[0] in self.commands else ["make", *args])


@click.group(
    cls=_AdminGroup,
    subcommand_metavar="EMAIL | reset EMAIL",
    short_help="Make an account an administrator, or a link for a new password.",
)
def admin() -> None:
    """Let the account EMAIL do what changes the library for everybody, or reset its password.

    Administrators attach texts, delete books, process books again and manage accounts.
    """


@admin.command(hidden=True)
@click.argument("email")
def make(email: str) -> None:
    """Make the account EMAIL an administrator."""
    from bookbytes_api.accounts.service import make_administrator  # noqa: PLC0415 - the database, only here
    from bookbytes_pipeline.db.database import Database  # noqa: PLC0415 - as above

    with Database(load_settings().library_url).session() as session:
        make_administrator(session, email)
    click.echo(f"{email} is an administrator.")


@admin.command(short_help="Print a link with which EMAIL chooses a new password.")
@click.argument("email")
def reset(email: str) -> None:
    """Print a link with which the person of the account EMAIL chooses a new password.

    It is valid for a day and for one use. Give it to that person only: whoever has it has the account.
    """
    from bookbytes_api.accounts.password_resets import RESET_API, allow_reset  # noqa: PLC0415 - the database, only here
    from bookbytes_api.accounts.service import ALL_ACCOUNTS, account_by_email  # noqa: PLC0415 - as above
    from bookbytes_api.web.public_address import local_address  # noqa: PLC0415 - as above
    from bookbytes_pipeline.db.database import Database  # noqa: PLC0415 - as above

    settings = load_settings()
    with Database(settings.library_url).session(ALL_ACCOUNTS) as session:
        password_reset = allow_reset(session, account_by_email(session, email).id)
    address = local_address(settings)
    click.echo(
        f"{password_reset.link(address)}\n"
        f"For one use, until {password_reset.expires_at:%Y-%m-%d %H:%M} UTC. Other clients send what follows token=\n"
        f'as {{"token": "...", "new_password": "..."}} to POST {address}{RESET_API}'
    )


@click.command(short_help="List the accounts; change who is an administrator, and close accounts.")
@click.option("--admin", "admins", multiple=True, metavar="EMAIL", help="Make this account an administrator.")
@click.option("--no-admin", "no_admins", multiple=True, metavar="EMAIL", help="Make it an ordinary account again.")
@click.option(
    "--deactivate",
    "closed",
    multiple=True,
    metavar="EMAIL",
    help="Close it; its tokens are refused at once.",
)
@click.option("--activate", "opened", multiple=True, metavar="EMAIL", help="Open it again.")
def users(
    admins: tuple[str, ...], no_admins: tuple[str, ...], closed: tuple[str, ...], opened: tuple[str, ...]
) -> None:
    """List the accounts, or change them: several changes are made all together or not at all.

    The last administrator stays one. What a closed account has requested stays, and is finished.
    """
    from bookbytes_api.accounts import service  # noqa: PLC0415 - the database, only here
    from bookbytes_pipeline.db.database import Database  # noqa: PLC0415 - as above

    changes = (
        (service.make_administrator, admins, "is an administrator"),
        (service.activate, opened, "is active"),
        (service.revoke_administrator, no_admins, "is no administrator"),
        (service.deactivate, closed, "is deactivated, and its tokens are refused from now on"),
    )
    with Database(load_settings().library_url).session(service.ALL_ACCOUNTS) as session:
        for change, emails, _ in changes:
            for email in emails:
                change(session, email)
        rows = session.scalars(service.accounts()).all()
    done = [f"{email} {what}." for _, emails, what in changes for email in emails]
    if done:
        click.echo("\n".join(done))
    elif not rows:
        click.echo("Nobody has signed up yet.")
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(_accounts_table(rows))


def _accounts_table(rows: Iterable["UserRow"]) -> Table:
    table = Table("E-mail", "Since", "Administrator", "Status", box=None, pad_edge=False)
    for row in rows:
        status = "active" if row.is_active else "deactivated"
        table.add_row(escape(row.email), f"{row.created_at:%Y-%m-%d}", "yes" if row.is_admin else "no", status)
    return table
