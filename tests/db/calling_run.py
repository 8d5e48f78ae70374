"""A run that does nothing but speak, for tests of what several of them do to one provider.

    python -m tests.db.calling_run DATABASE_URL SERVER LIMIT NAME PARTS

Says `ready` when it is, begins at a line on standard input, and asks for the parts `NAME 0`, `NAME 1` and so on.
"""

import asyncio
import sys
from contextlib import closing

from gtts import gTTS

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.library.call_budget import CallBudget
from bookbytes_pipeline.library.call_shares import LeaseTimes
from bookbytes_pipeline.providers.narrators import gtts

PROVIDER = "gtts speech"
TIMES = LeaseTimes(alone=0.2, shared=0.1, waiting=0.05, lease=3.0, turn=0.2)


async def speak(database: Database, server: str, limit: int, narration: Narration) -> None:
    async with (
        CallBudget(database.session, TIMES).open(PROVIDER, limit) as slots,
        gtts.connect(server, slots) as narrator,
    ):
        print("ready", flush=True)  # noqa: T201 - to the test
        await asyncio.to_thread(sys.stdin.readline)
        await narrator.speak(narration)


if __name__ == "__main__":
    _, url, address, most, name, parts = sys.argv
    gTTS("What it loads is there before the first part is asked for.", lang_check=True)
    with closing(Database(url)) as opened:
        opened.check()
        spoken = Narration("\n\n".join(f"{name} {number}" for number in range(int(parts))), "en")
        asyncio.run(speak(opened, address, int(most), spoken))
