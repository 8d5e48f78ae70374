"""The arguments of a chat completion, and whether the server supports the format that they ask for."""

import json
import re
from enum import IntEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.providers.models.openai_errors import error_text

if TYPE_CHECKING:
    import openai


class ResponseFormat(IntEnum):
    """How the answer's JSON is requested, best first. Not every server supports them all."""

    JSON_SCHEMA = 0
    JSON_OBJECT = 1
    TEXT = 2

    @property
    def next(self) -> "ResponseFormat":
        """The next best format; the last is followed by itself."""
        return ResponseFormat(min(self + 1, ResponseFormat.TEXT))


_REFUSAL_STATUSES = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.NOT_IMPLEMENTED,
}

_ABOUT_FORMAT = re.compile(
    r"response.?format|json.?schema|json.?object|structured.?outputs?"
    r"|unrecogni[sz]ed (?:request )?argument|extra (?:inputs|fields) (?:are )?not permitted",
    re.IGNORECASE,
)


def completion_arguments(model: str, request: WritingRequest, response_format: ResponseFormat) -> dict[str, Any]:
    """The arguments of `chat.completions.create`.

    Neither temperature nor a limit of tokens: newer models refuse the first, and spend the second on reasoning until
    nothing is left to answer with.
    """
    instructions = (
        request.instructions
        if response_format is ResponseFormat.JSON_SCHEMA
        else f"{request.instructions}\n\n{_shape(request)}"
    )
    messages = [{"role": "system", "content": instructions}, {"role": "user", "content": request.prompt}]
    return {"model": model, "messages": messages, **_response_format(request, response_format)}


def is_unsupported(response_format: ResponseFormat, error: "openai.OpenAIError") -> bool:
    """Whether `error` says that the server does not support `response_format`, so that the next one is worth trying."""
    status = getattr(error, "status_code", None)
    return (
        response_format is not ResponseFormat.TEXT
        and status in _REFUSAL_STATUSES
        and _ABOUT_FORMAT.search(error_text(error)) is not None
    )


def _shape(request: WritingRequest) -> str:
    return f"Answer with one JSON object and nothing else. It meets this JSON schema:\n{json.dumps(request.schema)}"


def _response_format(request: WritingRequest, response_format: ResponseFormat) -> dict[str, Any]:
    if response_format is ResponseFormat.JSON_SCHEMA:
        schema = {"name": request.name, "strict": True, "schema": request.schema}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": {"type": "json_object"}} if response_format is ResponseFormat.JSON_OBJECT else {}
