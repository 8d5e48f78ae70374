"""What the settings allow is for all runs of a library together."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.library.call_shares import CallShareRow
from bookbytes_pipeline.providers.response_cache import CallScope
from bookbytes_pipeline.settings import load_settings
from tests.cli_runner import KEY, providers

SCHEMA = {"type": "object", "properties": {"summary": {"type": "string"}}, "required": ["summary"]}
REQUEST = WritingRequest("chapter_summary", "Summarise in 40 words.", "", SCHEMA, "", 40, "en")


async def call(run: str, resources: dict[str, Any]) -> None:
    """Ask for six summaries and six parts at once, while the providers are open for both."""
    async with (
        resources["language_model"].connect(CallScope()) as model,
        resources["narrator"].connect(CallScope(), "en", None) as narrator,
    ):
        await asyncio.gather(
            *(model.write(replace(REQUEST, prompt=f"{run} {number}")) for number in range(6)),
            narrator.speak(Narration("\n\n".join(f"{run} {number}" for number in range(6)), "en")),
        )


def test_two_runs_have_no_more_calls_in_flight_than_one(tmp_path: Path) -> None:
    """Each provider has a budget of its own, and nothing of it stays taken."""
    with providers(latency=0.05) as servers:
        settings = load_settings(
            _env_file=None,
            bookbytes_home=tmp_path,
            openai_base_url=servers.addresses["OPENAI_BASE_URL"],
            openai_api_key=KEY,
            tts_base_url=servers.addresses["TTS_BASE_URL"],
            max_concurrent_llm_calls=2,
            max_concurrent_tts_calls=3,
        )
        runs = {name: build_resources(settings) for name in ("North", "South")}

        async def call_at_once() -> None:
            await asyncio.gather(*(call(name, resources) for name, resources in runs.items()))

        asyncio.run(call_at_once())
        with closing(runs["North"]["database"]) as database, database.session() as session:
            left = session.scalar(select(func.count()).select_from(CallShareRow))

    assert (2, 3, 12, 12, 0) == (
        servers.model.peak,
        servers.narrator.script.peak,
        servers.writings,
        servers.recordings,
        left,
    )
