"""Where sentences begin and end."""

import pytest

from bookbytes_pipeline.domain.sentences import sentence_spans, sentences_of


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("One here. Two there.", "en", ["One here.", "Two there."]),
        ("Mr. Smith\nwent.\n\n  A new one.\n", "en", ["Mr. Smith\nwent.", "A new one."]),
        ("No end\n\nAnd another", "en", ["No end", "And another"]),
        ("Im 17. Jahrhundert war es so. Dann nicht.", "de", ["Im 17. Jahrhundert war es so.", "Dann nicht."]),
        ("Es geschah 1683. Dann nicht.", "de", ["Es geschah 1683.", "Dann nicht."]),
        ("It was the 17. Then it ended.", "en", ["It was the 17.", "Then it ended."]),
        ("Es waren 17.", "de", ["Es waren 17."]),
        ("一つ目です。二つ目です。", "ja", ["一つ目です。", "二つ目です。"]),
        ("", "en", []),
        (" \n \n ", "en", []),
    ],
)
def test_sentences_are_found(text: str, language: str, expected: list[str]) -> None:
    """Without the space around them, not over blank lines, and not at the point of an ordinal number."""
    assert expected == sentences_of(text, language)
    assert expected == [text[start:end] for start, end in sentence_spans(text, language)]
