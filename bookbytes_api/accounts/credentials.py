"""Reading an e-mail address and a password from a body that is JSON or a form; Litestar's handlers take one of them."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from bookbytes_api.web.strict_json import NO_NULL, decode_json, validation_error

_LONGEST_EMAIL, _LONGEST_PASSWORD = 254, 128
_Email = Annotated[str, msgspec.Meta(max_length=_LONGEST_EMAIL, pattern=NO_NULL)]
_Password = Annotated[str, msgspec.Meta(max_length=_LONGEST_PASSWORD)]
"""Bounded, because hashing takes longer the longer a password is."""


class Credentials(msgspec.Struct):
    """What somebody says to be known by."""

    email: _Email
    password: _Password


class _PasswordForm(msgspec.Struct):
    """The same in OAuth2's words (RFC 6749, 4.3.2), which Swagger's Authorize button sends."""

    username: _Email
    password: _Password


async def read_credentials(request: Request[Any, Any, Any]) -> Credentials:
    """What the body says.

    Raises `ValidationException` naming the field that is wrong, or `SerializationException` where it is no JSON.
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
    except msgspec.ValidationError as fault:
        raise validation_error(fault) from fault


def _text(**more: Any) -> Schema:
    return Schema(type=OpenAPIType.STRING, **more)


def _body(*required: str, **properties: Schema) -> OpenAPIMediaType:
    return OpenAPIMediaType(
        schema=Schema(type=OpenAPIType.OBJECT, required=list(required), properties=dict(properties))
    )


@dataclass
class LoginOperation(Operation):
    """The documentation of both bodies, which cannot be read off a handler that takes the request as it comes."""

    def __post_init__(self) -> None:
        email = _text(max_length=_LONGEST_EMAIL, pattern=NO_NULL)
        password = _text(max_length=_LONGEST_PASSWORD, format="password")
        self.request_body = RequestBody(
            required=True,
            content={
                RequestEncodingType.JSON.value: _body("email", "password", email=email, password=password),
                RequestEncodingType.URL_ENCODED.value: _body("username", "password", username=email, password=password),
            },
        )
