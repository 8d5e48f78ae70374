"""Paid providers that never ask the same twice."""

import asyncio
import json
from dataclasses import asdict
from typing import Protocol

from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.summary import Usage
from bookbytes_pipeline.domain.task import Answer, Task
from bookbytes_pipeline.providers.ports import LanguageModel, Narrator


class Memory(Protocol):
    """Keeps bytes by kind and hash."""

    def recall(self, kind: str, digest: str) -> bytes | None:
        """What was kept, or None."""
        ...

    def remember(self, kind: str, digest: str, answer: bytes) -> None:
        """Keep it."""
        ...


class Forgetful:
    """A memory that keeps nothing, for whoever wants to hear from the provider itself."""

    def recall(self, kind: str, digest: str) -> bytes | None:  # noqa: ARG002 - the protocol's
        """Nothing, ever."""
        return None

    def remember(self, kind: str, digest: str, answer: bytes) -> None:
        """Let it go."""


class RememberingModel:
    """A language model whose every answer is kept before it is given; a remembered one costs nothing."""

    def __init__(self, model: LanguageModel, memory: Memory) -> None:
        self.name, self.model, self.needs_text = model.name, model.model, model.needs_text
        self._inner = model
        self._memory = memory

    async def write(self, task: Task) -> Answer:
        """The remembered answer to exactly this task, else a new one."""
        key = digest(self.name, self.model, json.dumps(asdict(task), sort_keys=True))
        kept = await asyncio.to_thread(self._memory.recall, task.name, key)
        if kept is not None:
            known = json.loads(kept)
            return Answer(known["content"], known["model"], Usage())
        answer = await self._inner.write(task)
        paid = json.dumps({"content": answer.content, "model": answer.model, "usage": asdict(answer.usage)})
        await asyncio.to_thread(self._memory.remember, task.name, key, paid.encode())
        return answer


class RememberingNarrator:
    """A narrator whose every recording is kept before it is given."""

    def __init__(self, narrator: Narrator, memory: Memory) -> None:
        self.name, self.voice = narrator.name, narrator.voice
        self._inner = narrator
        self._memory = memory

    async def speak(self, narration: Narration) -> bytes:
        """The remembered recording of exactly this narration by this voice, else a new one."""
        key = digest(self.name, self.voice, narration.language, narration.text)
        kept = await asyncio.to_thread(self._memory.recall, "speech", key)
        if kept is not None:
            return kept
        speech = await self._inner.speak(narration)
        await asyncio.to_thread(self._memory.remember, "speech", key, speech)
        return speech
