"""The arguments of a chat completion, and what an error says about those that the server does not support."""

import json
import re
from dataclasses import dataclass, replace
from enum import IntEnum
from http import HTTPStatus
from typing import Any

from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.chapter_parts import answer_tokens


class ResponseFormat(IntEnum):
    """How the answer's JSON is requested, best first. Not every server supports them all."""

    JSON_SCHEMA = 0
    JSON_OBJECT = 1
    TEXT = 2

    @property
    def next(self) -> "ResponseFormat":
        """The next best format; the last is followed by itself."""
        return ResponseFormat(min(self + 1, ResponseFormat.TEXT))


class Limit(IntEnum):
    """How much room the answer is given, where the server's own limit has proved too small for it."""

    NONE = 0
    SMALL = 1
    LARGE = 2


LARGE_ANSWER_TOKENS = 16_384
"""With room for the thinking of a model that thinks."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the server is known to support, as learned in this run.

    `system_role` is whether instructions have a message of their own; `limit` is how much room an answer needs to be
    given, under `limit_name`; `largest_limit` and `max_answer_tokens` are the most that the server has been found to
    give.
    """

    response_format: ResponseFormat = ResponseFormat.JSON_SCHEMA
    system_role: bool = True
    limit: Limit = Limit.NONE
    limit_name: str = "max_completion_tokens"
    largest_limit: Limit = Limit.LARGE
    max_answer_tokens: int = LARGE_ANSWER_TOKENS

    def without_format(self) -> "Dialect":
        """The dialect of a server that does not support this response format."""
        return replace(self, response_format=self.response_format.next)

    def with_more_room(self) -> "Dialect":
        """The dialect for a server whose answers were cut off; itself where there is no more room to give."""
        return replace(self, limit=Limit(min(self.limit + 1, self.largest_limit)))

    def with_less_room(self) -> "Dialect | None":
        """The dialect for a server whose context holds no large answer beside the text; None if none was asked for."""
        if self.limit is not Limit.LARGE:
            return None
        return replace(self, limit=Limit.SMALL, largest_limit=Limit.SMALL)

    def simplest(self, other: "Dialect") -> "Dialect":
        """What is left of both: another call may have learned something meanwhile."""
        largest_limit = min(self.largest_limit, other.largest_limit)
        return Dialect(
            max(self.response_format, other.response_format),
            self.system_role and other.system_role,
            min(max(self.limit, other.limit), largest_limit),
            max(self.limit_name, other.limit_name),  # the older name comes later in the alphabet
            largest_limit,
            min(self.max_answer_tokens, other.max_answer_tokens),
        )


_FORM_STATUSES = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
_FAILED_STATUSES = {HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.NOT_IMPLEMENTED}
_ABOUT_FORMAT = re.compile(
    r"response.?format|json.?schema|json.?object|json.?validat|structured.?outputs?|\bstrict\b|\bschema\b|grammar"
    r"|guided.?(?:json|decoding)|unrecogni[sz]ed (?:request )?argument|extra (?:inputs|fields) (?:are )?not permitted",
    re.IGNORECASE,
)
_ABOUT_OTHERS = re.compile(
    r"content.?(?:filter|policy|management)|moderation|safety|insufficient|quota|billing|credit|balance"
    r"|model.{0,40}(?:not (?:found|exist|supported|available)|does not exist)|api.?key|authenticat|unauthori[sz]ed"
    r"|(?:parameter|argument|value|field)\W{0,4}[\"'`](?!response_format|strict|json_schema|schema|type)"
    r"|messages\b.{0,20}\b(?:required|missing|empty)",
    re.IGNORECASE,
)
_ABOUT_SYSTEM_ROLE = re.compile(
    r"system.{0,20}(?:role|message|prompt|instruction).{0,40}(?:not|un|only|disabled)|developer instruction"
    r"|roles must alternate|(?:unsupported|invalid|unknown|unexpected).{0,30}role.{0,20}system",
    re.IGNORECASE | re.DOTALL,
)
_ABOUT_LIMIT = re.compile(r"max_(?:completion_|output_)?tokens|maxOutputTokens|completion tokens", re.IGNORECASE)
_MOST_TOKENS = re.compile(
    r"(?:at most|up to|maximum(?: \w+){0,3}|less than or equal to|<=|>|between \d+ and|from \d+ to)\D{0,12}(\d{2,6})\b"
    r"|range\D{0,30}\d+\D{1,4}(\d{2,6})\b",
    re.IGNORECASE,
)
_VALIDATION = re.compile(r"json_validate_failed|failed to (?:generate|validate) json", re.IGNORECASE)


