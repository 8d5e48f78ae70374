"""`bookbytes users`: who has an account, who is an administrator, whose account is closed. In this process."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bookbytes_api.accounts.password_resets import reset_password
from bookbytes_api.accounts.service import log_in, register
from bookbytes_api.errors import InvalidResetLink, LastAdministrator, UnknownAccount
from bookbytes_pipeline.cli import bookbytes
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import load_settings


@pytest.fixture(autouse=True)
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library in which Ada, who came first, and Bob have accounts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOKBYTES_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with Database(load_settings().library_url).session() as session:
        for name in ("ada", "bob"):
            register(session, f"{name}@example.org", "no hash")


def test_the_accounts_are_listed() -> None:
    """By address, with what each may do."""
    assert [
        ["ada@example.org", "yes", "active"],
        ["bob@example.org", "no", "active"],
    ] == _rows(_users())


def test_without_accounts_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever registers next becomes the administrator."""
    monkeypatch.setenv("BOOKBYTES_HOME", str(tmp_path / "empty"))

    assert "Nobody has signed up yet.\n" == _users().output


def test_an_administrator_is_made_and_unmade() -> None:
    """Both at once too: the new one is made first. An address may be written in capitals."""
    run = _users("--no-admin", "ada@example.org", "--admin", "BOB@example.org")

    assert "BOB@example.org is an administrator.\nada@example.org is no administrator.\n" == run.output
    assert ["no", "yes"] == [row[1] for row in _rows(_users())]


def test_an_account_is_closed_and_opened_again() -> None:
    """It stays in the list, and keeps what it may do."""
    closed = _users("--deactivate", "bob@example.org")

    assert "bob@example.org is deactivated, and its tokens are refused from now on.\n" == closed.output
    assert ["active", "deactivated"] == [row[2] for row in _rows(_users())]
    assert "bob@example.org is active.\n" == _users("--activate", "bob@example.org").output
    assert ["active", "active"] == [row[2] for row in _rows(_users())]


@pytest.mark.parametrize("change", ["--no-admin", "--deactivate"])
def test_the_last_administrator_stays_one(change: str) -> None:
    """Nobody could undo it by HTTP. A closed account does not count; nothing else is changed."""
    _users("--admin", "bob@example.org")
    _users("--deactivate", "bob@example.org")
    run = _users("--activate", "bob@example.org", "--no-admin", "bob@example.org", change, "ada@example.org")

    assert isinstance(run.exception, LastAdministrator)
    assert "ada@example.org is the only administrator." in str(run.exception)
    assert [
        ["ada@example.org", "yes", "active"],
        ["bob@example.org", "yes", "deactivated"],
    ] == _rows(_users())


def test_an_address_without_an_account_is_named() -> None:
    """As is the account of the API key, which belongs to nobody."""
    for email in ("eve@example.org", "system@localhost"):
        run = _users("--deactivate", email)
        assert isinstance(run.exception, UnknownAccount)
        assert f"There is no account {email}." == str(run.exception)


def test_a_reset_link_is_printed() -> None:
    """On a line of its own, to be sent on; the token in it chooses another password, once."""
    run = CliRunner().invoke(bookbytes, ["admin", "reset", "BOB@example.org"])
    link, *explanation = run.output.splitlines()
    address, _, token = link.partition("#token=")
    database = Database(load_settings().library_url)
    reset_password(database, token, "another password")

    assert "http://127.0.0.1:8000/reset" == address
    assert explanation[-1].endswith("POST http://127.0.0.1:8000/api/v1/auth/password-reset")
    with database.session() as session:
        assert "bob@example.org" == log_in(session, "bob@example.org", "another password").email
    with pytest.raises(InvalidResetLink):
        reset_password(database, token, "one more password")


def test_a_reset_link_leads_to_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server is reached from elsewhere."""
    monkeypatch.setenv("PUBLIC_URL", "https://books.example.org")
    run = CliRunner().invoke(bookbytes, ["admin", "reset", "ada@example.org"])

    assert run.stdout.startswith("https://books.example.org/reset#token=")


def test_admin_makes_an_administrator_and_names_who_has_no_account() -> None:
    """What is no command is an address."""
    made = CliRunner().invoke(bookbytes, ["admin", "bob@example.org"])
    unknown = [CliRunner().invoke(bookbytes, ["admin", *words, "eve@example.org"]) for words in ((), ("reset",))]

    assert "bob@example.org is an administrator.\n" == made.output
    assert [UnknownAccount] * 2 == [type(run.exception) for run in unknown]


def _users(*options: str) -> Result:
    return CliRunner().invoke(bookbytes, ["users", *options])


def _rows(run: Result) -> list[list[str]]:
    """The table without its head and without the dates."""
    assert run.exit_code == 0, run.output
    return [[email, admin, status] for email, _, admin, status in map(str.split, run.output.splitlines()[1:])]
