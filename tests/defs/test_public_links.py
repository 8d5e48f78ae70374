"""From the Dagster UI to the API: the links of a published book."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import dagster as dg
import pytest

from bookbytes_pipeline.constants import BOOK_METADATA, BOOK_SUMMARY, CHAPTER_AUDIO, CHAPTER_LIST, CHAPTER_SUMMARIES
from bookbytes_pipeline.defs.assets.published_book import published_book
from bookbytes_pipeline.defs.public_links import public_links
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.book import Chapter, ChapterList, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store
from tests.api.client import offline_settings, serving_api
from tests.api.factories import RIVERS, SOUND
from tests.defs.fixed_inputs import FixedInputs


def _publish(settings: Settings) -> dict[str, Any]:
    """Materialize `published_book` of a book whose first chapter has no clip; returns the metadata."""
    clips = open_store(settings.store_config).clips
    key = clips.key(RIVERS.isbn, 2, "00000001")
    clips.write(key, SOUND)
    summaries = (Summary(1, "Springs", "", Grounding.MODEL_MEMORY, known=False),)
    summaries += (Summary(2, "Rapids", "About rapids.", Grounding.MODEL_MEMORY),)
    inputs = {
        BOOK_METADATA: RIVERS,
        CHAPTER_LIST: ChapterList(ContentsSource.OPEN_LIBRARY, (Chapter(1, "Springs"), Chapter(2, "Rapids"))),
        CHAPTER_SUMMARIES: BookSummaries("en", "extractive", "m", "r", TokenUsage(), summaries),
        CHAPTER_AUDIO: ClipManifest("espeak", "v", "r", (Clip(2, "Rapids", key, 60.0, len(SOUND), -19.0),)),
        BOOK_SUMMARY: BookSummary(),
    }
    resources = {
        **build_resources(settings),
        "io_manager": FixedInputs(inputs),
        "public_links": public_links(settings),
    }
    assets = [published_book, *map(dg.AssetSpec, inputs)]
    with dg.DagsterInstance.ephemeral() as instance:
        add_isbn(instance, RIVERS.isbn)
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        result = dg.materialize(
            assets, instance=instance, partition_key=RIVERS.isbn, resources=resources, run_config=quiet
        )
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_the_links_lead_to_the_book_and_to_its_first_clip(tmp_path: Path) -> None:
    """The API responds at both; a first chapter without a clip is skipped."""
    settings = offline_settings(tmp_path, public_url="http://testserver.local")

    published = _publish(settings)

    with serving_api(settings) as api:
        user = api.user()
        book, clip = (api.ask("GET", published[name], user) for name in ("book", "first_clip"))
    assert (200, published["book_id"]) == (book.status_code, book.json()["id"])
    assert SOUND == clip.content


@pytest.mark.parametrize(
    ("configured", "api_url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "0.0.0.0", "port": 8123}, "http://127.0.0.1:8123"),  # noqa: S104 - nobody listens
        ({"public_url": "https://books.example.org/"}, "https://books.example.org"),
    ],
)
def test_a_developer_needs_no_setting_for_links(tmp_path: Path, configured: dict[str, Any], api_url: str) -> None:
    """The API has the address that `bookbytes serve` prints, unless a setting says how users reach it."""
    assert api_url == public_links(offline_settings(tmp_path, **configured)).api_url


def test_in_production_links_need_a_public_url(tmp_path: Path) -> None:
    """A worker does not know how users reach the API, and its own HOST would not work."""
    settings = offline_settings(
        tmp_path, "postgresql+psycopg://bookbytes:password@host/bookbytes", app_env="production"
    )

    links = public_links(settings)

    assert {} == links.of_book(uuid4(), uuid4())
