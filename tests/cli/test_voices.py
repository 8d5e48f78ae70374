"""`bookbytes voices` and `bookbytes say`: to hear a voice before it reads a book."""

from pathlib import Path

import pytest

from tests.cli_runner import ISBN, bookbytes, in_process, offline, online, providers
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.sound import seconds_of
from tests.fakes.speech import SpeechServer


def test_the_voices_of_the_narrator_in_use_are_listed(tmp_path: Path) -> None:
    """With their languages, of which one can be asked for; what chooses among them is said."""
    listed = bookbytes("voices", "--language", "pt-BR", env=offline(tmp_path))

    assert [["Voice", "Language"], ["roa/pt", "pt"], ["roa/pt", "pt-PT"], ["roa/pt-BR", "pt-BR"]] == [
        line.split() for line in listed.stdout.splitlines()
    ]
    assert "For espeak, the voice of a book is chosen by its language." in listed.stderr


def test_a_language_without_a_voice_is_named(tmp_path: Path) -> None:
    """One sentence and exit code 1."""
    listed = bookbytes("voices", "--language", "tlh", env=offline(tmp_path))

    assert (1, "") == (listed.returncode, listed.stdout)
    assert "espeak has no voice for 'tlh'" in listed.stderr


def test_a_text_is_spoken_as_a_chapter_would_be(tmp_path: Path) -> None:
    """With a word of the PRONUNCIATIONS, a Roman numeral and a sign; the output says how long the clip is."""
    (tmp_path / "words.txt").write_text("Versailles = Ver sigh\n")
    file = tmp_path / "clip.mp3"
    env = offline(tmp_path / "home", PRONUNCIATIONS=str(tmp_path / "words.txt"))

    run = bookbytes("say", "Louis XIV lived at Versailles, 20 km from Paris.", "-o", file, env=env)

    assert run.returncode == 0, run.stderr
    assert 3 < seconds_of(file.read_bytes()) < 9
    assert f"{file}: " in run.stdout
    assert "seconds in en, espeak, espeak-ng 165 wpm" in run.stdout


def test_another_voice_speaks_for_once(tmp_path: Path) -> None:
    """The server is asked for it; the setting stays as it was."""
    server = SpeechServer()
    with serving(server.application()) as url:
        settings = {"TTS_BASE_URL": f"{url}/v1", "TTS_MODEL": "kokoro", "TTS_VOICE": "af_sky"}
        env = offline(tmp_path, TTS_PROVIDER="openai", **settings)
        run = bookbytes("say", "Hello there.", "--voice", "am_adam", "-o", tmp_path / "clip.mp3", env=env)

    assert run.returncode == 0, run.stderr
    assert [("am_adam", "Hello there.")] == [(request["voice"], request["input"]) for request in server.requests]


@pytest.mark.parametrize(("language", "voice"), [("de-AT", "anna"), ("pt", "luis"), ("fr", "af_sky"), ("en", "af_sky")])
def test_a_language_has_the_voice_that_the_settings_give_it(language: str, voice: str, tmp_path: Path) -> None:
    """The closest one in TTS_VOICES, else TTS_VOICE."""
    server = SpeechServer()
    with serving(server.application()) as url:
        settings = {"TTS_BASE_URL": f"{url}/v1", "TTS_MODEL": "kokoro", "TTS_VOICE": "af_sky"}
        env = offline(tmp_path, TTS_PROVIDER="openai", TTS_VOICES="de=anna, pt_BR=luis", **settings)
        run = in_process("say", "2024", "--language", language, "-o", tmp_path / "clip.mp3", env=env)

    assert run.returncode == 0, run.stderr
    assert [voice] == [request["voice"] for request in server.requests]


def test_a_voice_is_chosen_for_a_book_and_stays_with_it(tmp_path: Path) -> None:
    """It speaks every chapter and the whole book, also when the book is made again without naming it."""
    server = SpeechServer(voices=Reply(200, b'["af_sky", "am_adam"]'))
    with providers() as servers, serving(server.application()) as url:
        settings = {"TTS_BASE_URL": f"{url}/v1", "TTS_MODEL": "kokoro", "TTS_VOICE": "af_sky"}
        env = online(tmp_path, servers, TTS_PROVIDER="openai", **settings)
        refused = in_process("process", ISBN, "--voice", "nobody", env=env)
        assert (0, 0) == (servers.writings, servers.lookups)
        first = in_process("process", ISBN, "--voice", "am_adam", env=env)
        spoken = len(server.requests)
        again = in_process("process", ISBN, "--minutes", "2", env=env)

    assert (1, 0, 0) == (refused.returncode, first.returncode, again.returncode), first.stderr + again.stderr
    assert "openai has no voice 'nobody'. It has: af_sky, am_adam." in refused.stderr
    assert 0 < spoken < len(server.requests)
    assert {"am_adam"} == {request["voice"] for request in server.requests}


@pytest.mark.parametrize("command", ["process", "submit"])
def test_a_narrator_without_a_choice_refuses_a_voice(command: str, tmp_path: Path) -> None:
    """`submit` knows only what the pipeline has listed."""
    run = in_process(command, ISBN, "--voice", "x", env=offline(tmp_path))

    sentence = {"process": "espeak has one voice for each language", "submit": "The voices are not known yet."}
    assert run.returncode == 1
    assert sentence[command] in run.stderr


def test_the_doctor_has_each_of_these_voices_speak(tmp_path: Path) -> None:
    """A name that the server does not know would else fail the first book in that language."""
    server = SpeechServer()
    with serving(server.application()) as url:
        settings = {"TTS_BASE_URL": f"{url}/v1", "TTS_MODEL": "kokoro", "TTS_VOICE": "af_sky"}
        run = in_process("doctor", env=offline(tmp_path, TTS_PROVIDER="openai", TTS_VOICES="de=anna", **settings))

    [line] = [line for line in run.stdout.splitlines() if " narrator: " in line]
    assert ["af_sky", "anna"] == [request["voice"] for request in server.requests]
    assert "openai, kokoro af_sky, speaks (" in line
    assert line.endswith("; also kokoro anna")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("hello", "--voice", "x"), 1, "espeak has one voice for each language, so that none can be chosen."),
        (("hello", "--language", "tlh"), 1, "eSpeak NG does not speak the language 'tlh'"),
        (("…",), 1, "There is nothing to speak"),
    ],
)
def test_what_cannot_be_spoken_leaves_no_file(
    arguments: tuple[str, ...], code: int, sentence: str, tmp_path: Path
) -> None:
    """The sentence says why."""
    run = in_process("say", *arguments, "-o", tmp_path / "clip.mp3", env=offline(tmp_path / "home"))

    assert (code, False) == (run.returncode, (tmp_path / "clip.mp3").exists())
    assert sentence in run.stderr


def test_a_server_that_refuses_to_list_its_voices_says_why(tmp_path: Path) -> None:
    """With its own reason, and without the key."""
    refusal = Reply(401, b'{"error": {"message": "Incorrect API key provided: sk-abcdefgh"}}')
    with serving(SpeechServer(voices=refusal).application()) as url:
        settings = {"TTS_BASE_URL": f"{url}/v1", "TTS_MODEL": "kokoro", "TTS_VOICE": "af_sky"}
        run = in_process("voices", env=offline(tmp_path, TTS_PROVIDER="openai", **settings))

    assert run.returncode == 1
    assert "TTS_API_KEY (without one, OPENAI_API_KEY) is not accepted by the speech server" in run.stderr
    assert "sk-" not in run.stderr
