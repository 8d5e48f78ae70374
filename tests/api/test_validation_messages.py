"""Validation errors are sentences that name the field."""

import pytest

from bookbytes_api.web.validation_messages import field_of, sentence


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Expected `str` of length >= 8", "The password must have at least 8 characters."),
        ("Expected `str` of length <= 128", "The password must have at most 128 characters."),
        ("Expected `int` >= 1", "The password must be at least 1."),
        ("Expected `int` <= 100", "The password must be at most 100."),
        ("Expected `str`, got `int`", "The password must be a string, not an integer."),
        ("Expected `bool`, got `str`", "The password must be true or false, not a string."),
        ("Expected `str | null`, got `array`", "The password must be a string, not an array."),
        ("Expected `str` matching regex '^[^\\x00]*$'", "The password has characters that are not allowed."),
        ("Invalid enum value 'done'", "The password cannot be 'done'."),
        ("It is missing", "password is required."),
        ("Something else", "password: Something else."),
    ],
)
def test_a_message_is_a_sentence(message: str, expected: str) -> None:
    """The messages of msgspec about types become plain English."""
    assert expected == sentence(message, "password")


@pytest.mark.parametrize(
    ("message", "field", "expected"),
    [
        ("Object missing required field `isbn`", "body", ("It is missing", "isbn")),
        ("'data'", "data", ("It is missing", "body")),
        ("Expected `object`, got `array`", "data", ("Expected `object`, got `array`", "body")),
        ("Expected `int` >= 1", "page", ("Expected `int` >= 1", "page")),
    ],
)
def test_fields_are_those_of_the_request(message: str, field: str, expected: tuple[str, str]) -> None:
    """Not the names of the handlers' parameters."""
    assert expected == field_of(message, field)
