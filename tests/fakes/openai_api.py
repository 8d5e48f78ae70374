"""A fake of OpenAI's chat completions API that generates its answers from the question."""

import asyncio
import json
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.script import InFlight

MAX_HELD_S = 60.0
_REQUESTED_WORDS = re.compile(r"(\d+)[ -]words?")
_TEXT = re.compile(r"(?:The text of the chapter|The text of part \d+|The summaries of its \w+):\n\n(.*)", re.DOTALL)
_SENTENCE_WORDS, _PER_PARAGRAPH = 16, 5
_LEADS = ("Here", "Then", "There", "So", "Now")
_PATTERN = "The {} {} {} a {} {} {} the {} {}, and nobody {} it."
_ADJECTIVES = "old small wide narrow quiet broken early distant heavy plain bright hollow patient common"
_NOUNS = "river garden letter window harbour valley engine market orchard bridge lantern meadow kitchen tower"
_VERBS = "carries follows repairs measures remembers borrows protects describes crosses replaces watches"
_PLACES = "behind beside under above before after without near inside beyond"
_ENDINGS = "noticed counted stopped wanted expected forgot mentioned questioned regretted explained"
_VOCABULARY = (_ADJECTIVES, _NOUNS, _VERBS, _ADJECTIVES, _NOUNS, _PLACES, _ADJECTIVES, _NOUNS, _ENDINGS)


@dataclass(frozen=True, slots=True)
class Canned:
    """A response that is sent once, to the first question that contains `when`."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    when: str = ""

    @property
    def response(self) -> web.Response:
        """Text unchanged, everything else as JSON; a content type among the headers takes precedence."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        named = {name.lower(): value for name, value in self.headers.items()}
        return web.Response(status=self.status, text=text, headers={"content-type": "application/json", **named})


def canned_completion(content: Any, finish_reason: str = "stop", tokens: tuple[int, int] = (0, 0)) -> Canned:
    """Return a completion with this content; `tokens` are those of the prompt and of the completion."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": content}}
    return Canned(body={"choices": [choice], "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}})


class OpenAIApi:
    """Answers every question after `latency` seconds with JSON that matches the requested schema.

    A boolean is true, a list of strings is `titles`, a string is a summary as long as the instructions or the question
    say (`250 words`), at most `longest` words: of the text in the question, else made up. `script` is served before
    that; `refuses` names the types of `response_format` that this server does not support. A question that contains a
    key of `held` is answered once its event is set. `in_flight` are the questions that are being answered.
    `requests` are the bodies received, `peak` is the highest number of concurrent requests.
    """

    def __init__(
        self,
        key: str = "sk-test",
        *,
        latency: float = 0.0,
        titles: Sequence[str] = ("The Beginning", "The End"),
        script: Sequence[Canned] = (),
        refuses: Sequence[str] = (),
        longest: int = 10_000,
        held: Mapping[str, threading.Event] | None = None,
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.peak = 0
        self._key, self._latency, self._titles, self._refuses = key, latency, titles, refuses
        self.script = list(script)
        self._longest = longest
        self.in_flight = InFlight()
        self._held = dict(held or {})
        self._in_progress = 0

    def application(self) -> web.Application:
        """Return the application for `tests.fakes.server.serving`; the API's base URL is that server's plus `/v1`."""
        application = web.Application(client_max_size=16 * 2**20)
        application.router.add_post("/v1/chat/completions", self._complete)
        application.router.add_get("/v1/models", self._models)
        return application

    async def _models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "made-up", "object": "model"}]})

    async def _complete(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        self._in_progress += 1
        self.peak = max(self.peak, self._in_progress)
        try:
            question = body["messages"][-1]["content"]
            with self.in_flight.answering(question):
                await asyncio.sleep(self._latency)
                await self._let_go(question)
        finally:
            self._in_progress -= 1
        return self._response(body, request.headers.get("Authorization", ""))

    async def _let_go(self, question: str) -> None:
        for words, event in self._held.items():
            if words in question:
                await asyncio.to_thread(event.wait, MAX_HELD_S)

    def _response(self, body: Mapping[str, Any], authorization: str) -> web.Response:
        if authorization != f"Bearer {self._key}":
            return _error(401, f"Incorrect API key provided: {authorization}.", "invalid_api_key")
        for canned in self.script:
            if canned.when in body["messages"][-1]["content"]:
                self.script.remove(canned)
                return canned.response
        response_format = body.get("response_format", {}).get("type", "text")
        if response_format in self._refuses:
            return _error(400, f"'response_format' of type '{response_format}' is not supported.", "invalid_value")
        return web.json_response(_completion(body, self._answer(body, response_format)))

    def _answer(self, body: Mapping[str, Any], response_format: str) -> str:
        """Return the answer as text; without a response format it is wrapped in a fence and polite words."""
        instructions, question = (body["messages"][number]["content"] for number in (0, -1))
        schema = _schema(body, instructions)
        answer = json.dumps(_matching(schema, lambda: _prose(instructions, question, self._longest), self._titles))
        return f"Gladly!\n```json\n{answer}\n```\nAnything else?" if response_format == "text" else answer


def _error(status: int, message: str, code: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status)


def _completion(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    prompt_tokens, completion_tokens = (len(words) // 4 for words in (json.dumps(body["messages"]), text))
    return {
        "id": "chatcmpl-made-up",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, "refusal": None}}
        ],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        },
    }


def _schema(body: Mapping[str, Any], instructions: str) -> Mapping[str, Any]:
    """Return the schema of the request, else the one that the instructions end with."""
    response_format = body.get("response_format", {})
    if "json_schema" in response_format:
        return dict(response_format["json_schema"]["schema"])
    return dict(json.loads(instructions[instructions.index('{"') :]))


def _matching(schema: Mapping[str, Any], prose: Callable[[], str], titles: Sequence[str]) -> Any:
    if schema["type"] == "object":
        return {key: _matching(part, prose, titles) for key, part in schema["properties"].items()}
    return {"boolean": True, "integer": 1, "number": 1.0, "array": list(titles)}.get(schema["type"]) or prose()


def _prose(instructions: str, question: str, longest: int) -> str:
    """Return a summary as long as requested, the same for the same question: of its text if it has one."""
    requested = _REQUESTED_WORDS.search(instructions) or _REQUESTED_WORDS.search(question)
    count = min(int(requested[1]) if requested else 60, longest)
    text = _TEXT.search(question)
    sentences = list(_abridged(text[1], count) if text else made_up(question, count))
    return "\n\n".join(
        " ".join(sentences[start : start + _PER_PARAGRAPH]) for start in range(0, len(sentences), _PER_PARAGRAPH)
    )


def _abridged(text: str, count: int) -> Iterator[str]:
    """Yield sentences from all over `text`, each cut short, of about `count` words together."""
    sentences = re.findall(r"[^.!?。\s][^.!?。]*[.!?。]", text) or [text]
    wanted = max(1, round(count / _SENTENCE_WORDS))
    step = max(1, len(sentences) / wanted)
    for number in range(min(wanted, len(sentences))):
        words = sentences[int(number * step)].split()
        yield f"{_LEADS[number % len(_LEADS)]} {' '.join(words[: _SENTENCE_WORDS - 1]).rstrip('.,;:!?')}."


def made_up(question: str, count: int) -> Iterator[str]:
    """Yield English sentences of no meaning, of about `count` words together, hardly any twice."""
    rng = random.Random(question)  # noqa: S311 - the same sentences for the same question
    for _ in range(max(1, round(count / len(_PATTERN.split())))):
        yield _PATTERN.format(*(rng.choice(words.split()) for words in _VOCABULARY))
