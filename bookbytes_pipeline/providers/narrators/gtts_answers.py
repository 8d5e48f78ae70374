"""What Google Translate's speech endpoint answers, and what each answer means."""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from bookbytes_pipeline.domain.errors import Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.providers.narrators.mp3 import is_mp3
from bookbytes_pipeline.providers.retry_after import retry_after

_AUDIO_BEGINS, _AUDIO_ENDS = b'jQ1olc","[\\"', b'\\"'
"""Around the base64, in the plain form and in the one of length-prefixed chunks alike."""

_BLOCKED = (
    "Google Translate blocks requests from this address; that lasts minutes to hours. Try again later with a lower "
    "MAX_CONCURRENT_TTS_CALLS, or choose another TTS_PROVIDER."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; the names in `headers` are of any case, as httpx gives them."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def pause(self) -> float | None:
        """The pause in seconds that Google asks for, if it names one."""
        return retry_after(self.headers)

    @property
    def is_block(self) -> bool:
        """A 429 or 503, a redirect to the captcha, or (reported since 2015) the captcha page itself with status 200."""
        return (
            self.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
            or "/sorry/" in self.headers.get("Location", "")
            or (self.body.lstrip().startswith(b"<") and b"captcha" in self.body)
        )


def speech_in(answer: Answer, text: str) -> bytes:
    """The MP3 of `text` that `answer` holds; raises `Unavailable`, `UnusableAnswer` or `Refused` where it does not."""
    if answer.is_block:
        raise Unavailable(_BLOCKED, retry_after=answer.pause)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        sentence = f"Google Translate has a server error (HTTP {answer.status}). Try again later."
        raise Unavailable(sentence, retry_after=answer.pause)
    if answer.status != HTTPStatus.OK:
        raise Refused(
            f"Google Translate no longer accepts gTTS's requests (HTTP {answer.status}). Upgrade the package "
            "gtts, or choose another TTS_PROVIDER."
        )
    mp3 = _decoded(answer.body)
    if not is_mp3(mp3):
        sentence = f"Google Translate sent no audio for {text!r}. Try again later, or choose another TTS_PROVIDER."
        raise UnusableAnswer(sentence, retry_after=answer.pause)
    return mp3


def _decoded(body: bytes) -> bytes:
    """The audio in `body`; nothing where it holds none, or not in base64."""
    _, _, rest = body.partition(_AUDIO_BEGINS)
    payload, _, _ = rest.partition(_AUDIO_ENDS)
    try:
        return binascii.a2b_base64(payload, strict_mode=True)
    except binascii.Error:
        return b""
