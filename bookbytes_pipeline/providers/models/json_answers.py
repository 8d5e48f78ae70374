"""The JSON object in what a language model wrote, and whether it meets the schema that was asked for.

Servers that enforce the schema make both trivial. Others wrap the object in a fence or in polite sentences, forget a
key, or put a string where a list belongs.
"""

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from bookbytes_pipeline.domain.errors import UnusableAnswer

_BRACES = 20
"""How many opening braces are tried as the beginning of the object; each may cost a reading of the whole text."""

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


def object_in(text: str) -> dict[str, Any]:
    """The first JSON object in `text`: bare, fenced or among words. Raises `UnusableAnswer` if there is none."""
    for brace in islice(re.finditer(r"\{", text), _BRACES):
        try:
            found: dict[str, Any] = _DECODER.raw_decode(text, brace.start())[0]
        except (ValueError, RecursionError):
            continue
        return {key: _storable(value) for key, value in found.items()}
    raise UnusableAnswer("The language model did not answer with a JSON object.", retry_after=0)


def _storable(value: Any) -> Any:
    """The value without what JSON can say and no database keeps: NUL, and halves of characters."""
    if isinstance(value, str):
        return value.encode(errors="ignore").decode().replace("\0", "")
    return [_storable(part) for part in value] if isinstance(value, list) else value


def fitting(content: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """`content` if it has what `schema` requires, in the right types; raises `UnusableAnswer` naming what is amiss."""
    for key in schema.get("required", ()):
        if key not in content:
            raise UnusableAnswer(f"The language model left `{key}` out of its answer.", retry_after=0)
    for key, expected in schema.get("properties", {}).items():
        if key in content and not _fits(content[key], expected):
            raise UnusableAnswer(f"The language model put something else where `{key}` belongs.", retry_after=0)
    if content.get("known") is True and any(value in ("", []) for value in content.values()):
        raise UnusableAnswer("The language model says that it knows the answer, and leaves it empty.", retry_after=0)
    return content


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type", [])
    allowed = [kind] if isinstance(kind, str) else kind
    if allowed and not any(_is(value, name) for name in allowed):
        return False
    return not isinstance(value, list) or all(_fits(item, schema.get("items", {})) for item in value)


def _is(value: Any, kind: str) -> bool:
    """Whether `value` is of the JSON type `kind`; `true` is no number, though Python thinks so."""
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
