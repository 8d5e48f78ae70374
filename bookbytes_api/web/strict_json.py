"""JSON bodies, read by the letter."""

from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import SerializationException, ValidationException

Content = TypeVar("Content")

NO_NULL = r"^[^\x00]*$"
"""The pattern of texts without null bytes, which PostgreSQL does not keep, nor look for."""


async def strict_json(request: Request[Any, Any, Any]) -> None:
    """Refuse, before a handler is called, what Litestar would let pass: 0, 1 and "true" for a boolean."""
    wanted = request.route_handler.parsed_data_field
    if wanted is not None:
        decode_json(await request.body(), wanted.annotation)


def decode_json(body: bytes, kind: type[Content]) -> Content:
    """What a JSON body says.

    Raises `ValidationException` naming the field that is wrong, or `SerializationException` where it is no JSON.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as fault:
        raise validation_error(fault) from fault
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise SerializationException(str(fault)) from fault


def validation_error(fault: msgspec.ValidationError) -> ValidationException:
    """Litestar's form of msgspec's fault, which tells field and message apart."""
    message, _, place = str(fault).partition(" - at `$.")
    return ValidationException(extra=[{"message": message, "key": place.rstrip("`") or "body"}])
