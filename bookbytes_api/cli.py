"""`bookbytes submit` and `admin`: the commands that the API adds to the command line, by entry points."""

from uuid import uuid4

import click

from bookbytes_pipeline.domain.book_choices import BookChoices, require_voice
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.minutes import MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.settings import load_settings

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
