"""Parsing ISBNs in every notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import isbn_10, parse_isbn
from tests.dagster_stack.books import isbn_of


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("9780306406157", "9780306406157"),
        ("978-0-306-40615-7", "9780306406157"),
        ("0-306-40615-2", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("080442957x", "9780804429573"),
        ("ISBN 978-0-306-40615-7", "9780306406157"),
        ("ISBN-13: 978-0-306-40615-7", "9780306406157"),
        ("ISBN-10: 0-306-40615-2", "9780306406157"),
        ("ISBN 13: 9780306406157", "9780306406157"),
        ("isbn:9780306406157", "9780306406157"),
        ("ISBN 1-59059-727-3", "9781590597279"),
        ("978\u20110\u2011306\u201140615\u20117", "9780306406157"),
        ("978\u20130\u2013306\u201340615\u20137", "9780306406157"),
        ("９７８０３０６４０６１５７", "9780306406157"),
        (" 978 0 306 40615 7\n", "9780306406157"),
        ("979-10-90636-07-1", "9791090636071"),
        ("979-553-483-1", "9789795534839"),
        ("978-0-306-40615-7 90000", "9780306406157"),
        ("9780306406157 05", "9780306406157"),
        ("ISBN 978 0 306 40615 7 51299", "9780306406157"),
        ("9780306406157 (pbk.)", "9780306406157"),
        ("9780306406157(pbk. : acid-free paper)", "9780306406157"),
        ("0-306-40615-2 (hardback) : £12.99", "9780306406157"),
        ("ISBN 0306406152 (v. 1) (hbk.)", "9780306406157"),
        ("0306406152 : $4.50", "9780306406157"),
        ("urn:isbn:9780306406157", "9780306406157"),
        ("URN:ISBN:0-306-40615-2", "9780306406157"),
        ("isbn=0306406152", "9780306406157"),
        ("ISBN13=9780306406157", "9780306406157"),
    ],
)
def test_an_isbn_is_parsed_in_every_notation(written: str, canonical: str) -> None:
    """Hyphens, labels, full-width digits and both lengths give the same 13 digits."""
    assert canonical == parse_isbn(written)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("978-0-306-40615-8", "wrong ISBN-13 check digit, 8 should be 7"),
        ("1234567890", "wrong ISBN-10 check digit, 0 should be X"),
        ("9790345246805", "printed music"),
        ("9880306406157", "starts with 978 or 979"),
        ("978-902453827", "it has 12 digits"),
        ("", "it has 0 digits"),
        ("97808264975X3", "X may only stand in the last place"),
        ("978-0-13-468599-A", "letters or other characters"),
        ("978-90245\u1b538270", "letters or other characters"),
        ("0000000000", "nothing but zeros"),
        ("../../etc/passwd", "letters or other characters"),
        ("9780306406157 9780140328721", "it has 26 digits"),
        ("9780306406157 (9780140328721)", "letters or other characters"),
        ("0306406152 : 0140328726", "letters or other characters"),
        ("978-0-306-40615-8 90000", "wrong ISBN-13 check digit, 8 should be 7"),
        ("978030640615790000", "it has 18 digits"),
        ("9780306406157 900", "it has 16 digits"),
        ("0306406152 90000", "it has 15 digits"),
        ("(pbk.)", "it has 0 digits"),
        ("pbk. 9780306406157", "letters or other characters"),
        ("9" * 10_000, "it has 10000 characters"),
    ],
)
def test_an_invalid_isbn_is_refused_with_the_failed_check(written: str, fault: str) -> None:
    """The message says which check failed."""
    with pytest.raises(InvalidISBN) as refused:
        parse_isbn(written)

    assert fault in str(refused.value)


@given(st.integers(min_value=1, max_value=10**9 - 1))
def test_isbn_10_and_13_of_a_book_are_the_same_isbn(number: int) -> None:
    """Whatever the digits, parsing the ISBN-10 of an ISBN-13 returns the ISBN-13."""
    isbn_13 = parse_isbn(isbn_of(number))

    assert isbn_13 == parse_isbn(isbn_10(isbn_13) or "")


def test_the_979_range_has_no_isbn_10() -> None:
    """There is no short form to look up in a catalogue."""
    assert isbn_10("9791090636071") is None


@given(st.text(max_size=80))
def test_any_text_is_an_isbn_or_refused(text: str) -> None:
    """No other error is raised, and the result is 13 ASCII digits."""
    try:
        parsed = parse_isbn(text)
    except InvalidISBN:
        return

    assert len(parsed) == 13
    assert parsed.isascii()
    assert parsed.isdigit()
