"""The natural offline narrator, with a voice from a package."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Awaitable
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.providers.narrators import piper
from bookbytes_pipeline.providers.narrators.piper_voices import language_of, voice_named, voices_beside
from bookbytes_pipeline.providers.narrators.wav_files import divided
from tests.fakes.sound import seconds_of, spoken_seconds

pytest.importorskip("piper")
from tests.fakes.piper_voice import VOICE, voice_in
from tests.proc import children

PROGRAM = "bookbytes_pipeline.providers.narrators.piper_process"
WALDEN = "Economy.\n\nThoreau goes to the woods to live deliberately.\n\nHe builds a house for 28 dollars."
SENTENCE = "The clock is right."


def speak(*texts: str, language: str = "en-US", voice: Path = VOICE, concurrency: int = 2) -> list[list[SpokenPiece]]:
    async def spoken() -> list[bytes]:
        async with piper.connect(voice, concurrency) as narrator:
            return await asyncio.gather(*(narrator.speak(Narration(text, language)) for text in texts))

    return asyncio.run(spoken())


def test_a_narration_becomes_a_recording_as_the_voice_was_trained() -> None:
    """Each paragraph is a recording, 16 bit, mono, at the voice's rate; seventeen words last some seconds."""
    [pieces] = speak(WALDEN)

    assert [(text, True) for text in WALDEN.split("\n\n")] == [(piece.text, piece.ends_paragraph) for piece in pieces]
    for piece in pieces:
        with wave.open(io.BytesIO(piece.audio)) as sound:
            assert (2, 1, 22_050) == (sound.getsampwidth(), sound.getnchannels(), sound.getframerate())
    assert 4 < spoken_seconds(pieces) < 11


def test_the_same_text_gives_the_same_recording() -> None:
    """Two recordings of the same text are equal byte for byte, though the voice's melody is left to chance."""
    [first, second] = speak(WALDEN, WALDEN)

    assert first == second


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Hello\0world and all.", "Hello world and all."), (f"{SENTENCE}\n\n***\n\n...", SENTENCE)],
)
def test_what_nobody_can_say_is_passed_over(text: str, plain: str) -> None:
    """A zero byte is a space, and a paragraph of signs is no words."""
    [spoken, expected] = speak(text, plain)

    assert [piece.audio for piece in expected] == [piece.audio for piece in spoken]


def test_text_in_double_brackets_is_read_as_text() -> None:
    """Piper itself would take it for phonemes and say something short that nobody wrote."""
    [bracketed, plain] = speak("He says [[a whole sentence of many words]] here.", "He says here.")

    assert spoken_seconds(bracketed) > spoken_seconds(plain) + 1


def test_a_sentence_without_end_fits_into_memory() -> None:
    """Spoken at once, 1,000 characters would take more than a gigabyte; the time they take is that of their words."""
    endless = b"the long and winding road that leads to the old door " * 20
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "sys.exit(f'{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB')"
    )
    command = [sys.executable, "-c", measure, sys.executable, "-m", PROGRAM, VOICE]

    measured = subprocess.run(command, input=endless, capture_output=True, check=False)

    [recording] = divided(measured.stdout)
    assert 35 < seconds_of(recording) < 100
    assert int(measured.stderr.split()[-2]) < 850


@pytest.mark.parametrize("language", ["en", "en-GB", "en-US"])
def test_a_language_near_the_voices_own_is_spoken(language: str) -> None:
    """An American reads British books."""
    [pieces] = speak(SENTENCE, language=language)

    assert spoken_seconds(pieces) > 0.5


@pytest.mark.parametrize("language", ["fr", "de-AT", "und"])
def test_a_book_in_another_language_is_refused(language: str) -> None:
    """The sentence names the voice's language, the book's, and the setting."""
    with pytest.raises(Refused, match=f"speaks 'en-US', and this book is in '{language}'. Set PIPER_VOICE"):
        speak("Bonjour.", language=language)


def test_a_voice_that_somebody_trained_has_the_language_of_its_phonemes(tmp_path: Path) -> None:
    """Training writes no `language` into the description, but the voice of eSpeak's that reads for it."""
    assert "pt-BR" == language_of(voice_in(tmp_path, language=None, espeak={"voice": "pt-br"}))


def test_a_voice_is_chosen_by_its_name_in_the_folder(tmp_path: Path) -> None:
    """Whatever is no voice there cannot be named, wherever it leads to."""
    file = voice_in(tmp_path)
    (tmp_path / "anna.onnx").symlink_to(VOICE)
    (tmp_path / "anna.onnx.json").symlink_to(f"{VOICE}.json")
    (tmp_path / "broken.onnx").touch()

    assert ["voice", "anna"] == [voice.name for voice in voices_beside(file)]
    assert [tmp_path / "anna.onnx", file] == [voice_named(name, file) for name in ("anna", "voice")]
    for name in ("broken", "../voice", str(VOICE.with_suffix("")), ""):
        with pytest.raises(Refused, match=r"There is no voice .* beside PIPER_VOICE\. There are: voice, anna\."):
            voice_named(name, file)


