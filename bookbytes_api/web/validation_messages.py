"""What msgspec and Litestar say of invalid values, as sentences that name the field."""

import re
from collections.abc import Callable, Mapping
from re import Match

_NOUNS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
    "uuid": "a UUID",
}
_MISSING = re.compile(r"Object missing required field `(\w+)`")

_SENTENCES: Mapping[str, Callable[[str, Match[str]], str]] = {
    r"It is missing": lambda field, _: f"{field} is required.",
    r"Expected `str` of length >= (\d+)": lambda field, found: f"The {field} must have at least {found[1]} characters.",
    r"Expected `str` of length <= (\d+)": lambda field, found: f"The {field} must have at most {found[1]} characters.",
    r"Expected `\w+` >= (\d+)": lambda field, found: f"The {field} must be at least {found[1]}.",
    r"Expected `\w+` <= (\d+)": lambda field, found: f"The {field} must be at most {found[1]}.",
    r"Expected `str` matching regex .*": lambda field, _: f"The {field} has characters that are not allowed.",
    r"Expected `(\w+)(?: \| null)?`, got `(\w+)`": lambda field, found: (
        f"The {field} must be {_NOUNS.get(found[1], found[1])}, not {_NOUNS.get(found[2], found[2])}."
    ),
    r"Invalid enum value (.+)": lambda field, found: f"The {field} cannot be {found[1]}.",
    r"Unsupported type.*": lambda field, _: f"The {field} must be a file.",
}


def field_of(message: str, field: str | None) -> tuple[str, str | None]:
    """Return the message and the field that it is about, where both are in Litestar's terms for handlers."""
    if missing := _MISSING.fullmatch(message):
        return "It is missing", missing[1]
    if field == "data":
        return ("It is missing" if message == "'data'" else message), "body"
    return message, field


def sentence(message: str, field: str | None) -> str:
    """Return the message as a sentence."""
    name = field or "request"
    for pattern, compose in _SENTENCES.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return compose(name, found)
    return f"{name}: {message.rstrip('.')}."
