"""Finding the JSON object in a model's answer, as models really give it."""

import json
import time
from typing import Any

import pytest

from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.providers.models.json_answers import answer_in
from bookbytes_pipeline.writing.chapter_summary import SCHEMA

ANSWER = {"known": True, "summary": "The river rises in the hills, and nobody knows where it ends."}
GOOD = json.dumps(ANSWER)
DRAFT = json.dumps({"known": True, "summary": "DRAFT: write about 160 words here"})
OPEN: dict[str, Any] = {"properties": {}, "required": []}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="bare"),
        pytest.param(f"\n  {GOOD}\n", id="among white space"),
        pytest.param(f"```json\n{GOOD}\n```", id="in a fence"),
        pytest.param(f"Gladly, {{friend}}: {GOOD} Anything else?", id="among words and braces"),
        pytest.param(f"<think>{DRAFT}</think>{GOOD}", id="after a draft in the thinking"),
        pytest.param(f"<thinking>{DRAFT}</thinking>\n{GOOD}", id="after thinking of another name"),
        pytest.param(f"[THINK]{DRAFT}[/THINK]{GOOD}", id="after thinking in brackets"),
        pytest.param(f'<think>{{"plan": ["a"]}}</think>{GOOD}', id="after an object of another shape"),
        pytest.param(f"<think>{'{ no ' * 25}</think>{GOOD}", id="after braces that are no JSON"),
        pytest.param(f"{'{ no ' * 150}{GOOD}", id="after many such braces"),
        pytest.param(f"<think>I should answer so: {GOOD}", id="in thinking that never ends"),
        pytest.param(f"{DRAFT}</think>{GOOD}", id="after thinking that never began"),
        pytest.param(
            f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{GOOD}<|return|>",
            id="in the final channel",
        ),
        pytest.param(f"{DRAFT}\n\n{GOOD}", id="the second of two"),
        pytest.param(json.dumps({"chapter_summary": ANSWER}), id="in another object"),
        pytest.param(json.dumps({"result": {"answer": ANSWER}}), id="in an object in another"),
        pytest.param(json.dumps({**SCHEMA, "properties": ANSWER}), id="in the schema"),
        pytest.param(f"{json.dumps(SCHEMA)}\n{GOOD}", id="after the schema"),
        pytest.param(f"{GOOD}\n{json.dumps(SCHEMA)}", id="before the schema"),
        pytest.param(f"{GOOD[:-1]},}}", id="with a comma at its end"),
        pytest.param(str(ANSWER), id="in Python's words"),
        pytest.param(str(ANSWER).replace("True", "true"), id="in single quotes"),
        pytest.param(json.dumps({**ANSWER, "known": "true"}), id="with a boolean as text"),
        pytest.param(json.dumps({**ANSWER, "summary": [ANSWER["summary"]]}), id="with a list of paragraphs"),
        pytest.param(
            json.dumps({**ANSWER, "summary": f"<think>So.</think>{ANSWER['summary']}"}), id="with thinking inside"
        ),
        pytest.param(json.dumps({**ANSWER, "summary": f"{ANSWER['summary']}<|im_end|>"}), id="with a template's mark"),
        pytest.param(
            json.dumps({**ANSWER, "summary": f"{ANSWER['summary']} </im_end/> <im_start> assistant"}),
            id="with another turn behind it",
        ),
    ],
)
def test_the_answer_is_found(text: str) -> None:
    """The last object that fits the schema, wherever it stands and whatever is plainly wrong with it."""
    assert ANSWER == answer_in(text, SCHEMA)


def test_quotes_inside_a_string_are_part_of_it() -> None:
    """A model that forgets to escape them has still written a whole answer."""
    text = '{"known": true, "summary": "He said "no" to the king, and "yes" to nobody but himself."}'

    expected = 'He said "no" to the king, and "yes" to nobody but himself.'
    assert expected == answer_in(text, SCHEMA)["summary"]


@pytest.mark.parametrize(
    ("written", "read"),
    [("One.\\n\\nTwo.", "One.\n\nTwo."), ("One.\nTwo.", "One.\nTwo."), ("One. [/INST]", "One.")],
)
def test_marks_that_nobody_should_hear_are_gone(written: str, read: str) -> None:
    """Line breaks written as two characters become line breaks."""
    assert read == answer_in(json.dumps({"known": True, "summary": written}), SCHEMA)["summary"]


