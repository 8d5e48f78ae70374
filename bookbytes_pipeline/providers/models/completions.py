"""What a chat completion says, whoever sent it: JSON as it came, of which nothing is certain."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PureWindowsPath
from typing import Any

from bookbytes_pipeline.domain.errors import Refused, UnusableAnswer
from bookbytes_pipeline.domain.summary import TokenUsage

LENGTH = "length"
"""How a completion ends that the server cut off."""
_TEXT_PARTS = {"text", "output_text", None}
_REASONING_FIELDS = ("reasoning_content", "reasoning")
_ERROR_KEYS = ("error", "errors", "detail")


def completion_in(body: str, server: str) -> Mapping[str, Any]:
    """The completion in the body of an answer, put together if it was streamed although nobody asked for that."""
    if body.lstrip().startswith(("data:", "event:", ":")):
        return _streamed(body)
    try:
        completion = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswer(f"{server} sent an answer that is not JSON.", retry_after=0) from error
    if isinstance(completion, list) and len(completion) == 1:
        [completion] = completion
    if not isinstance(completion, dict):
        raise UnusableAnswer(f"{server} sent an answer that is no completion.", retry_after=0)
    return completion


def error_in(completion: Mapping[str, Any]) -> Any:
    """The error that is reported in the body of a success, as it came: of the answer, or instead of it; else None."""
    if error := _choice(completion).get("error"):
        return error
    if completion.get("choices"):
        return None
    if completion.get("object") == "error" or isinstance(completion.get("message"), str):
        return completion
    return next((completion[key] for key in _ERROR_KEYS if completion.get(key)), None)


def texts_in(completion: Mapping[str, Any], server: str) -> list[str]:
    """The texts in which the answer may stand, the likeliest first: the content, then the reasoning.

    Raises `Refused` where the model declines, which comes as a success, and `UnusableAnswer` where there is no text.
    """
    choice = _choice(completion)
    message = _mapping(choice.get("message"))
    if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
        raise Refused(f"{server} declines to write this. Another model may accept it (OPENAI_MODEL).")
    written = [_text(message.get("content")), *(_text(message.get(field)) for field in _REASONING_FIELDS)]
    texts = [text for text in written if text.strip()]
    if not texts:
        raise UnusableAnswer(f"{server} answered without any text.", retry_after=0)
    return texts


def ending_of(completion: Mapping[str, Any]) -> str:
    """Why the model stopped writing, in the words of the API; empty where the server does not say."""
    return str(_choice(completion).get("finish_reason") or "")


def usage_of(completion: Mapping[str, Any]) -> TokenUsage:
    """One call and the tokens it cost; 0 tokens where the server does not count them."""
    counted = _mapping(completion.get("usage"))
    return TokenUsage(1, _tokens(counted.get("prompt_tokens")), _tokens(counted.get("completion_tokens")))


def model_of(completion: Mapping[str, Any]) -> str | None:
    """What the model calls itself, if it says so; of the path of a file on the server, the name."""
    name = completion.get("model")
    if not isinstance(name, str) or not name:
        return None
    return PureWindowsPath(name).name if PureWindowsPath(name).root else name


def _streamed(body: str) -> dict[str, Any]:
    """A completion from the parts that a server streams."""
    texts: dict[str, list[str]] = {"content": [], **{field: [] for field in _REASONING_FIELDS}}
    whole: dict[str, Any] = {}
    ending = error = None
    for part in _parts(body):
        whole |= {key: part[key] for key in ("model", "usage") if part.get(key)}
        error = error_in(part) or error
        choice = _choice(part)
        ending = choice.get("finish_reason") or ending
        delta = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
        for field, written in texts.items():
            written.append(_text(delta.get(field)))
    message = {field: "".join(written) for field, written in texts.items()}
    return {**whole, "choices": [{"message": message, "finish_reason": ending, "error": error}]}


def _parts(body: str) -> Iterator[Mapping[str, Any]]:
    for line in body.splitlines():
        try:
            part = json.loads(line.removeprefix("data:")) if line.startswith("data:") else None
        except (ValueError, RecursionError):
            continue
        if isinstance(part, dict):
            yield part


def _choice(completion: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = completion.get("choices")
    return _mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _text(content: Any) -> str:
    """Content that is text, or a list of parts of which some are."""
    if isinstance(content, list):
        parts = (part for part in content if isinstance(part, dict) and part.get("type") in _TEXT_PARTS)
        return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    return content if isinstance(content, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _tokens(counted: Any) -> int:
    return counted if isinstance(counted, int) and not isinstance(counted, bool) else 0
