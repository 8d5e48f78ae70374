"""The sensor that lists the narrator's voices for the API."""

from pathlib import Path

import dagster as dg
import pytest

from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.domain.writing_model import WritingModel
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store, open_store
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.speech import SpeechServer

LISTED = VoiceList("openai", (Voice("af_sky", None), Voice("anna", "de")), usual="af_sky")
ANSWER = b'{"voices": ["af_sky", {"name": "anna", "language": "de"}]}'


def evaluate(home: Path, url: str, **more: object) -> tuple[Store, str]:
    """Evaluate the sensor once; returns the store and what the tick says."""
    chosen = {"tts_provider": "openai", "tts_base_url": f"{url}/v1", "tts_model": "kokoro", "tts_voice": "af_sky"}
    settings = Settings(_env_file=None, bookbytes_home=home, openlibrary_base_url=None, **chosen | more)  # type: ignore[arg-type,call-arg] # as the environment would
    definitions, resources = build_definitions(settings), build_resources(settings)
    asked = {name: resources[name] for name in ("store", "narrator", "language_model")}
    with dg.build_sensor_context(resources=asked, repository_def=definitions.get_repository_def()) as context:
        tick = definitions.resolve_sensor_def("voice_list").evaluate_tick(context)
    assert not tick.run_requests
    return open_store(settings.store_config), tick.skip_message or ""


def test_the_voices_are_kept_in_the_store(tmp_path: Path) -> None:
    """With the one that speaks unless another is chosen; the tick says how many there are."""
    with serving(SpeechServer(voices=Reply(200, ANSWER)).application()) as url:
        store, told = evaluate(tmp_path, url)

    assert (LISTED, "openai has 2 voices.") == (store.read_voices(), told)


def test_where_the_language_decides_no_voice_is_the_usual_one(tmp_path: Path) -> None:
    """A voice for each language in TTS_VOICES, or a narrator that has one for each."""
    with serving(SpeechServer(voices=Reply(200, ANSWER)).application()) as url:
        by_setting = evaluate(tmp_path / "a", url, tts_voices="de=anna")[0].read_voices()
    by_nature = evaluate(tmp_path / "b", "http://127.0.0.1:9", tts_provider="espeak")[0].read_voices()

    assert by_setting is not None
    assert by_nature is not None
    assert (None, True) == (by_setting.usual, by_setting.can_choose)
    assert (None, False) == (by_nature.usual, by_nature.can_choose)


def test_a_narrator_that_does_not_answer_leaves_the_last_list(tmp_path: Path) -> None:
    """The tick is skipped with its reason, and does not fail."""
    with serving(SpeechServer(voices=Reply(200, ANSWER)).application()) as url:
        evaluate(tmp_path, url)
    store, told = evaluate(tmp_path, url)

    assert LISTED == store.read_voices()
    assert "The speech server cannot be reached" in told


@pytest.mark.parametrize(
    ("chosen", "model"),
    [
        ({"llm_provider": "extractive"}, WritingModel("extractive", needs_text=True)),
        ({"openai_api_key": "sk-test"}, WritingModel("openai", needs_text=False)),
    ],
)
def test_the_language_model_is_known_beside_the_voices(
    tmp_path: Path, chosen: dict[str, object], model: WritingModel
) -> None:
    """Also while the narrator does not answer: the API has none of its settings."""
    store, _ = evaluate(tmp_path, "http://127.0.0.1:9", **chosen)

    assert model == store.read_writing_model()
