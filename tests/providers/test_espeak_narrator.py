"""The offline narrator, with its bundled library."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.errors import Refused, Unavailable
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.providers.narrators import espeak
from bookbytes_pipeline.providers.narrators.espeak_voices import voices
from bookbytes_pipeline.providers.narrators.languages import closest
from bookbytes_pipeline.providers.narrators.wav_files import divided
from tests.fakes.sound import seconds_of, spoken_seconds
from tests.proc import children

PROGRAM = "bookbytes_pipeline.providers.narrators.espeak_process"
WALDEN = "Economy.\n\nThoreau goes to the woods to live deliberately.\n\nHe builds a house for 28 dollars."


def speak(*texts: str, language: str = "en-US", concurrency: int = 2) -> list[list[SpokenPiece]]:
    async def spoken() -> list[list[SpokenPiece]]:
        async with espeak.connect(concurrency) as narrator:
            return await asyncio.gather(*(narrator.speak(Narration(text, language)) for text in texts))

    return asyncio.run(spoken())


def test_each_paragraph_becomes_a_decodable_recording() -> None:
    """Seventeen words last between four and twelve seconds, all paragraphs together."""
    [pieces] = speak(WALDEN)

    assert [(text, True) for text in WALDEN.split("\n\n")] == [(piece.text, piece.ends_paragraph) for piece in pieces]
    assert {b"RIFF"} == {piece.audio[:4] for piece in pieces}
    assert 4 < spoken_seconds(pieces) < 12


def test_the_same_text_gives_the_same_recording() -> None:
    """Two recordings of the same text are equal byte for byte."""
    [first, second] = speak(WALDEN, WALDEN)

    assert first == second


def test_every_paragraph_is_spoken() -> None:
    """The recording of a paragraph is the same, whatever stands before or after it."""
    [whole, part] = speak(WALDEN, WALDEN.rpartition("\n\n")[0])

    assert whole[:2] == part
    assert seconds_of(whole[2].audio) > 1


def test_a_zero_byte_does_not_end_the_text() -> None:
    """The library's own end-of-text character is treated as a space."""
    [with_zero, clean] = speak("Hello\0world and everyone in it.", "Hello world and everyone in it.")

    assert clean[0].audio == with_zero[0].audio


@pytest.mark.parametrize(
    ("tag", "voice"),
    [
        ("en", "gmw/en"),
        ("en-GB", "gmw/en"),
        ("en-US", "gmw/en-US"),
        ("en-AU", "gmw/en"),
        ("fr-FR", "roa/fr"),
        ("fr-CA", "roa/fr"),
        ("pt-BR", "roa/pt-BR"),
        ("pt-PT", "roa/pt"),
        ("zh", "sit/cmn"),
        ("zh-Hans", "sit/cmn"),
        ("zh-TW", "sit/cmn"),
        ("nb", "gmq/nb"),
        ("iw", "sem/he"),
        ("de-AT", "gmw/de"),
    ],
)
def test_a_language_tag_finds_its_voice(tag: str, voice: str) -> None:
    """A BCP 47 tag is spoken by the voice that eSpeak NG itself prefers for it."""
    known = voices()

    assert voice == known[closest(tag, known, "eSpeak NG")]


@pytest.mark.parametrize("language", ["tlh", "ja", "fo", "und"])
def test_an_unsupported_language_is_refused_by_name(language: str) -> None:
    """An unknown language is refused, and so is one whose letters or words the voice does not know."""
    with pytest.raises(Refused, match=f"eSpeak NG does not speak the language '{language}'"):
        speak("Hello.", language=language)


def test_a_failure_includes_the_error_of_the_program() -> None:
    """The program's own error message is reported."""
    narrator = espeak.EspeakNarrator({"en": "no-such-voice"}, 1)

    with pytest.raises(Unavailable, match="eSpeak NG has no voice 'no-such-voice'"):
        asyncio.run(narrator.speak(Narration("Hello.", "en")))


def test_a_cancelled_narration_leaves_no_process() -> None:
    """Even a program that hangs ends when the task waiting for it is cancelled."""
    before = set(children(os.getpid()))  # the servers of other tests

    async def cancelled() -> None:
        async with espeak.connect(1) as narrator:
            speaking = asyncio.create_task(narrator.speak(Narration("A very long story. " * 2_500, "en")))
            while not (started := set(children(os.getpid())) - before):  # noqa: ASYNC110 - the program does not report its start
                await asyncio.sleep(0.001)
            os.kill(started.pop(), signal.SIGSTOP)
            speaking.cancel()
            await asyncio.wait([speaking], timeout=60)
            assert speaking.cancelled()

    asyncio.run(cancelled())

    assert set() == set(children(os.getpid())) - before


def test_the_program_loads_few_packages() -> None:
    """A process starts for every narration, so it loads none of the large packages."""
    listing = f"import runpy, sys; runpy.run_module({PROGRAM!r}); print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", listing], check=True, capture_output=True, text=True).stdout.split()

    assert set() == {"asyncio", "httpx", "langcodes", "gtts", "openai", "pydantic", "av"} & set(loaded)


def test_the_library_may_be_in_a_deep_folder(tmp_path: Path) -> None:
    """A path too long for eSpeak NG's own buffer does not stop the program."""
    deep = tmp_path.joinpath(*["a-rather-long-folder-name"] * 8)
    deep.mkdir(parents=True)
    import espeakng_loader  # noqa: PLC0415 - the program below finds it in the deep folder

    (deep / "espeakng_loader").symlink_to(Path(espeakng_loader.__file__).parent)
    command = [sys.executable, "-m", PROGRAM, "gmw/en", "165"]

    finished = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(deep)}, input=b"Hello.", check=False, capture_output=True
    )

    [recording] = divided(finished.stdout)
    assert (finished.returncode, recording[:4]) == (0, b"RIFF")
