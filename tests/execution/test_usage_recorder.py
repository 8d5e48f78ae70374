"""Saving the counts of a provider's meter in the library, whatever happens in between."""

import asyncio
import time
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.provider_usage import ProviderUsage, SpendingKey, Unit
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.library.usage import spending_of_runs, total_usage
from bookbytes_pipeline.library.usage_recorder import UsageRecorder
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.response_cache import CallScope
from bookbytes_pipeline.settings import load_settings
from tests.cli_runner import KEY, providers
from tests.provider_usage import calls, spent

ONCE = {("maker", "model", "ok"): 1}
TWICE = {("maker", "model", "ok"): 2}
SCHEMA = {"type": "object", "properties": {"summary": {"type": "string"}}, "required": ["summary"]}
REQUEST = WritingRequest("chapter_summary", "Summarise in 40 words.", "The pond froze.", SCHEMA, "", 40, "en")


def library_at(folder: Path) -> Database:
    return Database(f"sqlite:///{folder}/library.db")


def saved(database: Database) -> ProviderUsage:
    """Return the usage in the library."""
    with database.session() as session:
        return total_usage(session)


async def one_call(recorder: UsageRecorder, meter: Meter) -> None:
    async with recorder.recording(meter):
        with meter.call():
            pass


def test_calls_are_saved_when_an_asset_fails(tmp_path: Path) -> None:
    """The calls were made and may have been paid for."""
    database, meter = library_at(tmp_path), Meter("maker", "model")

    async def failing() -> None:
        async with UsageRecorder(database.session).recording(meter):
            with meter.call():
                pass
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(failing())

    assert ONCE == calls(saved(database))


def test_calls_are_saved_when_a_run_is_interrupted(tmp_path: Path) -> None:
    """An interrupt stops the event loop and cancels all of its tasks, also the one that saves."""
    database, meter = library_at(tmp_path), Meter("maker", "model")

    def interrupt() -> NoReturn:
        raise KeyboardInterrupt

    async def interrupted() -> None:
        async with UsageRecorder(database.session).recording(meter):
            with meter.call():
                pass
            asyncio.get_running_loop().call_later(0.01, interrupt)
            await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(interrupted())

    assert ONCE == calls(saved(database))


def test_what_is_spent_counts_for_its_run(tmp_path: Path) -> None:
    """Also if the database was away when the run spent it, and another run is the next to save."""
    folder = tmp_path / "home"
    folder.write_text("a file where a folder should be")
    database, meter = library_at(folder), Meter("maker", "model")
    recorder = UsageRecorder(database.session)

    async def spend(run_id: str, tokens: int) -> None:
        async with recorder.recording(meter, run_id):
            with meter.call() as cost:
                cost.add(Unit.INPUT_TOKENS, tokens)

    asyncio.run(spend("first", 5))
    folder.unlink()
    asyncio.run(spend("second", 7))
    asyncio.run(spend("", 11))

    key = SpendingKey("maker", "model", Unit.INPUT_TOKENS)
    with database.session() as session:
        assert {"first": {key: 5}, "second": {key: 7}} == spending_of_runs(session, ["first", "second", ""])
    assert {"input_tokens": 23} == spent(saved(database))


def test_calls_are_saved_during_a_run(tmp_path: Path) -> None:
    """A book takes long; a failing provider is visible before the book ends."""
    database, meter = library_at(tmp_path), Meter("maker", "model")
    deadline = time.monotonic() + 30

    async def working() -> dict[tuple[str, str, str], int]:
        async with UsageRecorder(database.session, interval_s=0.01).recording(meter):
            with meter.call():
                pass
            while not (found := calls(saved(database))) and time.monotonic() < deadline:  # noqa: ASYNC110 - a thread saves
                await asyncio.sleep(0.01)
            with meter.call():
                pass
        return found

    assert ONCE == asyncio.run(working())
    assert TWICE == calls(saved(database))


def test_a_database_that_is_down_does_not_fail_the_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A warning is logged once, and counts that could not be saved are saved the next time."""
    folder = tmp_path / "home"
    folder.write_text("a file where a folder should be")
    database, meter = library_at(folder), Meter("maker", "model")
    recorder = UsageRecorder(database.session)

    for _ in range(2):
        asyncio.run(one_call(recorder, meter))
    warnings = [
        record.getMessage() for record in caplog.records if record.name == "bookbytes_pipeline.library.usage_recorder"
    ]
    folder.unlink()
    asyncio.run(one_call(recorder, meter))

    assert 1 == len(warnings)
    assert warnings[0].startswith("Provider usage cannot be saved for now: The library at sqlite")
    assert {("maker", "model", "ok"): 3} == calls(saved(database))


def test_only_sent_requests_are_counted(tmp_path: Path) -> None:
    """Every provider of the settings is counted, and a cached answer costs nothing."""
    with providers() as servers:
        settings = load_settings(
            _env_file=None,
            bookbytes_home=tmp_path,
            openlibrary_base_url=servers.addresses["OPENLIBRARY_BASE_URL"],
            openai_base_url=servers.addresses["OPENAI_BASE_URL"],
            openai_api_key=KEY,
            openai_model="made-up",
            tts_base_url=servers.addresses["TTS_BASE_URL"],
        )
        resources = build_resources(settings)

        async def call_providers() -> None:
            async with resources["metadata_source"].connect() as source:
                await source.find("9780306406157")
            async with resources["language_model"].connect(CallScope()) as model:
                await model.write(REQUEST)
                await model.write(REQUEST)
            async with resources["narrator"].connect(CallScope(), "en", None) as narrator:
                await narrator.speak(Narration("The pond froze.", "en"))

        asyncio.run(call_providers())
        with closing(resources["database"]) as database:
            found = saved(database)

    expected = {
        ("open_library", "", "ok"): servers.lookups,
        ("openai", "made-up", "ok"): 1,
        ("gtts", "127.0.0.1", "ok"): servers.recordings,
    }
    assert expected == calls(found)
    assert {"input_tokens", "output_tokens", "characters"} == set(spent(found))
    assert all(amount > 0 for amount in spent(found).values())
