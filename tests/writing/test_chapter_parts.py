"""A long text in parts."""

import pytest

from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.chapter_parts import estimated_tokens, parts_of_text, tokens_needed

PARAGRAPHS = "\n\n".join(f"Paragraph {number} says what it has to say. It says it twice." for number in range(40))
ONE_PARAGRAPH = " ".join(f"Sentence {number} says what it has to say." for number in range(80))
JAPANESE = "川は町の上の丘に源を発する。" * 60
WORD = "a" * 3_000


@pytest.mark.parametrize(
    ("text", "language"), [(PARAGRAPHS, "en"), (ONE_PARAGRAPH, "en"), (JAPANESE, "ja"), (WORD, "en")], ids=len
)
@pytest.mark.parametrize("parts", [2, 3, 7])
def test_nothing_of_a_text_is_lost(text: str, language: str, parts: int) -> None:
    """Whatever it is made of, and into however many parts of similar length it is cut."""
    found = parts_of_text(text, parts, language)

    assert "".join(text.split()) == "".join("".join(found).split())
    assert parts - 1 <= len(found) <= parts + 1
    assert max(map(len, found)) <= 1.6 * len(text) / parts + 60


def test_parts_end_with_paragraphs() -> None:
    """Where there are paragraphs short enough."""
    assert all(part.endswith("twice.") and part.startswith("Paragraph") for part in parts_of_text(PARAGRAPHS, 5, "en"))


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    """Each part begins and ends as a sentence does."""
    parts = parts_of_text(ONE_PARAGRAPH, 5, "en")

    assert all(part.startswith("Sentence") and part.endswith("say.") for part in parts)


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abc", 1), ("a" * 3_000, 1_000), ("川" * 10, 10), ("川abc", 2)])
def test_tokens_are_rather_overestimated(text: str, tokens: int) -> None:
    """Three letters are one, and each character of a script without spaces."""
    assert tokens == estimated_tokens(text)


def test_the_answer_needs_room_as_well() -> None:
    """A request needs more than its own text takes, and more for a longer answer."""
    short = WritingRequest("chapter_summary", "a" * 300, "b" * 3_000, {}, "b" * 3_000, 100, "en")
    long = WritingRequest("chapter_summary", "a" * 300, "b" * 3_000, {}, "b" * 3_000, 500, "en")

    assert 1_100 < tokens_needed(short) < tokens_needed(long)
