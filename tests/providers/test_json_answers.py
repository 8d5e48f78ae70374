"""Finding the object in what a model wrote, and judging it."""

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
def test_the_object_is_found_wherever_it_stands(text: str) -> None:
    """Fences and polite words around an object do not matter."""
    assert object_in(text) == {"a": "b}{"}


def test_bare_line_breaks_are_forgiven() -> None:
    """A string with a line break in it is no JSON, but means what it says."""
    assert object_in('{"a": "one\ntwo"}') == {"a": "one\ntwo"}


@pytest.mark.parametrize("text", ["", "I would rather not.", "[1, 2]", '{"a": ', "{" * 100_000, '{"a":' * 100_000])
def test_without_an_object_the_answer_is_unusable(text: str) -> None:
    """Prose, lists and what was cut off are no answer, however long."""
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
    """A value of another type than the schema's makes the answer unusable, a fitting one is left as it is."""
    try:
        judged = fitting({"a": value}, {"properties": {"a": kind}, "required": ["a"]}) == {"a": value}
    except UnusableAnswer:
        judged = False

    assert fits == judged


def test_a_missing_key_is_named() -> None:
    """The message says which part of the answer is missing."""
    with pytest.raises(UnusableAnswer, match="`summary`"):
        fitting({"known": True}, {"required": ["known", "summary"]})


def test_what_no_database_keeps_is_left_out() -> None:
    """NUL and half a surrogate pair are valid JSON, and would stop a finished book at its publication."""
    answer = r'{"summary": "A\u0000 b\ud800 c \ud83d\ude00", "chapters": ["One\u0000"]}'

    assert {"summary": "A b c 😀", "chapters": ["One"]} == object_in(answer)
