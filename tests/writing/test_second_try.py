"""Asking once more for what failed the text gate."""

from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.second_try import second_request
from bookbytes_pipeline.writing.text_gate import Fault

REQUEST = WritingRequest("chapter_summary", "Be brief, for $5.", "Deltas?", {"type": "object"}, "The Nile.", 475, "en")
FAULTS = (Fault("cut_off", "It breaks off: …the."), Fault("echo", "It recites $instructions."))


def test_the_second_question_is_the_first_with_the_faults() -> None:
    """Rules and question stay as they are, dollars included, and every fault is named."""
    again = second_request(REQUEST, FAULTS)

    assert "Deltas?" == again.prompt
    assert again.instructions.startswith("Be brief, for $5.\n")
    assert "\n- It breaks off: …the.\n- It recites $instructions.\n" in again.instructions


def test_the_second_answer_is_judged_by_the_same_measure() -> None:
    """The name, the schema, the text, the length and the language are those of the first."""
    again = second_request(REQUEST, FAULTS)

    assert [(REQUEST.name, REQUEST.schema, REQUEST.text, REQUEST.words, REQUEST.language)] == [
        (again.name, again.schema, again.text, again.words, again.language)
    ]


def test_other_faults_are_another_question() -> None:
    """So that the cache has an answer for each."""
    assert second_request(REQUEST, FAULTS) == second_request(REQUEST, FAULTS)
    assert REQUEST != second_request(REQUEST, FAULTS) != second_request(REQUEST, FAULTS[:1])
