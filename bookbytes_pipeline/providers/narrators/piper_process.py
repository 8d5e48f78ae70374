"""Piper as a program of its own: UTF-8 text on standard input, a recording of each paragraph on standard output.

    python -m bookbytes_pipeline.providers.narrators.piper_process VOICE.onnx

A process, not a function: a voice that is loaded anew speaks the same text the same way, its memory is given back when
it ends, it can be stopped in the middle of a sentence, and its licence (GPL) stays at arm's length.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import onnxruntime
from piper.config import PiperConfig
from piper.voice import PiperVoice

from bookbytes_pipeline.providers.narrators.piper_voices import UNUSABLE_VOICE
from bookbytes_pipeline.providers.narrators.wav_files import SAMPLE_BYTES, wav_file

SENTENCE_PAUSE_S = 0.2
"""Silence after each sentence. The voice leaves as much itself, which is too little to follow for minutes."""

MAX_PHONEMES = 300
"""Spoken at once: 0.6 GB of memory. It grows with the square of the length, to 2 GB with 2,000 and 6 GB with 4,000."""

_SEED = 1
"""Of the chance in the voice's melody: any number, as long as it stays the same."""
_ONLY_ERRORS = 3


def main() -> None:
    """Speak standard input; a voice that cannot is one line on standard error and the exit code for it."""
    file = Path(sys.argv[1])
    text = sys.stdin.buffer.read().decode()
    voice = _load(file)
    paragraphs = [_speech(voice, paragraph) for paragraph in re.split(r"\n\s*\n", text)]
    if not any(paragraphs):
        _refuse(f"The voice {file.name} has no sound for this text. Is it in the voice's language?")
    for paragraph in paragraphs:
        sys.stdout.buffer.write(wav_file(paragraph, voice.config.sample_rate))


class _Voice(PiperVoice):
    """Piper's voice, with sentences that are short enough for the memory."""

    def phonemize(self, text: str) -> list[list[str]]:
        return [piece for sentence in super().phonemize(text) for piece in _short(sentence)]


def _load(file: Path) -> _Voice:
    """As `PiperVoice.load` does it, but with one thread: several narrations share the cores without taking turns."""
    onnxruntime.set_default_logger_severity(_ONLY_ERRORS)
    onnxruntime.set_seed(_SEED)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        description = json.loads(Path(f"{file}.json").read_bytes())
        voice = _Voice(session=session, config=PiperConfig.from_dict(description))
        voice.phonemize("1")  # which loads what knows how the words of the language sound
    except MemoryError:
        raise
    except ImportError as error:
        _refuse(f"The voice {file.name} needs the Python package {error.name!r}, which is not installed.")
    except Exception as error:  # noqa: BLE001 - the library raises bare classes of its own for a file that is none
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        _refuse(f"{file} cannot be used as a voice. Download it and its .json again. ({cause})")
    return voice


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)  # noqa: T201 - this is how the program tells
    sys.exit(UNUSABLE_VOICE)


def _speech(voice: _Voice, paragraph: str) -> bytes:
    """The samples of a paragraph; empty if nothing of it is spoken."""
    pause = bytes(round(SENTENCE_PAUSE_S * voice.config.sample_rate) * SAMPLE_BYTES)
    return pause.join(filter(None, _sentences(voice, paragraph)))


def _sentences(voice: _Voice, paragraph: str) -> Iterator[bytes]:
    """The samples of each sentence. What stands in [[ ]] would be read as phonemes, and a zero byte is an error."""
    plain = paragraph.replace("\0", " ").replace("[[", "[ [")
    return (sentence.audio_int16_bytes for sentence in voice.synthesize(plain))


def _short(phonemes: list[str]) -> Iterator[list[str]]:
    """A sentence in pieces of at most `MAX_PHONEMES`, which end where a speaker would breathe."""
    while len(phonemes) > MAX_PHONEMES:
        end = _breath(phonemes[:MAX_PHONEMES])
        yield phonemes[:end]
        phonemes = phonemes[end:]
    yield phonemes


def _breath(phonemes: list[str]) -> int:
    """The end of the last clause, else of the last word, in the second half of `phonemes`."""
    for signs in (",;:", " "):
        for index in range(len(phonemes) - 1, len(phonemes) // 2, -1):
            if phonemes[index] in signs:
                return index + 1
    return len(phonemes)


if __name__ == "__main__":
    main()
