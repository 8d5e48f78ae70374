"""What Dagster loads: the assets, the job and the schedule, with providers as the settings name them."""

import dagster as dg

from bookbytes_pipeline.assets.book_metadata import book_metadata
from bookbytes_pipeline.assets.book_text import book_text
from bookbytes_pipeline.assets.chapter_audio import chapter_audio
from bookbytes_pipeline.assets.chapter_list import chapter_list
from bookbytes_pipeline.assets.chapter_summaries import chapter_summaries
from bookbytes_pipeline.assets.published_book import published_book
from bookbytes_pipeline.jobs import process_book
from bookbytes_pipeline.names import CHAPTER_AUDIO, CHAPTER_LIST, CHAPTER_SUMMARIES
from bookbytes_pipeline.resources import build_resources
from bookbytes_pipeline.schedules import nightly_backfill
from bookbytes_pipeline.settings import Settings, load_settings

ASSETS = (book_metadata, book_text, chapter_list, chapter_summaries, chapter_audio, published_book)


def build_definitions(settings: Settings) -> dg.Definitions:
    """The code location for these settings. The code version of a paid asset is the hash of what it is made with."""
    resources = build_resources(settings)
    versions = {
        CHAPTER_LIST: resources["language_model"].listing_recipe,
        CHAPTER_SUMMARIES: resources["language_model"].recipe,
        CHAPTER_AUDIO: resources["narrator"].recipe,
    }

    def versioned(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(code_version=versions.get(spec.key.to_user_string(), "1"))

    return dg.Definitions(
        assets=dg.map_asset_specs(versioned, ASSETS),
        jobs=[process_book],
        schedules=[nightly_backfill],
        resources=resources,
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of this process, built when Dagster asks for them."""
    return build_definitions(load_settings())
