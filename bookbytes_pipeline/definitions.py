"""What Dagster loads: the assets, the jobs and the schedules, with providers as the settings name them."""

import os
import sys
from collections.abc import Sequence

import dagster as dg

from bookbytes_pipeline.constants import CHAPTER_AUDIO, CHAPTER_LIST, CHAPTER_SUMMARIES
from bookbytes_pipeline.db.reconnect import install_reconnect_hook
from bookbytes_pipeline.defs.assets.book_file import book_file
from bookbytes_pipeline.defs.assets.book_metadata import book_metadata
from bookbytes_pipeline.defs.assets.book_summary import book_summary
from bookbytes_pipeline.defs.assets.book_text import book_text
from bookbytes_pipeline.defs.assets.chapter_audio import chapter_audio
from bookbytes_pipeline.defs.assets.chapter_list import chapter_list
from bookbytes_pipeline.defs.assets.chapter_summaries import chapter_summaries
from bookbytes_pipeline.defs.assets.published_book import published_book
from bookbytes_pipeline.defs.book_file_sensor import files_of_published_books
from bookbytes_pipeline.defs.event_retention import clear_old_events, nightly_clearing
from bookbytes_pipeline.defs.jobs import make_book_file, process_book
from bookbytes_pipeline.defs.public_links import public_links
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.defs.schedules import nightly_backfill
from bookbytes_pipeline.defs.sensors import failure_webhook
from bookbytes_pipeline.defs.voice_list import voice_list
from bookbytes_pipeline.execution.json_logging import log_as_json
from bookbytes_pipeline.proxy_bypass import bypass_proxies
from bookbytes_pipeline.settings import Settings, load_settings

_EXECUTING_COMMANDS = {"materialize", "launch", "execute"}
"""`dagster asset materialize`, `dg launch` and `dagster job execute`. Others need no partition, or have a server's."""
ASSETS = (book_metadata, book_text, chapter_list, chapter_summaries, book_summary, chapter_audio, published_book)
"""What the job `process_book` makes."""


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return what these settings load. The code version of a paid asset is the hash of what it is made with."""
    resources = build_resources(settings)
    versions = {
        CHAPTER_LIST: resources["language_model"].chapter_list_fingerprint,
        CHAPTER_SUMMARIES: resources["language_model"].fingerprint,
        CHAPTER_AUDIO: resources["narrator"].fingerprint,
    }

    def described(spec: dg.AssetSpec) -> dg.AssetSpec:
        version = versions.get(spec.key.to_user_string(), "1")
        return spec.replace_attributes(code_version=version, owners=settings.asset_owners)

    making, filing = process_book(settings.worker_job_timeout), make_book_file(settings.worker_job_timeout)
    return dg.Definitions(
        assets=dg.map_asset_specs(described, (*ASSETS, book_file)),
        jobs=[making, filing, clear_old_events(settings.event_log_days)],
        schedules=[nightly_backfill, nightly_clearing],
        sensors=[failure_webhook(settings.failure_webhook_url), voice_list, files_of_published_books(making, filing)],
        resources={**resources, "public_links": public_links(settings)},
        executor=dg.in_process_executor,
    )


def require_home(settings: Settings, arguments: Sequence[str]) -> None:
    """End a command of Dagster's that makes a book, with a sentence, where it has no instance of its own.

    Dagster gives it a temporary one before it loads the definitions. That one knows no partition, which Dagster reports
    with a traceback about something else.
    """
    if not os.environ.get("DAGSTER_HOME") and _EXECUTING_COMMANDS & {*arguments[1:3]}:
        home = settings.dagster_home.absolute()
        sys.exit(
            f"DAGSTER_HOME is not set, so this command knows no ISBN. Run it again after: export DAGSTER_HOME={home}"
        )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of this process, built when Dagster asks for them, which is before it executes a run."""
    bypass_proxies(os.environ)
    settings = load_settings()
    require_home(settings, sys.argv)
    install_reconnect_hook()
    if settings.logs_as_json:
        log_as_json(settings.log_level)
    return build_definitions(settings)
