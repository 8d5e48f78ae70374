"""A Piper voice as it comes: a model (`en_US-joe-medium.onnx`) and, beside it, its description (`.onnx.json`)."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.narration import Voice
from bookbytes_pipeline.providers.narrators.languages import well_formed

UNUSABLE_VOICE = 3
"""The exit code of our program where no other attempt would help; why, it says in one line on standard error."""

_DIGEST_CHARS = 12


@dataclass(frozen=True, slots=True)
class PiperVoice:
    """A voice: its file, the language that it speaks (a BCP 47 tag), and the digest of both of its files."""

    file: Path
    language: str
    digest: str

    @property
    def name(self) -> str:
        """The name by which people know it: `en_US-joe-medium`."""
        return self.file.stem


def read_voice(file: Path) -> PiperVoice:
    """The voice in `file`, read to its end once; raises `Refused` with what to do if there is none."""
    language = language_of(file)
    return PiperVoice(file, language, _digest(file))


def language_of(file: Path) -> str:
    """The language of the voice in `file`, as its description says; raises `Refused` as `read_voice` does."""
    if not file.is_file():
        raise Refused(f"There is no file {file}. Set PIPER_VOICE to the .onnx file of a voice.")
    description = _description(file)
    if not description.is_file():
        raise Refused(f"The voice {file.name} lacks its description. Put {description.name} into {file.parent}.")
    tag = _tag(_read(description))
    if tag is None:
        raise Refused(f"{description} does not say which language the voice speaks. Download it again.")
    return tag


def voices_beside(file: Path) -> list[Voice]:
    """Return the voice in `file` and every other one in its folder; raises `Refused` as `read_voice` does."""
    voices = [Voice(file.stem, language_of(file))]
    for other in sorted(file.parent.glob("*.onnx")):
        with suppress(Refused):  # one that cannot be used is no choice
            if other != file:
                voices.append(Voice(other.stem, language_of(other)))
    return voices


def voice_named(name: str, file: Path) -> Path:
    """Return the file of the voice `name` in the folder of `file`; raises `Refused` if none of that name is usable."""
    names = [voice.name for voice in voices_beside(file)]
    if name not in names:
        raise Refused(f"There is no voice {name!r} beside PIPER_VOICE. There are: {', '.join(names)}.")
    return file if name == file.stem else file.with_name(f"{name}.onnx")


def _description(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def _read(description: Path) -> dict[str, Any]:
    try:
        content = json.loads(description.read_bytes())
    except OSError as error:
        raise Refused(f"{description} cannot be read ({error.strerror}). Check its permissions.") from error
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Refused(f"{description} is not the description of a voice. Download it again.")
    return content


def _tag(description: dict[str, Any]) -> str | None:
    """Voices that somebody has trained have no `language`, only the name of eSpeak's voice, which is a tag as well."""
    for part, field in (("language", "code"), ("espeak", "voice")):
        facts = description.get(part)
        told = facts.get(field) if isinstance(facts, dict) else None
        if isinstance(told, str) and (tag := well_formed(told.replace("_", "-"))):
            return tag
    return None


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as model:
            digest = hashlib.file_digest(model, "sha256")
        digest.update(_description(file).read_bytes())
    except OSError as error:
        raise Refused(f"{file} cannot be read ({error.strerror}). Check its permissions.") from error
    return digest.hexdigest()[:_DIGEST_CHARS]
