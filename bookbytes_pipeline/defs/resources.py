"""Where settings become what assets ask for.

Each `connect` opens its provider for the length of one asset, or of the clips of a run, because an HTTP client belongs
to the event loop that opened it. Meanwhile the recorder counts what the provider is asked.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from io import BytesIO
from typing import Any

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.book_file_formats import BookFileFormats
from bookbytes_pipeline.defs.clip_production import clip_production
from bookbytes_pipeline.defs.io_managers import JsonIOManager
from bookbytes_pipeline.defs.language_models import LANGUAGE_MODELS
from bookbytes_pipeline.defs.narrators import NARRATORS
from bookbytes_pipeline.domain.book import PackageMetadata
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.pace import SummaryLength
from bookbytes_pipeline.epub.reader import read_package_metadata
from bookbytes_pipeline.library.call_budget import CallBudget
from bookbytes_pipeline.library.usage_recorder import UsageRecorder
from bookbytes_pipeline.providers.metadata.first_answer import FirstAnswer
from bookbytes_pipeline.providers.metadata.package_document import PackageDocument
from bookbytes_pipeline.providers.ports import MetadataSource
from bookbytes_pipeline.providers.response_cache import ResponseCache, StaleIfErrorSource
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import BUCKET_WAIT_IN_RUNS_S, Store, open_store


@dataclass(frozen=True)
class MetadataResource:
    """The metadata sources in the order in which they are asked, before they are connected to."""

    connect: Callable[[], AbstractAsyncContextManager[MetadataSource]]


def build_resources(settings: Settings, cache: ResponseCache | None = None) -> dict[str, Any]:
    """Return everything that assets ask for, by the name of their parameter. `cache` is the store's unless given."""
    store = open_store(settings.store_config, wait_s=BUCKET_WAIT_IN_RUNS_S)
    cache = cache or store.responses
    database = Database(settings.library_url)
    recorder, budget = UsageRecorder(database.session), CallBudget(database.session)
    narrator = NARRATORS[settings.tts_provider](settings, cache, recorder, budget)
    pronunciations = settings.read_pronunciations()
    return {
        "io_manager": JsonIOManager(store.files),
        "store": store,
        "database": database,
        "metadata_source": MetadataResource(partial(_metadata_sources, settings, store, cache, recorder)),
        "language_model": LANGUAGE_MODELS[settings.language_model](settings, cache, recorder, budget),
        "narrator": narrator,
        "pronunciations": pronunciations,
        "clip_production": clip_production(store, narrator, pronunciations, database),
        "book_file_formats": BookFileFormats(settings.book_files),
        "summary_length": SummaryLength(settings.tts_provider, settings.summary_minutes, settings.book_summary),
    }


@asynccontextmanager
async def _metadata_sources(
    settings: Settings, store: Store, cache: ResponseCache, recorder: UsageRecorder
) -> AsyncIterator[MetadataSource]:
    own = PackageDocument(partial(_attached_metadata, store))
    if settings.openlibrary_base_url is None:
        yield own
        return
    from bookbytes_pipeline.providers.metadata import open_library  # noqa: PLC0415 - httpx, for this step only

    contact, release = settings.openlibrary_contact, version("bookbytes")
    connected = open_library.connect(settings.openlibrary_base_url, contact, release)
    async with connected as catalogue, recorder.recording(catalogue.meter):
        yield FirstAnswer((StaleIfErrorSource(catalogue, cache), own))


def _attached_metadata(store: Store, isbn: ISBN) -> PackageMetadata | None:
    epub = store.sources.read(isbn)
    return None if epub is None else read_package_metadata(BytesIO(epub))
