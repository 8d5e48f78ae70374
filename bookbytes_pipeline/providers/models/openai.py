"""The language model behind OpenAI's API, or behind any server that speaks it (Ollama, vLLM, LiteLLM)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bookbytes_pipeline.domain.errors import Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.models.completions import text_in, usage_of
from bookbytes_pipeline.providers.models.json_answers import fitting, object_in
from bookbytes_pipeline.providers.models.openai_errors import to_provider_error
from bookbytes_pipeline.providers.models.openai_request import ResponseFormat, completion_arguments, is_unsupported
from bookbytes_pipeline.providers.retries import with_retries

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_KEYLESS = "none"
"""Sent to a server without keys: given nothing, the SDK would take OPENAI_API_KEY and show it to that server."""


@asynccontextmanager
async def connect(
    api_key: str,
    base_url: str | None,
    model: str,
    timeout: float,  # noqa: ASYNC109 - of each call to the server, not of this function
    concurrency: int,
) -> "AsyncIterator[OpenAIModel]":
    """An open connection to `model` at `base_url` (ending in `/v1`; None is OpenAI itself).

    One call takes at most `timeout` seconds; at most `concurrency` of them are in flight at once. `api_key` is empty
    for a server that wants none.
    """
    from openai import AsyncOpenAI  # noqa: PLC0415 - over a second, and only a run with this language model needs it

    key = api_key or _KEYLESS
    async with AsyncOpenAI(api_key=key, base_url=base_url, timeout=timeout, max_retries=0) as client:
        yield OpenAIModel(client, model, timeout, concurrency)


class OpenAIModel:
    """Writes by chat completions, in the best response format that the server supports."""

    name = "openai"
    needs_text = False
    quotes = False

    def __init__(self, client: "AsyncOpenAI", model: str, timeout: float, concurrency: int) -> None:
        self.model = model
        self.meter = Meter(self.name, model)
        self._client = client
        self._timeout = timeout
        self._slots = asyncio.Semaphore(concurrency)
        self._response_format = ResponseFormat.JSON_SCHEMA
        self._server = f"The language model at {client.base_url.host}"

    async def write(self, request: WritingRequest) -> Answer:
        """The answer to `request`; its usage counts every call that was answered, usable or not, for each is paid."""
        spent: list[TokenUsage] = []
        return await with_retries(lambda: self._attempt(request, spent))

    async def _attempt(self, request: WritingRequest, spent: list[TokenUsage]) -> Answer:
        async with self._slots:
            with self.meter.call() as cost:
                completion = await self._completion(request)
                usage = usage_of(completion)
                spent.append(usage)
                cost.add(Unit.INPUT_TOKENS, usage.input_tokens)
                cost.add(Unit.OUTPUT_TOKENS, usage.output_tokens)
                content = self._content(text_in(completion, self._server), request)
        return Answer(content, getattr(completion, "model", None) or self.model, sum(spent, TokenUsage()))

    async def _completion(self, request: WritingRequest) -> Any:
        from openai import OpenAIError  # noqa: PLC0415 - loaded by `connect`

        try:
            async with asyncio.timeout(self._timeout):  # the SDK's own timeout starts again with each read
                response_format = self._response_format  # read now: another call may have changed it meanwhile
                arguments = completion_arguments(self.model, request, response_format)
                return await self._client.chat.completions.create(**arguments)
        except OpenAIError as error:
            if not is_unsupported(response_format, error):
                raise to_provider_error(error, server=self._server, model=self.model) from error
        except TimeoutError as error:
            sentence = f"{self._server} did not finish within {self._timeout:g} seconds. Raise OPENAI_TIMEOUT."
            raise Unavailable(sentence) from error
        except ValueError as error:  # the SDK hands on what goes wrong while it reads JSON
            raise UnusableAnswer(f"{self._server} sent an answer that is not JSON.", retry_after=0) from error
        self._response_format = max(self._response_format, response_format.next)
        return await self._completion(request)

    def _content(self, text: str, request: WritingRequest) -> dict[str, Any]:
        try:
            return fitting(object_in(text), request.schema)
        except UnusableAnswer:
            # Some servers accept a schema and ignore it; the next attempt states it in the instructions.
            self._response_format = max(self._response_format, ResponseFormat.JSON_OBJECT)
            raise
