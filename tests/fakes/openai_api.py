"""A language model server that speaks OpenAI's chat completions and makes its answers up from the question."""

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_WORDS_ASKED = re.compile(r"(\d+)[ -]words?")
_SENTENCE, _PARAGRAPH = 12, 60


@dataclass(frozen=True, slots=True)
class Canned:
    """A response as it is to be sent: once, to the first question that contains `when`."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    when: str = ""

    @property
    def response(self) -> web.Response:
        """Text as it is, everything else as JSON; a content type among the headers wins."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        named = {name.lower(): value for name, value in self.headers.items()}
        return web.Response(status=self.status, text=text, headers={"content-type": "application/json", **named})


class OpenAIApi:
    """Answers every question after `latency` seconds with JSON that fits the schema it is asked for.

    A boolean is true, a list of strings is `titles`, a string is prose made of the question's own words, as long as
    the instructions or the question say (`250 words`). `script` is served before that; `refuses` names the types of
    `response_format` that this server does not know. Prose is cut at `longest` words.
    `requests` are the bodies received, `peak` is how many were under way at once.
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
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.peak = 0
        self._key, self._latency, self._titles, self._refuses = key, latency, titles, refuses
        self.script = list(script)
        self._longest = longest
        self._under_way = 0

    def application(self) -> web.Application:
        """To be served by `tests.fakes.server.serving`; the API's base URL is that server's plus `/v1`."""
        application = web.Application(client_max_size=16 * 2**20)
        application.router.add_post("/v1/chat/completions", self._complete)
        application.router.add_get("/v1/models", self._models)
        return application

    async def _models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "made-up", "object": "model"}]})

    async def _complete(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.requests.append(asked)
        self._under_way += 1
        self.peak = max(self.peak, self._under_way)
        try:
            await asyncio.sleep(self._latency)
        finally:
            self._under_way -= 1
        return self._response(asked, request.headers.get("Authorization", ""))

    def _response(self, asked: Mapping[str, Any], authorization: str) -> web.Response:
        if authorization != f"Bearer {self._key}":
            return _error(401, f"Incorrect API key provided: {authorization}.", "invalid_api_key")
        for canned in self.script:
            if canned.when in asked["messages"][-1]["content"]:
                self.script.remove(canned)
                return canned.response
        form = asked.get("response_format", {}).get("type", "text")
        if form in self._refuses:
            return _error(400, f"'response_format' of type '{form}' is not supported.", "invalid_value")
        return web.json_response(_completion(asked, self._written(asked, form)))

    def _written(self, asked: Mapping[str, Any], form: str) -> str:
        """The answer as text; a server that was not told to write JSON is chatty about it."""
        instructions, question = (message["content"] for message in asked["messages"])
        schema = _schema(asked, instructions)
        answer = json.dumps(_fitting(schema, lambda: _prose(instructions, question, self._longest), self._titles))
        return f"Gladly!\n```json\n{answer}\n```\nAnything else?" if form == "text" else answer


def _error(status: int, message: str, code: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status)


def _completion(asked: Mapping[str, Any], text: str) -> dict[str, Any]:
    read, written = (len(words.split()) for words in (json.dumps(asked["messages"]), text))
    return {
        "id": "chatcmpl-made-up",
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, "refusal": None}}
        ],
        "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
    }


def _schema(asked: Mapping[str, Any], instructions: str) -> Mapping[str, Any]:
    """The schema of the request, else the one that the instructions end with."""
    form = asked.get("response_format", {})
    if "json_schema" in form:
        return dict(form["json_schema"]["schema"])
    return dict(json.loads(instructions[instructions.index('{"') :]))


def _fitting(schema: Mapping[str, Any], prose: Callable[[], str], titles: Sequence[str]) -> Any:
    if schema["type"] == "object":
        return {key: _fitting(part, prose, titles) for key, part in schema["properties"].items()}
    return {"boolean": True, "integer": 1, "number": 1.0, "array": list(titles)}.get(schema["type"]) or prose()


def _prose(instructions: str, question: str, longest: int) -> str:
    """Sentences of the question's own words, the same for the same question, in an order of their own."""
    asked = _WORDS_ASKED.search(instructions) or _WORDS_ASKED.search(question)
    known = sorted(set(re.findall(r"[^\W\d_]{3,}", question.lower()))) or ["nothing"]
    start = int.from_bytes(hashlib.sha256(question.encode()).digest()[:4])
    wanted = min(int(asked[1]) if asked else 60, longest)
    words = [known[(start + 7919 * place) % len(known)] for place in range(wanted)]
    sentences = [_sentence(words[at : at + _SENTENCE]) for at in range(0, len(words), _SENTENCE)]
    lines = _PARAGRAPH // _SENTENCE
    return "\n\n".join(" ".join(sentences[at : at + lines]) for at in range(0, len(sentences), lines))


def _sentence(words: Sequence[str]) -> str:
    return f"{' '.join(words).capitalize()}."