def test_bare_line_breaks_are_tolerated() -> None:
    """A string with a line break is not valid JSON, but its meaning is clear."""
    assert {"known": True, "summary": "one\ntwo"} == answer_in('{"known": true, "summary": "one\ntwo"}', SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I would rather not.",
        "The river rises in the hills.",
        "[1, 2]",
        '{"known": ',
        '{"known": true, "summary": "The river ris',
        '{"known": true, "summary": "The {upper} river ris',
        "{'known': true, 'summary': 'The river ris",
        f"<think>{GOOD[:-20]}",
        "{" * 100_000,
        '{"a":' * 100_000,
        "{}" * 100_000,
        "[" * 100_000 + "}",
        "x" * 1_000_001,
    ],
    ids=lambda text: text[:30],
)
def test_without_an_object_the_answer_is_unusable(text: str) -> None:
    """Prose, lists and what was cut off are not an answer, however long."""
    with pytest.raises(UnusableAnswer):
        answer_in(text, SCHEMA)


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
        accepted = answer_in(json.dumps({"a": value}), {"properties": {"a": kind}, "required": ["a"]}) == {"a": value}
    except UnusableAnswer:
        accepted = False

    assert fits == accepted


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"known": True}, "left `summary` out"),
        ({"known": 1, "summary": "A."}, "something else where `known` belongs"),
        ({"known": True, "summary": ""}, "leaves it empty"),
        ({"known": True, "summary": "<think>Hm."}, "leaves it empty"),
    ],
)
def test_what_is_amiss_is_named(answer: dict[str, Any], expected: str) -> None:
    """The message says what is wrong with the object that there is."""
    with pytest.raises(UnusableAnswer, match=expected):
        answer_in(json.dumps(answer), SCHEMA)


def test_characters_that_no_database_stores_are_removed() -> None:
    """NUL and half a surrogate pair are valid JSON, and would make the publication of a finished book fail."""
    answer = r'{"summary": "A\u0000 b\ud800 c \ud83d\ude00", "chapters": ["One\u0000"]}'

    assert {"summary": "A b c 😀", "chapters": ["One"]} == answer_in(answer, OPEN)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<think>{DRAFT}</think>I'm sorry, I cannot.", id="a draft, then no answer"),
        pytest.param(f"<think>{DRAFT}</think>{GOOD[:-9]}", id="a draft, then an answer that is cut off"),
        pytest.param(f"{DRAFT} Better: {GOOD[:-9]}", id="the same without tags"),
        pytest.param('{"known": true, "summary": "It ends with {x}', id="cut off after a brace"),
        pytest.param('{"known": true, "summary": "He set {"a": "b"}\n and', id="cut off after an object in quotes"),
    ],
)
def test_a_draft_or_a_part_is_not_the_answer(text: str) -> None:
    """Where the answer itself is missing or breaks off, it is asked for again."""
    with pytest.raises(UnusableAnswer):
        answer_in(text, SCHEMA)


@pytest.mark.parametrize("words", [" I hope this helps!", "\n\nThat was the summary.", "<|im_end|>"])
def test_an_answer_with_faults_may_have_words_behind_it(words: str) -> None:
    """Polite sentences after the object do not keep it from being repaired."""
    assert ANSWER == answer_in(f"{GOOD[:-1]},}}{words}", SCHEMA)


def test_a_backslash_before_a_small_letter_stays() -> None:
    """It is a path or a formula more often than a line break."""
    text = json.dumps({**ANSWER, "summary": r"It lies in C:\new.\n\nThen it moves.\nThe end."})

    assert "It lies in C:\\new.\n\nThen it moves.\nThe end." == answer_in(text, SCHEMA)["summary"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{" * 100_000 + "}", id="braces"),
        pytest.param('[{"a":"' * 100_000 + "}", id="objects in quotes"),
        pytest.param("<think>" * 140_000, id="tags"),
        pytest.param('{"a":' * 190_000 + "}", id="depth"),
        pytest.param('{"known": true, "summary": "' * 35_000, id="beginnings of the answer"),
    ],
)
def test_a_hostile_answer_costs_little_time(text: str) -> None:
    """Megabytes that never become an object are read once; the bound is far above what this takes."""
    began = time.process_time()

    with pytest.raises(UnusableAnswer):
        answer_in(text, SCHEMA)

    assert time.process_time() - began < 10