def completion_arguments(model: str, request: WritingRequest, dialect: Dialect) -> dict[str, Any]:
    """The arguments of `chat.completions.create`.

    No temperature, which newer models refuse, and no limit of tokens unless the server's own has proved too small: a
    model that thinks spends it before it answers.
    """
    instructions = request.instructions
    if dialect.response_format is not ResponseFormat.JSON_SCHEMA:
        instructions += f"\n\n{_shape(request)}"
    messages = (
        [{"role": "system", "content": instructions}, {"role": "user", "content": request.prompt}]
        if dialect.system_role
        else [{"role": "user", "content": f"{instructions}\n\n{request.prompt}"}]
    )
    return {
        "model": model,
        "messages": messages,
        **_response_format(request, dialect.response_format),
        **_limit(request, dialect),
    }


def with_fewer_tokens(dialect: Dialect, said: str) -> Dialect | None:
    """The dialect after an error that says how long an answer may be; None if it says no such thing, or nothing new."""
    if not dialect.limit or not _ABOUT_LIMIT.search(said):
        return None
    numbers = [int(number) for found in _MOST_TOKENS.findall(said.replace(",", "")) for number in found if number]
    fewer = [number for number in numbers if 0 < number < dialect.max_answer_tokens]
    return replace(dialect, max_answer_tokens=fewer[0]) if fewer else None


def simpler(dialect: Dialect, status: int, said: str) -> Dialect | None:
    """The dialect to ask in after an error of this status and these words; None if the error is about another thing."""
    if dialect.system_role and _ABOUT_SYSTEM_ROLE.search(said):
        return replace(dialect, system_role=False)
    if dialect.limit and dialect.limit_name == "max_completion_tokens" and dialect.limit_name in said:
        return replace(dialect, limit_name="max_tokens")
    if dialect.response_format is ResponseFormat.TEXT:
        return None
    may_be_form = status in _FORM_STATUSES and not _ABOUT_OTHERS.search(said)
    is_form = status in _FORM_STATUSES | _FAILED_STATUSES and _ABOUT_FORMAT.search(said)
    return dialect.without_format() if may_be_form or is_form else None


def is_failed_validation(said: str) -> bool:
    """Whether the server checked the model's answer against the schema, and found that it does not fit."""
    return _VALIDATION.search(said) is not None


def _limit(request: WritingRequest, dialect: Dialect) -> dict[str, int]:
    if dialect.limit is Limit.NONE:
        return {}
    small = answer_tokens(request.words)
    wanted = small if dialect.limit is Limit.SMALL else LARGE_ANSWER_TOKENS
    return {dialect.limit_name: min(wanted, dialect.max_answer_tokens)}


def _shape(request: WritingRequest) -> str:
    return f"Answer with one JSON object and nothing else. It meets this JSON schema:\n{json.dumps(request.schema)}"


def _response_format(request: WritingRequest, response_format: ResponseFormat) -> dict[str, Any]:
    if response_format is ResponseFormat.JSON_SCHEMA:
        schema = {"name": request.name, "strict": True, "schema": request.schema}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": {"type": "json_object"}} if response_format is ResponseFormat.JSON_OBJECT else {}
