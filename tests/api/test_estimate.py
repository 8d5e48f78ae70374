"""What a book takes, before it is requested."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from bookbytes_api.jobs.models import COMPLETED, JobRow
from bookbytes_pipeline.constants import CHAPTER_AUDIO, CHAPTER_SUMMARIES
from bookbytes_pipeline.domain.narration import VoiceList
from bookbytes_pipeline.domain.writing_model import WritingModel
from bookbytes_pipeline.store.store import Store, open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN
from tests.epub.building import epub, prose

PATH = f"/api/v1/books/isbn/{ISBN}/estimate"
TEXT = epub(
    {"1.xhtml": f"<h1>Springs</h1>{prose(3000)}", "2.xhtml": f"<h1>Lakes</h1>{prose(600)}"},
    [("Springs", "1.xhtml"), ("Lakes", "2.xhtml")],
).getvalue()


def store_of(api: Api) -> Store:
    """Where the pipeline leaves what it knows."""
    return open_store(api.settings.store_config)


def estimated(api: Api, user: User, **wanted: Any) -> dict[str, Any]:
    """The estimate of the book."""
    answer = api.ask("GET", PATH, user, params=wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_nothing_is_estimated_of_unknown_chapters(running: Api, bob: User) -> None:
    """Every field is null but the ISBN; the length that is wanted changes nothing."""
    answer = estimated(running, bob, minutes=5)

    assert {"isbn": ISBN} == {name: value for name, value in answer.items() if value is not None}


def test_a_text_says_how_long_the_clips_will_be(tmp_path: Path) -> None:
    """As long as its chapters allow for the minutes that are wanted; the whole book has a summary of its own."""
    with serving_api(offline_settings(tmp_path, book_summary=False)) as api:
        ada = api.user("ada")
        store_of(api).sources.write(ISBN, TEXT)
        usual, longer = estimated(api, ada), estimated(api, ada, minutes=6)

    assert (2, 3600, 256) == (usual["chapters"], usual["words"], usual["audio_seconds"])
    assert 436 == longer["audio_seconds"]
    assert (None, None) == (usual["eta_seconds"], usual["cost_usd"])


def test_other_chapters_than_those_of_the_text_can_be_asked_about(running: Api, bob: User) -> None:
    """By their lengths, before anybody has corrected anything."""
    one, two = estimated(running, bob, words=3000), estimated(running, bob, words=[3000, 600])

    assert ([1, 3000], [2, 3600]) == ([one["chapters"], one["words"]], [two["chapters"], two["words"]])
    assert one["input_tokens"] < two["input_tokens"]


def test_dollars_follow_from_the_prices_of_what_is_in_use(tmp_path: Path) -> None:
    """Of the model and the voice that the pipeline has named; until then nobody knows."""
    prices = {"llm_input_price": 1.0, "llm_output_price": 10.0, "tts_price": 20.0}
    with serving_api(offline_settings(tmp_path, **prices)) as api:
        ada = api.user("ada")
        before = estimated(api, ada, words=3000)
        store_of(api).write_writing_model(WritingModel("openai", needs_text=False))
        store_of(api).write_voices(VoiceList("espeak", ()))
        model_only = estimated(api, ada, words=3000)
        store_of(api).write_voices(VoiceList("openai", ()))
        both = estimated(api, ada, words=3000)

    tokens = both["input_tokens"] + 10 * both["output_tokens"]
    assert before["cost_usd"] is None
    assert (model_only["input_tokens"] + 10 * model_only["output_tokens"]) / 1e6 == pytest.approx(
        model_only["cost_usd"], abs=1e-4
    )
    assert (tokens + 20 * both["characters"]) / 1e6 == pytest.approx(both["cost_usd"], abs=1e-4)


def test_what_runs_here_costs_nothing(running: Api, bob: User) -> None:
    """No price has to be entered for that."""
    store_of(running).write_writing_model(WritingModel("extractive", needs_text=True))
    store_of(running).write_voices(VoiceList("piper", ()))

    assert 0 == estimated(running, bob, words=3000)["cost_usd"]


def test_time_is_that_of_the_books_before(api: Api) -> None:
    """Clips are made while summaries are written, so the slower of the two counts; the other steps come on top."""
    ada = api.user("ada")
    with api.database.session() as session:
        session.add(
            JobRow(
                user_id=UUID(ada.id),
                isbn=ISBN,
                run_id=str(uuid4()),
                request_id="r",
                outcome=COMPLETED,
                completed_at=datetime.now(UTC),
                chapters_total=2,
                step_seconds={CHAPTER_SUMMARIES: 10, CHAPTER_AUDIO: 40},
            )
        )

    four, eight = (estimated(api, ada, words=[3000] * chapters)["eta_seconds"] for chapters in (4, 8))

    assert 4 * 40 == eight - four
    assert 4 * 40 <= four < 5 * 40


def test_it_is_for_those_who_are_signed_in_and_bounded(running: Api, bob: User) -> None:
    """Lengths that no chapter has, and more chapters than a book has, are refused."""
    assert (401, "NOT_AUTHENTICATED") == code(running.ask("GET", PATH))
    assert (422, "INVALID_ISBN") == code(running.ask("GET", PATH.replace(ISBN, "9780306406158"), bob))
    for minutes in (0.5, 11, "x"):
        assert (422, "INVALID_MINUTES") == code(running.ask("GET", PATH, bob, params={"minutes": minutes}))
    for words in ([-1], ["x"], [10_000_001], [1] * 301):
        answer = running.ask("GET", PATH, bob, params={"words": words})
        assert (422, "INVALID_WORDS") == code(answer), answer.text
