"""The language model behind OpenAI's API, or behind any server that speaks it (Ollama, vLLM, LiteLLM)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bookbytes_pipeline.domain.errors import TooLong, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.models.completions import (
    LENGTH,
    completion_in,
    ending_of,
    error_in,
    model_of,
    texts_in,
    usage_of,
)
from bookbytes_pipeline.providers.models.json_answers import answer_in
from bookbytes_pipeline.providers.models.openai_errors import (
    error_in_success,
    error_text,
    is_too_long,
    to_provider_error,
)
from bookbytes_pipeline.providers.models.openai_request import (
    LARGE_ANSWER_TOKENS,
    Dialect,
    Limit,
    completion_arguments,
    is_failed_validation,
    simpler,
    with_fewer_tokens,
)
from bookbytes_pipeline.providers.models.prompt_size import MIN_CONTEXT_TOKENS, least_tokens
from bookbytes_pipeline.providers.openai_client import client_when_needed
from bookbytes_pipeline.providers.retries import with_retries

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@asynccontextmanager
async def connect(
    api_key: str,
    base_url: str | None,
    model: str,
    timeout: float,  # noqa: ASYNC109 - of each call to the server, not of this function
    slots: CallSlots,
) -> "AsyncIterator[OpenAIModel]":
    """An open connection to `model` at `base_url` (ending in `/v1`; None is OpenAI itself).

    One call takes at most `timeout` seconds, and one of `slots`. `api_key` is empty for a server that wants none.
    """
    async with client_when_needed(api_key, base_url, timeout) as client:
        yield OpenAIModel(client, model, timeout, slots)


class OpenAIModel:
    """Writes by chat completions, in the best form that the server supports."""

    name = "openai"
    needs_text = False
    quotes = False

    def __init__(self, client: "Callable[[], AsyncOpenAI]", model: str, timeout: float, slots: CallSlots) -> None:
        self.model = model
        self.meter = Meter(self.name, model)
        self._client = client
        self._timeout = timeout
        self._slots = slots
        self._dialect = Dialect()
        self._failed_validations = 0

    @property
    def _server(self) -> str:
        return f"The language model at {self._client().base_url.host}"

    async def write(self, request: WritingRequest) -> Answer:
        """The answer to `request`; its usage counts every call that was answered, usable or not, for each is paid.

        Raises `TooLong` where the server does not read the whole request at once.
        """
        spent: list[TokenUsage] = []
        return await with_retries(lambda: self._attempt(request, spent))

    async def _attempt(self, request: WritingRequest, spent: list[TokenUsage]) -> Answer:
        async with self._slots.slot():
            with self.meter.call() as cost:
                completion = await self._completion(request, self._dialect)
                usage = usage_of(completion)
                spent.append(usage)
                cost.add(Unit.INPUT_TOKENS, usage.input_tokens)
                cost.add(Unit.OUTPUT_TOKENS, usage.output_tokens)
                self._require_whole_prompt(request, usage)
                content = self._content(completion, request)
        return Answer(content, model_of(completion) or self.model, sum(spent, TokenUsage()))

    async def _completion(self, request: WritingRequest, dialect: Dialect) -> Mapping[str, Any]:
        """Ask in this dialect, or in simpler ones until the server takes one, which is then remembered."""
        from openai import APIStatusError, OpenAIError  # noqa: PLC0415 - with the first call

        try:
            async with asyncio.timeout(self._timeout):  # the SDK's own timeout starts again with each read
                arguments = completion_arguments(self.model, request, dialect)
                response = await self._client().chat.completions.with_raw_response.create(**arguments)
        except APIStatusError as error:
            simpler_dialect = self._simpler(dialect, error.status_code, error_text(error.body))
            if simpler_dialect is None:
                raise to_provider_error(error, server=self._server, model=self.model) from error
        except OpenAIError as error:
            raise to_provider_error(error, server=self._server, model=self.model) from error
        except TimeoutError as error:
            sentence = f"{self._server} did not finish within {self._timeout:g} seconds. Raise OPENAI_TIMEOUT."
            raise Unavailable(sentence) from error
        else:
            completion = completion_in(response.text, self._server)
            if reported := error_in(completion):
                raise error_in_success(reported, server=self._server, model=self.model)
            self._dialect = self._dialect.simplest(dialect)
            return completion
        return await self._completion(request, simpler_dialect)

    def _simpler(self, dialect: Dialect, status: int, said: str) -> Dialect | None:
        """How to ask after an error; an answer that failed the server's own check is first asked for once more."""
        if is_failed_validation(said):
            self._failed_validations += 1
            if self._failed_validations == 1:
                return dialect
        if fewer_tokens := with_fewer_tokens(dialect, said):
            return fewer_tokens
        if is_too_long(said):
            return dialect.with_less_room()
        return simpler(dialect, status, said)

    def _content(self, completion: Mapping[str, Any], request: WritingRequest) -> dict[str, Any]:
        if ending_of(completion) == LENGTH:
            self._require_room()
        faults = []
        for text in texts_in(completion, self._server):
            try:
                return answer_in(text, request.schema)
            except UnusableAnswer as error:
                faults.append(error)
        # Some servers accept a schema and ignore it; the next attempt states it in the instructions.
        self._dialect = self._dialect.without_format()
        raise UnusableAnswer(f"{faults[0]} Another model may do better (OPENAI_MODEL).", retry_after=0)

    def _require_room(self) -> None:
        """Raise `UnusableAnswer` for an answer that was cut off; the next one is asked for with a limit of its own."""
        before = self._dialect
        self._dialect = before.with_more_room()
        if self._dialect != before:
            raise UnusableAnswer(f"{self._server} ran out of room before its answer was complete.", retry_after=0)
        allowed = f"{LARGE_ANSWER_TOKENS} tokens were" if before.limit is Limit.LARGE else "all it has was"
        raise UnusableAnswer(
            f"{self._server} ran out of room before its answer was complete, although {allowed} allowed. Raise the "
            "limit of its answers or its context, or choose another model (OPENAI_MODEL).",
            retry_after=0,
        )

    def _require_whole_prompt(self, request: WritingRequest, usage: TokenUsage) -> None:
        """Raise `TooLong` if the server read far fewer tokens than were sent: some cut a prompt without a word."""
        least = least_tokens(f"{request.instructions}{request.prompt}")
        if MIN_CONTEXT_TOKENS <= usage.input_tokens < least:
            raise TooLong(
                f"{self._server} read only {usage.input_tokens} of at least {least} tokens: it cuts what is longer "
                "than its context. Give it a larger one.",
                max_tokens=usage.input_tokens,
            )
