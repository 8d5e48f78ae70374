"""Every ISBN case of the shared data."""

import json
from typing import Any

import pytest

from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import isbn_10, parse_isbn
from tests.conformance.shared import SHARED, needs_shared_data

CASES: list[dict[str, Any]] = (
    json.loads((SHARED / "isbn" / "cases.json").read_text())["cases"] if SHARED.is_dir() else []
)
REMARK = "qualifier as in MARC 020"
"""The reference refuses a binding in brackets and calls that a matter of choice; people copy them, so it is read."""
pytestmark = needs_shared_data


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["input"]))
def test_each_case_is_parsed_or_refused_as_expected(case: dict[str, Any]) -> None:
    """The canonical form, the ISBN-10 and the refusal are those of the reference."""
    expected = _read(case["input"].partition("(")[0]) if case["kind"] == REMARK else (case["isbn13"], case["isbn10"])

    assert expected == _read(case["input"])


def _read(text: str) -> tuple[str | None, str | None]:
    try:
        parsed = parse_isbn(text)
    except InvalidISBN:
        return None, None
    return parsed, isbn_10(parsed)