@pytest.mark.parametrize("text", ["", " \n\n ", "* * *"])
def test_text_without_words_is_refused(text: str) -> None:
    """No clip is silent."""
    with pytest.raises(Refused, match="There is nothing to speak"):
        speak(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The sentence has the path and the setting."""
    with pytest.raises(Refused, match=f"There is no file {tmp_path}/no.onnx. Set PIPER_VOICE"):
        speak(SENTENCE, voice=tmp_path / "no.onnx")


def test_a_missing_description_is_named(tmp_path: Path) -> None:
    """A voice is two files, and the second is easily forgotten."""
    file = voice_in(tmp_path)
    Path(f"{file}.json").unlink()

    with pytest.raises(Refused, match=f"voice.onnx lacks its description. Put voice.onnx.json into {tmp_path}"):
        speak(SENTENCE, voice=file)


@pytest.mark.parametrize("description", ["", "<html>", "[]", "\0", "[" * 100_000])
def test_a_broken_description_is_named(tmp_path: Path, description: str) -> None:
    """A page about an error instead of the description, say."""
    with pytest.raises(Refused, match=r"is not the description of a voice. Download it again"):
        speak(SENTENCE, voice=voice_in(tmp_path, description=description))


def test_a_description_without_a_language_is_named(tmp_path: Path) -> None:
    """Nobody would know which books the voice can read."""
    with pytest.raises(Refused, match="does not say which language the voice speaks"):
        speak(SENTENCE, voice=voice_in(tmp_path, description="{}"))


@pytest.mark.parametrize("size", [0, 100_000])
def test_a_broken_model_is_refused(tmp_path: Path, size: int) -> None:
    """A download that has stopped is not tried again and again."""
    voice = voice_in(tmp_path, model=VOICE.read_bytes()[:size])

    with pytest.raises(Refused, match=r"voice.onnx cannot be used as a voice. Download it"):
        speak(SENTENCE, voice=voice)


def test_a_description_of_something_else_is_refused(tmp_path: Path) -> None:
    """It says the language, but not how the voice is made."""
    voice = voice_in(tmp_path, description='{"language": {"code": "en_US"}}')

    with pytest.raises(Refused, match="cannot be used as a voice"):
        speak(SENTENCE, voice=voice)


def test_a_voice_whose_words_nobody_can_pronounce_is_refused(tmp_path: Path) -> None:
    """Its description names a voice that eSpeak NG, which Piper has the pronunciation from, does not have."""
    with pytest.raises(Refused, match=r"cannot be used as a voice.*xx-nobody"):
        speak(SENTENCE, voice=voice_in(tmp_path, espeak={"voice": "xx-nobody"}))


def test_a_voice_that_needs_more_packages_says_which(tmp_path: Path) -> None:
    """Chinese and Japanese voices have pronunciation from packages that Piper leaves out."""
    with pytest.raises(Refused, match=r"The voice voice.onnx needs the Python package '.+', which is not installed"):
        speak(SENTENCE, voice=voice_in(tmp_path, phoneme_type="japanese"))


def test_piper_itself_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra: the sentence says what to install."""
    monkeypatch.setitem(sys.modules, "piper", None)

    with pytest.raises(Refused, match=r"Piper is not installed. Install the package piper-tts"):
        speak(SENTENCE)


def test_another_voice_under_the_same_name_has_another_identity(tmp_path: Path) -> None:
    """Clips are kept by the voice's name and by what is in both of its files."""
    voices = []
    for number, facts in enumerate(({}, {}, {"inference": {"length_scale": 2}})):
        (tmp_path / str(number)).mkdir()
        voices.append(_identity(voice_in(tmp_path / str(number), **facts)))

    assert (voices[0], True) == (voices[1], voices[0].startswith("voice "))
    assert voices[0] != voices[2]


def _identity(voice: Path) -> str:
    async def identity() -> str:
        async with piper.connect(voice) as narrator:
            return narrator.voice

    return asyncio.run(identity())


def test_a_cancelled_narration_leaves_no_process() -> None:
    """Even a program that hangs ends when the task waiting for it is cancelled."""
    before = set(children(os.getpid()))  # the servers of other tests

    async def cancelled() -> None:
        async with piper.connect(VOICE, 1) as narrator:
            speaking = asyncio.create_task(narrator.speak(Narration("A very long story. " * 2_500, "en")))
            while not (started := set(children(os.getpid())) - before):  # noqa: ASYNC110 - the program does not report its start
                await asyncio.sleep(0.001)
            os.kill(started.pop(), signal.SIGSTOP)
            speaking.cancel()
            await asyncio.wait([speaking], timeout=60)
            assert speaking.cancelled()

    asyncio.run(cancelled())

    assert set() == set(children(os.getpid())) - before


@pytest.mark.parametrize(("asked", "expected"), [(1, 1), (64, piper.CORES)])
def test_no_more_narrations_at_once_than_cores(asked: int, expected: int) -> None:
    """Each takes a core and memory, however many are allowed."""
    before = set(children(os.getpid()))

    async def most_at_once() -> int:
        async with piper.connect(VOICE, asked) as narrator:
            speaking = [narrator.speak(Narration(SENTENCE, "en")) for _ in range(piper.CORES + 2)]
            return await _most_children(asyncio.gather(*speaking), before)

    assert expected == asyncio.run(most_at_once())


async def _most_children(speaking: Awaitable[list[list[SpokenPiece]]], before: set[int]) -> int:
    task, most = asyncio.ensure_future(speaking), 0
    while not task.done():
        most = max(most, len(set(children(os.getpid())) - before))
        await asyncio.sleep(0.01)
    await task
    return most
