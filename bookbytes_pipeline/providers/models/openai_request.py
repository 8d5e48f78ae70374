"""How a task is put to a chat completions endpoint, and whether the endpoint can take it put like that."""

import json
import re
from enum import IntEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bookbytes_pipeline.domain.writing_request import Task
from bookbytes_pipeline.providers.models.openai_errors import said

if TYPE_CHECKING:
    import openai


class Form(IntEnum):
    """How the shape of the answer is asked for, best first. Not every server knows them all."""

    SCHEMA = 0
    OBJECT = 1
    WORDS = 2

    @property
    def next(self) -> "Form":
        """The next best form; the last is its own."""
        return Form(min(self + 1, Form.WORDS))


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


def request(model: str, task: Task, form: Form) -> dict[str, Any]:
    """The arguments of `chat.completions.create`.

    Neither temperature nor a limit of tokens: newer models refuse the one, and spend the other on thinking until
    nothing is left to answer with.
    """
    instructions = task.instructions if form is Form.SCHEMA else f"{task.instructions}\n\n{_shape(task)}"
    messages = [{"role": "system", "content": instructions}, {"role": "user", "content": task.prompt}]
    return {"model": model, "messages": messages, **_response_format(task, form)}


def is_unknown(form: Form, error: "openai.OpenAIError") -> bool:
    """Whether `error` says that the server does not know `form`, so that the next one is worth trying."""
    status = getattr(error, "status_code", None)
    return form is not Form.WORDS and status in _REFUSALS and _ABOUT_FORM.search(said(error)) is not None


def _shape(task: Task) -> str:
    return f"Answer with one JSON object and nothing else. It meets this JSON schema:\n{json.dumps(task.schema)}"


def _response_format(task: Task, form: Form) -> dict[str, Any]:
    if form is Form.SCHEMA:
        schema = {"name": task.name, "strict": True, "schema": task.schema}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": {"type": "json_object"}} if form is Form.OBJECT else {}
