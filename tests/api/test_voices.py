"""The voices that can be chosen, and the one that is chosen for a book."""

import pytest

from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, code
from tests.api.factories import RIVERS, numbered_book, publish_book
from tests.api.test_jobs import ISBN, PROCESS, request_book, rows

VOICES = VoiceList("openai", (Voice("af_sky", "en-US"), Voice("anna", "de"), Voice("jo", None)), usual="af_sky")


def keep(api: Api, voices: VoiceList = VOICES) -> None:
    """List voices as the pipeline does."""
    open_store(api.settings.store_config).write_voices(voices)


def test_voices_are_listed_as_the_pipeline_left_them(api: Api) -> None:
    """All, or those that may speak a language."""
    keep(api)
    ada = api.user()

    listed = api.ask("GET", "/api/v1/voices", ada).json()
    german = api.ask("GET", "/api/v1/voices?language=de-AT", ada).json()

    assert ("openai", True, "af_sky", True) == tuple(
        listed[key] for key in ("narrator", "can_choose", "usual", "complete")
    )
    assert {"name": "af_sky", "language": "en-US"} == listed["voices"][0]
    assert ["anna", "jo"] == [voice["name"] for voice in german["voices"]]
    assert 401 == api.ask("GET", "/api/v1/voices").status_code


def test_before_the_first_list_nothing_is_known(api: Api) -> None:
    """Neither to list nor to choose from; the sentence says when that changes. Without a voice, requests go on."""
    ada = api.user()

    for answer in (
        api.ask("GET", "/api/v1/voices", ada),
        api.ask("POST", PROCESS, ada, json={"isbn": ISBN, "voice": "anna"}),
    ):
        assert (503, "VOICES_UNKNOWN") == code(answer)
        assert "try again in some minutes" in answer.json()["error"]["message"]
        assert answer.headers["retry-after"]
    assert "pending" == request_book(api, ada)["status"]


@pytest.mark.parametrize("voice", ["nobody", "../anna", "AF_SKY"])
def test_a_voice_that_is_not_there_is_refused(api: Api, voice: str) -> None:
    """Before there is a job; the field and the voices there are, are named."""
    keep(api)
    answer = api.ask("POST", PROCESS, api.user(), json={"isbn": ISBN, "voice": voice})

    assert (422, "INVALID_VOICE") == code(answer)
    assert f"openai has no voice {voice!r}. It has: af_sky, anna, jo." == answer.json()["error"]["message"]
    assert ["voice"] == [detail["field"] for detail in answer.json()["error"]["details"]]
    assert [] == rows(api)


@pytest.mark.parametrize("voice", ["", "x" * 101, "a\nb", "a\n", 7])
def test_a_voice_is_a_name(api: Api, voice: object) -> None:
    """Of at most 100 characters."""
    keep(api)

    assert 422 == api.ask("POST", PROCESS, api.user(), json={"isbn": ISBN, "voice": voice}).status_code
    assert [] == rows(api)


def test_a_narrator_without_a_choice_says_so(api: Api) -> None:
    """Such as gTTS and eSpeak, which have one voice for each language."""
    keep(api, VoiceList("gtts", (Voice("German", "de"),)))
    ada = api.user()

    assert (422, "INVALID_VOICE") == code(api.ask("POST", PROCESS, ada, json={"isbn": ISBN, "voice": "German"}))
    assert api.ask("GET", "/api/v1/voices", ada).json()["can_choose"] is False


def test_jobs_with_other_voices_do_not_share_a_run(api: Api) -> None:
    """Those with the same voice do, and a job without one joins any."""
    keep(api)
    users = [api.user(name) for name in ("ada", "bob", "eve", "zoe")]

    for user, voice in zip(users, ("anna", "jo", "anna", None), strict=True):
        request_book(api, user, voice=voice)

    anna, jo, also_anna, anybody = rows(api)
    assert anna.run_id == also_anna.run_id != jo.run_id
    assert anybody.run_id in {anna.run_id, jo.run_id}
    assert ["anna", "jo", "anna", None] == [row.voice for row in rows(api)]


def test_a_published_book_with_the_voice_that_is_wanted_is_a_finished_job(api: Api) -> None:
    """The voice that was chosen for it, else the usual one; the book says which was chosen."""
    keep(api)
    bob = [api.user("ada"), api.user("bob")][1]
    usual = publish_book(api.settings)
    chosen = publish_book(api.settings, numbered_book(1), voice="anna")

    wanted = [(RIVERS.isbn, "af_sky"), (RIVERS.isbn, None), (numbered_book(1).isbn, "anna")]

    assert ["completed"] * 3 == [request_book(api, bob, isbn, voice=voice)["status"] for isbn, voice in wanted]
    assert [None, "anna"] == [api.ask("GET", f"/api/v1/books/{book}", bob).json()["voice"] for book in (usual, chosen)]


def test_the_voice_of_a_published_book_is_changed_by_administrators(api: Api) -> None:
    """It changes what all users hear."""
    keep(api)
    ada, bob = api.user("ada"), api.user("bob")
    publish_book(api.settings, voice="anna")

    for voice in ("jo", "af_sky"):
        assert (403, "ADMINISTRATOR_NEEDED") == code(
            api.ask("POST", PROCESS, bob, json={"isbn": RIVERS.isbn, "voice": voice})
        )
    assert "pending" == request_book(api, ada, RIVERS.isbn, voice="jo")["status"]
