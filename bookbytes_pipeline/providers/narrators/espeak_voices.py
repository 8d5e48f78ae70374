"""The voices that come with eSpeak NG, read from its own data files."""

import re
from collections.abc import Iterator
from pathlib import Path

import espeakng_loader

from bookbytes_pipeline.providers.narrators.languages import well_formed

_LANGUAGE = re.compile(r"^language\s+(\S+)(?:\s+(\d+))?", re.MULTILINE)
_DICTIONARY = re.compile(r"^dictionary\s+(\S+)", re.MULTILINE)
_USUAL_PRIORITY = 5

_UNCLAIMED = {"zh-Hant": "sit/cmn"}
"""The Mandarin voice reads traditional characters as well, though its file does not say so."""

_UNREADABLE = "jpx/ja"
"""Says "Chinese letter" in English for every kanji."""


def voices() -> dict[str, str]:
    """The voice (`gmw/en-US`) that eSpeak NG prefers for each BCP 47 language tag (`en-US`) it knows."""
    preferred = dict(_UNCLAIMED)
    for _, voice, language in sorted(_claims(Path(espeakng_loader.get_data_path()))):
        tag = well_formed(language)
        if tag and voice != _UNREADABLE:
            preferred.setdefault(tag, voice)
    return preferred


def _claims(data: Path) -> Iterator[tuple[int, str, str]]:
    """Priority (low is better), voice and language tag, of every language that a voice's file claims."""
    folder = data / "lang"
    for file in (path for path in folder.rglob("*") if path.is_file()):
        text = file.read_text(encoding="utf-8")
        languages = _LANGUAGE.findall(text)
        if _has_dictionary(data, text, languages[0][0]):
            for tag, priority in languages:
                yield int(priority or _USUAL_PRIORITY), file.relative_to(folder).as_posix(), tag


def _has_dictionary(data: Path, text: str, language: str) -> bool:
    """Three voices of 1.52 have none: they would speak every word by the letter."""
    named = _DICTIONARY.search(text)
    name = named[1] if named else language.partition("-")[0]
    return (data / f"{name}_dict").exists()
