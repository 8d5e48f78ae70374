"""Listing the voices to choose from."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bookbytes_api.voices.known import known_voices
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.store.store import Store

Language = Annotated[
    str | None,
    QueryParameter(description="Only voices for this language, such as `de` or `pt-BR`.", max_length=35),
]


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """A voice, with its language (a BCP 47 tag) where that is known."""

    name: str
    language: str | None


class Voices(msgspec.Struct, frozen=True, kw_only=True):
    """The voices of the narrator in use.

    `can_choose` is false for a narrator with one voice for each language, which decides. `usual` is the voice that
    speaks unless another is chosen; null where the language of the book decides. `complete` is false where the speech
    server may have more voices than it lists.
    """

    narrator: str
    can_choose: bool
    usual: str | None
    complete: bool
    voices: list[Voice]


@get("/voices", operation_id="list_voices", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def list_voices(store: NamedDependency[Store], language: Language = None) -> Voices:
    """List the voices of the narrator in use, one of which can be chosen for a book."""
    known = known_voices(store)
    return Voices(
        narrator=known.narrator,
        can_choose=known.can_choose,
        usual=known.usual,
        complete=known.complete,
        voices=[
            Voice(name=voice.name, language=voice.language)
            for voice in known.voices
            if language is None or voice.may_speak(language)
        ],
    )


router = Router("/", route_handlers=[list_voices], tags=["library"])
