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


@click.command(short_help="Make an account an administrator.")
@click.argument("email")
def admin(email: str) -> None:
    """Let the account EMAIL do what changes the library for everybody.

    Administrators attach texts, delete books and process books again.
    """
    from bookbytes_api.accounts.service import make_administrator  # noqa: PLC0415 - the database, only here
    from bookbytes_pipeline.db.database import Database  # noqa: PLC0415 - as above

    with Database(load_settings().library_url).session() as session:
        make_administrator(session, email)
    click.echo(f"{email} is an administrator.")


@click.command(short_help="List the accounts; change who is an administrator, and close accounts.")
@click.option("--admin", "admins", multiple=True, metavar="EMAIL", help="Make this account an administrator.")
@click.option("--no-admin", "no_admins", multiple=True, metavar="EMAIL", help="Make it an ordinary account again.")
@click.option(
    "--deactivate", "closed", multiple=True, metavar="EMAIL", help="Close it; its tokens are refused at once."
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
