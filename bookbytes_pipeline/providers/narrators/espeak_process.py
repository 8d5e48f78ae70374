"""eSpeak NG as a program of its own: UTF-8 text on standard input, a recording of each paragraph on standard output.

    python -m bookbytes_pipeline.providers.narrators.espeak_process VOICE WORDS_PER_MINUTE

A process, not a function: only a fresh library speaks the same text the same way twice, a crash of it takes nothing
else along, and its licence (GPL) stays at arm's length. Only small imports, since every narration starts one.
"""

import ctypes
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import espeakng_loader

from bookbytes_pipeline.providers.narrators.wav_files import SAMPLE_BYTES, wav_file

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000  # espeak_Initialize would end the process without a word where it cannot read its data
_RATE_PARAMETER = 1
_UTF_8 = 1
_END_PAUSE = 0x1000
_MAX_PATH_BYTES = 150

_SYNTH_ARGUMENTS = (
    *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
    *(ctypes.c_void_p, ctypes.c_void_p),
)
_Receiver = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    """Speak standard input; anything wrong is one line on standard error and exit code 1."""
    voice, words_per_minute = sys.argv[1], int(sys.argv[2])
    text = sys.stdin.buffer.read().decode()
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Synth.argtypes = _SYNTH_ARGUMENTS
    with _short(espeakng_loader.get_data_path()) as data:
        rate = _start(library, data)
        _choose(library, voice, words_per_minute)
        for paragraph in re.split(r"\n\s*\n", text):
            sys.stdout.buffer.write(wav_file(_speech(library, paragraph.replace("\0", " ")), rate))


@contextmanager
def _short(data: str) -> Iterator[str]:
    """A path to the folder `data` that fits the library's buffer of 160 characters: itself, or a link to it."""
    if len(data.encode()) <= _MAX_PATH_BYTES:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="bb-") as folder:
        link = Path(folder, "data")
        link.symlink_to(data)
        yield str(link)


def _start(library: ctypes.CDLL, data: str) -> int:
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DO_NOT_EXIT)
    if rate <= 0:
        sys.exit("eSpeak NG cannot read its data")
    return int(rate)


def _choose(library: ctypes.CDLL, voice: str, words_per_minute: int) -> None:
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        sys.exit(f"eSpeak NG has no voice {voice!r}")
    library.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)


def _speech(library: ctypes.CDLL, paragraph: str) -> bytes:
    """The samples of one paragraph. Not of all at once: the library holds what it is given in memory, twice."""
    samples = bytearray()

    def receive(wave_data: int | None, count: int, _events: int | None) -> int:
        if wave_data and count > 0:
            samples.extend(ctypes.string_at(wave_data, count * SAMPLE_BYTES))
        return 0

    callback = _Receiver(receive)
    library.espeak_SetSynthCallback(callback)
    spoken = paragraph.encode()
    if library.espeak_Synth(spoken, len(spoken) + 1, 0, 1, 0, _UTF_8 | _END_PAUSE, None, None) != 0:
        sys.exit("eSpeak NG could not speak a paragraph")
    return bytes(samples)


if __name__ == "__main__":
    main()
