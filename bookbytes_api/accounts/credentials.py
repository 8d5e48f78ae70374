"""Reading an e-mail address and a password from JSON or a form; a Litestar handler accepts only one of the two."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from bookbytes_api.accounts.service import MAX_EMAIL_CHARS
from bookbytes_api.web.strict_json import NO_NULL_BYTES_PATTERN, decode_json, validation_error

MAX_PASSWORD_CHARS = 128
EMAIL_EXAMPLE, PASSWORD_EXAMPLE = "ada@example.org", "a password for Ada"
_Email = Annotated[str, msgspec.Meta(max_length=MAX_EMAIL_CHARS, pattern=NO_NULL_BYTES_PATTERN)]
_Password = Annotated[str, msgspec.Meta(max_length=MAX_PASSWORD_CHARS)]
"""Bounded, because hashing takes longer the longer a password is."""


class Credentials(msgspec.Struct):
    """E-mail address and password."""

    email: _Email
    password: _Password


class _PasswordForm(msgspec.Struct):
    """The same as an OAuth2 password form (RFC 6749, 4.3.2), which Swagger's Authorize button sends."""

    username: _Email
    password: _Password


async def read_credentials(request: Request[Any, Any, Any]) -> Credentials:
    """Return the credentials in the body.

    Raises `ValidationException` naming the invalid field, or `SerializationException` if the body is not JSON.
    """
    match request.content_type[0]:
        case RequestEncodingType.JSON | "":
            return decode_json(await request.body(), Credentials)
        case RequestEncodingType.URL_ENCODED:
            form = _password_form(dict(await request.form()))
            return Credentials(form.username, form.password)
    raise ClientException(status_code=415)


def _password_form(fields: dict[str, Any]) -> _PasswordForm:
    try:
        return msgspec.convert(fields, _PasswordForm)
    except msgspec.ValidationError as error:
        raise validation_error(error) from error


@dataclass
class LoginOperation(Operation):
    """Documents the JSON body, which cannot be inferred from a handler that receives the raw request.

    The form is documented by the security scheme, whose `tokenUrl` is this route: openapi-python-client generates code
    that cannot be imported for an operation with two bodies.
    """

    def __post_init__(self) -> None:
        email = _text(max_length=MAX_EMAIL_CHARS, pattern=NO_NULL_BYTES_PATTERN, examples=[EMAIL_EXAMPLE])
        password = _text(max_length=MAX_PASSWORD_CHARS, format="password", examples=[PASSWORD_EXAMPLE])
        body = Schema(
            title="Credentials",
            type=OpenAPIType.OBJECT,
            required=["email", "password"],
            properties={"email": email, "password": password},
        )
        self.request_body = RequestBody(
            required=True, content={RequestEncodingType.JSON.value: OpenAPIMediaType(schema=body)}
        )


def _text(**more: Any) -> Schema:
    return Schema(type=OpenAPIType.STRING, **more)
