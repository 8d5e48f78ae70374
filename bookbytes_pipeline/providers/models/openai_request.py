"""How a task is put to a chat completions endpoint, and whether the endpoint can take it put like that."""

import json
import re
from enum import IntEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.providers.models.openai_errors import said

if TYPE_CHECKING:
    import openai


class ResponseFormat(IntEnum):
    """How the shape of the answer is asked for, best first. Not every server knows them all."""

    JSON_SCHEMA = 0
    JSON_OBJECT = 1
    TEXT = 2

    @property
    def next(self) -> "ResponseFormat":
        """The next best form; the last is its own."""
        return ResponseFormat(min(self + 1, ResponseFormat.TEXT))


_REFUSALS = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.NOT_IMPLEMENTED,
}

_ABOUT_FORM = re.compile(
    r"response.?format|json.?schema|json.?object|structured.?outputs?"
    r"|unrecogni[sz]ed (?:request )?argument|extra (?:inputs|fields) (?:are )?not permitted",
    re.IGNORECASE,
)


def completion_arguments(model: str, request: WritingRequest, form: ResponseFormat) -> dict[str, Any]:
    """The arguments of `chat.completions.create`.

    Neither temperature nor a limit of tokens: newer models refuse the one, and spend the other on thinking until
    nothing is left to answer with.
    """
    instructions = (
        request.instructions if form is ResponseFormat.JSON_SCHEMA else f"{request.instructions}\n\n{_shape(request)}"
    )
    messages = [{"role": "system", "content": instructions}, {"role": "user", "content": request.prompt}]
    return {"model": model, "messages": messages, **_response_format(request, form)}


def is_unknown(form: ResponseFormat, error: "openai.OpenAIError") -> bool:
    """Whether `error` says that the server does not know `form`, so that the next one is worth trying."""
    status = getattr(error, "status_code", None)
    return form is not ResponseFormat.TEXT and status in _REFUSALS and _ABOUT_FORM.search(said(error)) is not None


def _shape(request: WritingRequest) -> str:
    return f"Answer with one JSON object and nothing else. It meets this JSON schema:\n{json.dumps(request.schema)}"


def _response_format(request: WritingRequest, form: ResponseFormat) -> dict[str, Any]:
    if form is ResponseFormat.JSON_SCHEMA:
        schema = {"name": request.name, "strict": True, "schema": request.schema}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": {"type": "json_object"}} if form is ResponseFormat.JSON_OBJECT else {}
