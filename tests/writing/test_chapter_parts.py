"""A chapter that is too long, in parts of which nothing is lost."""

from dataclasses import replace

import pytest

from bookbytes_pipeline.domain.sentences import sentences_of
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.chapter_parts import estimated_tokens, parts_of_text, tokens_needed
from tests.truth.test_data import TEXTS
from tests.writing.good_summaries import JAPANESE

REQUEST = WritingRequest("chapter_summary", "Be brief.", "Deltas?", {"type": "object"}, "", 475, "en")
ONE_PARAGRAPH = " ".join(TEXTS["whale"].split())
LONG_SENTENCE = "and so on, " * 400
LONGEST_WORD = "a" * 5000


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param(TEXTS["whale"], "en", id="paragraphs"),
        pytest.param(TEXTS["muehle"].replace("\n\n", "\n \t\n\n"), "de", id="blank lines with spaces"),
        pytest.param(ONE_PARAGRAPH, "en", id="one paragraph"),
        pytest.param(JAPANESE.replace("\n", "") * 12, "ja", id="Japanese"),
        pytest.param(LONG_SENTENCE, "en", id="one sentence"),
        pytest.param(LONGEST_WORD, "en", id="one word"),
        pytest.param(f"\n\n{ONE_PARAGRAPH}\n\n{LONGEST_WORD}\n\nEnd.\n\n", "en", id="of all kinds"),
        pytest.param("One.\n\nTwo.", "en", id="hardly anything"),
    ],
)
@pytest.mark.parametrize("parts", [2, 3, 7])
def test_no_text_is_lost(text: str, language: str, parts: int) -> None:
    """The parts one after the other have every letter of the text, once and in order."""
    assert "".join(text.split()) == "".join("".join(parts_of_text(text, parts, language)).split())


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_parts_end_at_the_ends_of_paragraphs(parts: int) -> None:
    """Each paragraph stands whole in one part, and the parts are about as many and as long as was asked."""
    text = TEXTS["whale"]
    cut = parts_of_text(text, parts, "en")

    assert text.strip().split("\n\n") == [paragraph for part in cut for paragraph in part.split("\n\n")]
    assert abs(len(cut) - parts) <= 1
    assert all(len(part) < 1.5 * len(text) / parts for part in cut)


@pytest.mark.parametrize(
    ("text", "language"), [(ONE_PARAGRAPH, "en"), (JAPANESE.replace("\n", "") * 12, "ja")], ids=["English", "Japanese"]
)
def test_a_long_paragraph_is_cut_at_sentences(text: str, language: str) -> None:
    """Each sentence stands whole in one part."""
    cut = parts_of_text(text, 4, language)

    assert len(cut) >= 4
    assert sentences_of(text, language) == [sentence for part in cut for sentence in sentences_of(part, language)]


@pytest.mark.parametrize("text", [LONG_SENTENCE, LONGEST_WORD])
def test_what_has_no_sentences_is_cut_anywhere(text: str) -> None:
    """No part is longer than its share."""
    assert [True] * 4 == [len(part) <= -(-len(text) // 4) for part in parts_of_text(text, 4, "en")]


@pytest.mark.parametrize("text", ["", "\n\n \n"])
def test_no_text_has_no_parts(text: str) -> None:
    """Nothing would be asked about it."""
    assert [] == parts_of_text(text, 3, "en")


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("Nile", 2), ("a" * 300, 100), ("川は泉", 3), ("川は泉から Nile", 7), ("größer", 2)]
)
def test_tokens_are_estimated_rather_too_high(text: str, tokens: int) -> None:
    """Three letters, or one without spaces."""
    assert tokens == estimated_tokens(text)


def test_a_request_needs_room_for_its_answer() -> None:
    """Rules, question, answer, and what a server adds."""
    assert 3 + 3 + 3 * 475 + 700 == tokens_needed(REQUEST)
    assert tokens_needed(REQUEST) + 100 == tokens_needed(replace(REQUEST, prompt=f"Deltas?{'a' * 300}"))
