"""Strict decoding of JSON bodies."""

from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import SerializationException, ValidationException

T = TypeVar("T")

NO_NULL_BYTES_PATTERN = r"^[^\x00]*$"
"""Texts without null bytes, which PostgreSQL can neither store nor search for."""


async def strict_json(request: Request[Any, Any, Any]) -> None:
    """Refuse, before the handler is called, what Litestar would accept: 0, 1 and "true" for a boolean.

    A body that is optional may be empty.
    """
    field = request.route_handler.parsed_data_field
    if field is not None and ((body := await request.body()) or not field.is_optional):
        decode_json(body, field.annotation)


def decode_json(body: bytes, kind: type[T]) -> T:
    """Decode a JSON body.

    Raises `ValidationException` naming the invalid field, or `SerializationException` if the body is not JSON.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise validation_error(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SerializationException(str(error)) from error


def validation_error(error: msgspec.ValidationError) -> ValidationException:
    """Return Litestar's form of msgspec's error, in which field and message are separate."""
    message, _, path = str(error).partition(" - at `$.")
    return ValidationException(extra=[{"message": message, "key": path.rstrip("`") or "body"}])
