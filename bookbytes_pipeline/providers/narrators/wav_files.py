"""How the voices that are programs of their own hand over their recordings: WAV files, each after its length.

The length is four bytes, the highest first; the files are 16 bit and mono. Only small imports: each narration starts a
program.
"""

import io
import wave
from collections.abc import Iterator

SAMPLE_BYTES = 2
_LENGTH_BYTES = 4


def wav_file(pcm: bytes, rate: int) -> bytes:
    """Return these samples as a WAV file, after its length."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(SAMPLE_BYTES)
        out.setframerate(rate)
        out.writeframes(pcm)
    content = file.getvalue()
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content


def divided(output: bytes) -> Iterator[bytes]:
    """Yield the files in what a program wrote."""
    start = 0
    while start < len(output):
        end = start + _LENGTH_BYTES + int.from_bytes(output[start : start + _LENGTH_BYTES], "big")
        yield output[start + _LENGTH_BYTES : end]
        start = end
