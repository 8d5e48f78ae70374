"""Finding the JSON object in a model's answer, and validating it."""

from typing import Any

import pytest

from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.providers.models.json_answers import fitting, object_in


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "b}{"}',
        '\n  {"a": "b}{"}\n',
        '```json\n{"a": "b}{"}\n```',
        'Gladly, {friend}: {"a": "b}{"} Anything else?',
    ],
)
def test_the_object_is_found_anywhere_in_the_text(text: str) -> None:
    """Fences and polite words around the object are ignored."""
    assert object_in(text) == {"a": "b}{"}


def test_bare_line_breaks_are_tolerated() -> None:
    """A string with a line break is not valid JSON, but its meaning is clear."""
    assert object_in('{"a": "one\ntwo"}') == {"a": "one\ntwo"}


@pytest.mark.parametrize("text", ["", "I would rather not.", "[1, 2]", '{"a": ', "{" * 100_000, '{"a":' * 100_000])
def test_without_an_object_the_answer_is_unusable(text: str) -> None:
    """Prose, lists and truncated JSON are not an answer, however long."""
    with pytest.raises(UnusableAnswer):
        object_in(text)


@pytest.mark.parametrize(
    ("value", "kind", "fits"),
    [
        (True, {"type": "boolean"}, True),
        (1, {"type": "boolean"}, False),
        (1, {"type": "integer"}, True),
        (True, {"type": "integer"}, False),
        ("one", {"type": "integer"}, False),
        (None, {"type": "string"}, False),
        (None, {"type": ["string", "null"]}, True),
        (["a", "b"], {"type": "array", "items": {"type": "string"}}, True),
        (["a", 1], {"type": "array", "items": {"type": "string"}}, False),
        ("a, b", {"type": "array", "items": {"type": "string"}}, False),
        ("whatever", {}, True),
    ],
)
def test_types_are_checked(value: Any, kind: dict[str, Any], fits: bool) -> None:
    """A value of another type than the schema's makes the answer unusable; a valid value is unchanged."""
    try:
        accepted = fitting({"a": value}, {"properties": {"a": kind}, "required": ["a"]}) == {"a": value}
    except UnusableAnswer:
        accepted = False

    assert fits == accepted


def test_a_missing_key_is_named() -> None:
    """The message says which key of the answer is missing."""
    with pytest.raises(UnusableAnswer, match="`summary`"):
        fitting({"known": True}, {"required": ["known", "summary"]})


def test_characters_that_no_database_stores_are_removed() -> None:
    """NUL and half a surrogate pair are valid JSON, and would make the publication of a finished book fail."""
    answer = r'{"summary": "A\u0000 b\ud800 c \ud83d\ude00", "chapters": ["One\u0000"]}'

    assert {"summary": "A b c 😀", "chapters": ["One"]} == object_in(answer)
