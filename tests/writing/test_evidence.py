"""Passages of a chapter for the sentences of its summary."""

import pytest

from bookbytes_pipeline.writing.alignment import align
from bookbytes_pipeline.writing.evidence import ChapterIndex, share_by_tenth
from bookbytes_pipeline.writing.terms import spelled_out, terms_of

CHAPTER = (
    "The river rises in the hills above the town, where nobody has found its spring.\nFor centuries the people "
    "believed in a lake under the mountain.\n\nA surveyor called Amsel poured dye into a sinkhole in 1872. Four days "
    "later the water at the mill turned green, and the miller lost a week of work.\n\nSince then the villages on both "
    "sides share what they used to fight over."
)


def test_a_quoted_sentence_is_its_own_passage() -> None:
    """However its lines are broken, with full support."""
    quoted = "For centuries the people believed in a lake under the mountain."

    (found,) = ChapterIndex(CHAPTER, "en").evidence(quoted)

    (span,) = found.spans
    assert (quoted, 1.0) == (" ".join(span.quote.split()), found.support)


def test_each_sentence_finds_its_passage_in_other_words() -> None:
    """In order, each span as it stands in the chapter."""
    index = ChapterIndex(CHAPTER, "en")

    found = index.evidence(
        "Its source is unknown. Amsel coloured the water. The colour came out at a mill. Now they share."
    )

    firsts = [evidence.spans[0].quote.split()[0] for evidence in found]
    assert ["The", "A", "Four", "Since"] == firsts
    assert all(CHAPTER[span.start : span.end] == span.quote for evidence in found for span in evidence.spans)


def test_a_long_sentence_is_shown_in_pieces() -> None:
    """Each of at most 300 characters, and together all of it."""
    sentence = " ".join(f"word{number}" for number in range(100)) + "."

    (found,) = ChapterIndex(f"Before it. {sentence} After it.", "en").evidence(sentence)

    assert sentence == " ".join(span.quote for span in found.spans)
    assert all(len(span.quote) <= 300 for span in found.spans)


def test_a_name_that_stands_elsewhere_brings_a_passage() -> None:
    """The sentence's own passage does not have it."""
    text = f"{CHAPTER} " + " ".join(f"Nothing {word} happened." for word in ("much", "new", "else", "more", "so"))

    found = ChapterIndex(text, "en").evidence("Villages on both sides share, thanks to Amsel.")

    assert any("Amsel" in span.quote for span in found[0].spans)


@pytest.mark.parametrize(("chapter", "summary"), [("", "It is so."), (CHAPTER, ""), ("…", "It is so."), ("a", "b")])
def test_where_there_is_nothing_to_find_nothing_breaks(chapter: str, summary: str) -> None:
    """A chapter or summary without sentences has no evidence, and one without a word in common little."""
    found = ChapterIndex(chapter, "en").evidence(summary)

    assert all(0 <= evidence.support <= 1 for evidence in found)


def test_japanese_is_compared_by_pairs_of_characters() -> None:
    """It has no spaces between words."""
    chapter = "川は町の上の丘に源を発する。測量士が穴に染料を流し込んだ。四日後、水車小屋の水が緑色になった。"

    (found,) = ChapterIndex(chapter, "ja").evidence("水車小屋の水は四日で緑になった。")

    assert found.spans[0].quote.startswith("四日後")


def test_shares_by_tenth_add_up() -> None:
    """Of all spans; a chapter without any has none."""
    evidence = ChapterIndex(CHAPTER, "en").evidence("Nobody found its spring. The villages share.")

    assert 1 == pytest.approx(sum(share_by_tenth(evidence, len(CHAPTER))))
    assert (0,) * 10 == share_by_tenth((), 100)


def test_rows_of_an_alignment_are_probabilities() -> None:
    """Of two equal passages the one in order is likelier, and a summary in reverse is not forced into order."""
    ordered = align([[5.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 5.0, 0.0]])
    reverse = align([[0.0] * 19 + [30.0], [0.0] * 9 + [30.0] + [0.0] * 10, [30.0] + [0.0] * 19])

    assert all(sum(row) == pytest.approx(1) for row in (*ordered, *reverse))
    assert ordered[1][1] > ordered[1][3]
    assert [19, 9, 0] == [row.index(max(row)) for row in reverse]


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("Captain Harlan’s ships sailed 1,200 miles", "en-GB", ["captain", "harlan", "ship", "sail", "1200", "mile"]),
        ("twenty-five sailors", "en", ["25", "sailor"]),
        ("well-known", "en", ["well", "known"]),
        ("fünfundzwanzig Schiffe", "de", ["25", "schiff"]),
        ("水車小屋", "ja", ["水車", "車小", "小屋"]),
        ("川", "ja", ["川"]),
        ("Ships", "tlh", ["ships"]),
        ("", "en", []),
    ],
)
def test_terms_are_what_two_texts_have_in_common(text: str, language: str, terms: list[str]) -> None:
    """Stems, numbers as digits, pairs of characters; words as they are in a language without a stemmer."""
    assert terms == terms_of(text, language)


@pytest.mark.parametrize(
    ("number", "language", "spelled"),
    [("250", "en", "two hundred fifty"), ("25", "de", "fünfundzwanzig"), ("25", "xx", None), ("2.5", "en", None)],
)
def test_numbers_are_spelled_out(number: str, language: str, spelled: str | None) -> None:
    """In the languages whose numbers are known."""
    found = spelled_out(number, language)

    assert (spelled in found) if spelled else found == []
