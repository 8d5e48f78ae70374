"""The JSON object in what a language model wrote, if it meets the schema that was asked for.

Servers that enforce the schema make this trivial. Others wrap the object in a fence or in polite sentences, think aloud
in objects of another shape, repeat the schema, or forget how JSON is written. The last object that fits is the answer,
unless a later one is broken: then it was a draft. Hostile texts cost bounded time.
"""

import json
import re
from collections import deque
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.providers.models.json_repairs import breaks_off, mentions, objects_within, repaired
from bookbytes_pipeline.providers.models.reasoning import TEMPLATE, without_marks, without_reasoning, without_template

MAX_CHARS = 1_000_000
"""Of an answer with its reasoning; models write a quarter of this at most."""

_MAX_OBJECTS = 50
"""How many of the last objects are compared with the schema."""

_MAX_DECODED = 4_000_000
_COST_OF_A_TRY = 50
"""Bounds for objects that begin and never end, in characters: each beginning costs a reading of what follows."""

_STRIDE = 10_000
"""After so many characters the text is cut: an error of the decoder counts the lines from the text's beginning."""

_OBJECT = re.compile(r'\{(?=\s*["}])')
_WRAPPING = re.compile(rf"(?:\s|```(?:\w{{0,20}}\s)?|{TEMPLATE.pattern})*", re.IGNORECASE)
_DECODER = json.JSONDecoder(strict=False)  # local models put bare line breaks into strings

_KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
_SCHEMA_KEYS = {"properties", "required", "additionalProperties", "type"}
_ESCAPED_BREAK = re.compile(r"(?:(?:\\r)?\\n){2,}|(?:\\r)?\\n(?![a-z])|\\r(?![a-z])")
"""Line breaks written as two characters; before a small letter it may be a path or a formula (`C:\\new`)."""


def answer_in(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The last object in `text` that fits `schema`: bare, fenced, among words, after thinking, or with small faults.

    Thinking counts only where nothing else was written. Raises `UnusableAnswer`, which names what is amiss, if there is
    no such object.
    """
    if len(text) > MAX_CHARS:
        raise UnusableAnswer("The language model answered far more than it was asked for.", retry_after=0)
    try:
        whole = _only_object(text)
        if whole is not None:
            return _best([whole], schema)
        visible = without_reasoning(text)
        return _answer_among(visible if without_marks(visible).strip() else text, schema)
    except RecursionError as error:
        raise UnusableAnswer("The language model nested its answer too deeply.", retry_after=0) from error


def _answer_among(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """As `answer_in`, of a text whose thinking is gone."""
    found, end = _objects(text)
    tail = text[end:]
    if mentions(tail, schema):
        if breaks_off(tail):  # what stands before was a draft
            raise UnusableAnswer("The language model's answer broke off before its JSON ended.", retry_after=0)
        found = [*repaired(tail, schema), *found]
    try:
        return _best(found, schema)
    except UnusableAnswer:
        mended = list(repaired(text, schema))
        if not mended:
            raise
        return _best(mended, schema)


def _best(found: Iterable[dict[str, Any]], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The first of `found` that fits, or the first that fits within one of them."""
    faults: list[str] = []
    for candidate in chain.from_iterable(map(objects_within, found)):
        kinds = schema.get("properties", {})
        plain = {key: _converted(_clean(value), kinds.get(key, {})) for key, value in candidate.items()}
        fault = _fault(plain, schema)
        if fault is None:
            return plain
        if _SCHEMA_KEYS.isdisjoint(candidate):
            faults.append(fault)
    raise UnusableAnswer(
        faults[0] if faults else "The language model did not answer with a JSON object.", retry_after=0
    )


def _only_object(text: str) -> dict[str, Any] | None:
    """The object that `text` consists of, fenced or not; what looks like thinking is then part of its strings."""
    start = _end_of_wrapping(text, 0)
    if not text.startswith("{", start):
        return None
    try:
        found, end = _DECODER.raw_decode(text, start)
    except ValueError:
        return None
    return dict(found) if _end_of_wrapping(text, end) == len(text) else None


def _end_of_wrapping(text: str, start: int) -> int:
    wrapping = _WRAPPING.match(text, start)
    return wrapping.end() if wrapping else start


def _objects(text: str) -> tuple[list[dict[str, Any]], int]:
    """The last objects in `text`, the very last first, and where it ends."""
    found: deque[dict[str, Any]] = deque(maxlen=_MAX_OBJECTS)
    rest, cut, start, end, left = text, 0, 0, 0, _MAX_DECODED
    while left > 0 and (brace := _OBJECT.search(rest, start)):
        start = brace.start()
        if start > _STRIDE:
            rest, cut, start = rest[start:], cut + start, 0
        try:
            value, start = _DECODER.raw_decode(rest, start)
        except ValueError as error:
            left -= _COST_OF_A_TRY + getattr(error, "pos", len(rest)) - start
            start += 1
        else:
            found.appendleft(value)
            end = cut + start
    return list(found), end


def _fault(content: Mapping[str, Any], schema: Mapping[str, Any]) -> str | None:
    for key in schema.get("required", ()):
        if key not in content:
            return f"The language model left `{key}` out of its answer."
    for key, expected in schema.get("properties", {}).items():
        if key in content and not _fits(content[key], expected):
            return f"The language model put something else where `{key}` belongs."
    if content.get("known") is True and any(value in ("", []) for value in content.values()):
        return "The language model says that it knows the answer, and leaves it empty."
    return None


def _converted(value: Any, expected: Mapping[str, Any]) -> Any:
    """The value in the type that is expected where nothing but the type is wrong with it."""
    kind = expected.get("type")
    if kind == "boolean" and isinstance(value, str):
        return _BOOLEANS.get(value.strip().lower(), value)
    if kind == "string" and isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    return value


def _clean(value: Any) -> Any:
    """The value without what no database keeps (NUL, halves of characters) and what was never meant to be read.

    That is thinking inside a string, marks of chat templates, and line breaks written as two characters.
    """
    if isinstance(value, str):
        plain = value.encode(errors="ignore").decode().replace("\0", "")
        return _ESCAPED_BREAK.sub(_breaks, without_template(without_reasoning(plain))).strip()
    return [_clean(part) for part in value] if isinstance(value, list) else value


def _breaks(escaped: re.Match[str]) -> str:
    return "\n" * max(escaped[0].count("\\n"), 1)


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type", [])
    allowed = [kind] if isinstance(kind, str) else kind
    if allowed and not any(_is(value, name) for name in allowed):
        return False
    return not isinstance(value, list) or all(_fits(item, schema.get("items", {})) for item in value)


def _is(value: Any, kind: str) -> bool:
    """Whether `value` is of the JSON type `kind`; `true` is no number, though Python thinks so."""
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
