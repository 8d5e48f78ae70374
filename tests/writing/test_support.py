"""Names and numbers of a summary that its chapter does not contain."""

import pytest

from bookbytes_pipeline.writing.support import names_any, unsupported_terms

TEXT = "The Nile has a delta. Herodotus named it in the 5th century, after 1,872 days among the Egyptians."
TITLE = "Deltas of Africa"


@pytest.mark.parametrize(
    "summary",
    [
        pytest.param("It tells how the Nile was named by Herodotus.", id="names of the text"),
        pytest.param("It tells of deltas in Africa.", id="a name of the title"),
        pytest.param("It took 1872 days.", id="a number without its comma"),
        pytest.param("It took 1.872 days.", id="a number with a point for its comma"),
        pytest.param("This was in the 5th century.", id="a number with letters"),
        pytest.param("Many summaries begin so. They all do.", id="capitals at the start of sentences"),
        pytest.param("“Quoted” is what begins so.", id="a capital in a quotation at the start"),
        pytest.param("He asked Herodotus's friends.", id="a possessive"),
        pytest.param("He asked Herodotus\u2019s friends.", id="a possessive with an apostrophe in print"),
        pytest.param("It tells of many Niles.", id="a plural"),
        pytest.param("It tells of the NILE and of the \uff2eile.", id="another case or form of the letters"),
        pytest.param("", id="nothing"),
    ],
)
def test_terms_that_the_chapter_contains_are_supported(summary: str) -> None:
    """In the text or the title, in any case, inflected or not; the first word of a sentence is not a name."""
    assert () == unsupported_terms(summary, TEXT, TITLE, "en")


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param("It was mapped by Strabo.", ("Strabo",), id="a name"),
        pytest.param("It was mapped in 1871.", ("1871",), id="a number"),
        pytest.param("It took 872 days.", ("872",), id="the end of a number"),
        pytest.param("It took 18.72 days.", ("18.72",), id="a fraction"),
        pytest.param("He asked a Nile-Congo expert.", ("Nile-Congo",), id="half of a double name"),
        pytest.param("He asked Strabo's friends.", ("Strabo's",), id="a possessive"),
        pytest.param("It was mapped by Strabo, then Strabo again.", ("Strabo",), id="a name twice"),
        pytest.param("By Pliny and Strabo, in 1871.", ("1871", "Pliny", "Strabo"), id="several, numbers first"),
        pytest.param("The Nile, Congo and Niger.", ("Congo", "Niger"), id="after a comma"),
        pytest.param("It has one rival: Congo; also Niger.", ("Congo", "Niger"), id="after a colon"),
    ],
)
def test_terms_that_the_chapter_lacks_are_listed(summary: str, expected: tuple[str, ...]) -> None:
    """Each name and number once, in order: every part of a name has to be in the chapter."""
    assert expected == unsupported_terms(summary, TEXT, TITLE, "en")


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param("They set out with three sledges.", (), id="a count in words"),
        pytest.param("They set out with 3 sledges.", (), id="the same in digits"),
        pytest.param("They set out with four sledges.", ("four sledges",), id="another count of the same thing"),
        pytest.param("They set out with four dogs.", (), id="a count of another thing"),
        pytest.param("They had two sledges left.", (), id="two is never counted"),
        pytest.param("Seventeen of them fell ill.", ("seventeen",), id="a number that is nowhere"),
        pytest.param("It cost 250 crowns.", (), id="a number spelled out"),
        pytest.param("They were Americans.", (), id="a name in another form"),
        pytest.param("They came from Tolmen.", ("Tolmen",), id="a name that begins like a word"),
        pytest.param("Ahab's crew went on. So did Ahab.", ("Ahab",), id="a name at the start that owns"),
    ],
)
def test_counts_and_forms_are_compared(summary: str, expected: tuple[str, ...]) -> None:
    """A number in words is one in digits, and counts belong to things."""
    text = "They told me of America. Three sledges set out at four, and it cost two hundred and fifty crowns."

    assert expected == unsupported_terms(summary, text, "", "en")


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Die Mühle wurde verkauft, und über ihr stand ein Turm.", ()),
        ("Die EKD kaufte sie.", ("EKD",)),
        ("Sie kostete 1684 Taler.", ("1684",)),
    ],
)
def test_german_nouns_are_no_names(summary: str, expected: tuple[str, ...]) -> None:
    """Every noun has a capital, so only words with two of them are known to be names."""
    text = "Das alte Gebäude wechselte 1683 für 1700 Taler den Besitzer."

    assert expected == unsupported_terms(summary, text, "", "de")


@pytest.mark.parametrize(
    ("sentence", "stands_there"),
    [
        pytest.param("In 17 days.", True, id="a number"),
        pytest.param("In the 17th century.", True, id="a number with letters"),
        pytest.param("In 1784, and in 2017.", False, id="a part of a number"),
        pytest.param("For 17,000 marks, or 3.17.", False, id="a group of a number"),
        pytest.param("He met STRABO there.", True, id="a name in another case"),
        pytest.param("He met Strabonius there.", False, id="a part of a name"),
        pytest.param("There were four\nsledges.", True, id="a count on two lines"),
        pytest.param("There were sledges.", False, id="half of a count"),
    ],
)
def test_a_term_stands_in_a_sentence_as_a_whole(sentence: str, *, stands_there: bool) -> None:
    """A number within another one is another number."""
    assert stands_there == names_any(sentence, ("17", "Strabo", "four sledges"))
