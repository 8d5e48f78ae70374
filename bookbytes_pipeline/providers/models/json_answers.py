"""The JSON object in what a language model wrote, if it meets the schema that was asked for.

Servers that enforce the schema make this trivial. Others wrap the object in a fence or in polite sentences, think aloud
in objects of another shape, repeat the schema, or forget how JSON is written. The last object that fits is the answer.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.providers.models.reasoning import inside_reasoning, without_reasoning, without_template

_BRACES = 200
"""How many opening braces are tried as the beginning of an object; each may cost a reading of the whole text."""
_REPAIRS = 5
MAX_CHARS = 1_000_000
MAX_DEPTH = 3
_MIN_REPAIRED_SHARE = 0.7
"""Of the text that is repaired: less means that the repair has lost some of it."""

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
_AFTER_OBJECT = re.compile(r"\s*(?:$|\n|```|;|</)")
"""What may follow an object; anything else goes on inside it, and it was cut off."""
_ESCAPED_BREAK = re.compile(r"\\r?\\n|\\n|\\r")


def answer_in(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The last object in `text` that fits `schema`: bare, fenced, among words, after thinking, or with small faults.

    Raises `UnusableAnswer`, which names what is amiss, if there is none.
    """
    if len(text) > MAX_CHARS:
        raise UnusableAnswer("The language model answered far more than it was asked for.", retry_after=0)
    faults: list[str] = []
    for part in dict.fromkeys((without_reasoning(text), inside_reasoning(text))):
        for found in _objects(part):
            fitting = _fitting(found, schema, faults)
            if fitting is not None:
                return fitting
    raise UnusableAnswer(
        faults[0] if faults else "The language model did not answer with a JSON object.", retry_after=0
    )


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the objects in `text` as they are, the last first, and then as they are after repairs."""
    braces = [match.start() for match in re.finditer(r"\{", text)]
    for brace in islice(reversed(braces), _BRACES):
        try:
            yield _DECODER.raw_decode(text, brace)[0]
        except (ValueError, RecursionError):
            continue
    yield from _repaired(text, braces)


def _repaired(text: str, braces: list[int]) -> Iterator[dict[str, Any]]:
    """Yield what the text between braces would be if it were JSON; an object that is cut off has no closing brace."""
    end = text.rfind("}") + 1
    if not _AFTER_OBJECT.match(text, end):
        return
    starts = [brace for brace in braces if brace < end]
    for start in dict.fromkeys([*starts[:_REPAIRS], *starts[: -_REPAIRS - 1 : -1]]):
        segment = text[start:end]
        repaired = _repair(segment)
        if isinstance(repaired, dict) and len(json.dumps(repaired, ensure_ascii=False)) >= (
            _MIN_REPAIRED_SHARE * len(segment)
        ):
            yield repaired


def _repair(segment: str) -> Any:
    import json_repair  # noqa: PLC0415 - only where an answer is damaged

    try:
        return json_repair.loads(segment, skip_json_loads=True)
    except (ValueError, RecursionError):
        return None


def _fitting(
    found: dict[str, Any], schema: Mapping[str, Any], faults: list[str], depth: int = 0
) -> dict[str, Any] | None:
    """The object, or one inside it, in the types of `schema`; what is amiss with it is added to `faults`."""
    plain = {key: _converted(_clean(value), schema.get("properties", {}).get(key, {})) for key, value in found.items()}
    fault = _fault(plain, schema)
    if fault is None:
        return plain
    if _SCHEMA_KEYS.isdisjoint(found):
        faults.append(fault)
    inner = (value for value in found.values() if isinstance(value, dict)) if depth < MAX_DEPTH else ()
    return next((fit for value in inner if (fit := _fitting(value, schema, faults, depth + 1)) is not None), None)


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
        return _ESCAPED_BREAK.sub("\n", without_template(without_reasoning(plain))).strip()
    return [_clean(part) for part in value] if isinstance(value, list) else value


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type", [])
    allowed = [kind] if isinstance(kind, str) else kind
    if allowed and not any(_is(value, name) for name in allowed):
        return False
    return not isinstance(value, list) or all(_fits(item, schema.get("items", {})) for item in value)


def _is(value: Any, kind: str) -> bool:
    """Whether `value` is of the JSON type `kind`; `true` is no number, though Python thinks so."""
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
