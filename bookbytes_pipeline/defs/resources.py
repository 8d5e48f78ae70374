"""Where settings become providers: the only place that knows all vendors.

Each `connect` opens its provider for the length of one asset, because an HTTP client belongs to the event loop that
opened it and every Dagster step has its own. What the provider is asked meanwhile goes into the books.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

from bookbytes_pipeline.audio.encoding import ENCODING
from bookbytes_pipeline.db.database import Library
from bookbytes_pipeline.defs.io_managers import JsonIOManager
from bookbytes_pipeline.execution.usage_recorder import Bookkeeper
from bookbytes_pipeline.providers.metadata.first_answer import FirstAnswer
from bookbytes_pipeline.providers.metadata.package_document import PackageDocument
from bookbytes_pipeline.providers.ports import LanguageModel, MetadataSource, Narrator
from bookbytes_pipeline.providers.response_cache import Forgetful, Memory, RememberingModel, RememberingSource, since
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import PATIENT, Store, open_store
from bookbytes_pipeline.writing.fingerprints import audio_recipe, listing_recipe, summaries_recipe


@dataclass(frozen=True)
class MetadataLookup:
    """The metadata sources in the order in which they are asked."""

    connect: Callable[[], AbstractAsyncContextManager[MetadataSource]]


@dataclass(frozen=True)
class ModelChoice:
    """The language model in use, before it is connected to. `calls` may be in flight at any time.

    `connect` takes the mark of a run that makes its book anew, else an empty string.
    """

    name: str
    recipe: str
    listing_recipe: str
    needs_text: bool
    calls: int
    connect: Callable[[str], AbstractAsyncContextManager[LanguageModel]]


@dataclass(frozen=True)
class NarratorChoice:
    """The narrator in use, before it is connected to: `calls` may be in flight at any time.

    `memory` keeps its recordings; it takes the mark of a run that makes its book anew, else an empty string.
    """

    name: str
    recipe: str
    calls: int
    memory: Callable[[str], Memory]
    connect: Callable[[], AbstractAsyncContextManager[Narrator]]


def build_resources(settings: Settings, memory: Memory | None = None) -> dict[str, Any]:
    """Everything that assets ask for, by the name of their parameter. `memory` is the store's unless given."""
    store = open_store(settings, PATIENT)
    memory = memory or store.remembered
    library = Library(settings.library_url)
    books = Bookkeeper(library)
    return {
        "io_manager": JsonIOManager(store.files),
        "store": store,
        "library": library,
        "metadata_source": MetadataLookup(partial(_metadata_sources, settings, store, memory, books)),
        "language_model": LANGUAGE_MODELS[settings.language_model](settings, memory, books),
        "narrator": NARRATORS[settings.tts_provider](settings, memory, books),
    }


@asynccontextmanager
async def _metadata_sources(
    settings: Settings, store: Store, memory: Memory, books: Bookkeeper
) -> AsyncIterator[MetadataSource]:
    own = PackageDocument(store.sources.text)
    if settings.openlibrary_base_url is None:
        yield own
        return
    from bookbytes_pipeline.providers.metadata import open_library  # noqa: PLC0415 - httpx, for this step only

    contact, release = settings.openlibrary_contact, version("bookbytes")
    connected = open_library.connect(settings.openlibrary_base_url, contact, release)
    async with connected as catalogue, books.entering(catalogue.meter):
        yield FirstAnswer((RememberingSource(catalogue, memory), own))


def _openai_model(settings: Settings, memory: Memory, books: Bookkeeper) -> ModelChoice:
    @asynccontextmanager
    async def connect(afresh: str) -> AsyncIterator[LanguageModel]:
        from bookbytes_pipeline.providers.models import openai  # noqa: PLC0415 - the SDK takes a second to import

        connected = openai.connect(
            api_key=settings.model_key,
            base_url=settings.openai_base_url,
            model=settings.openai_model,
            timeout=settings.openai_timeout,
            concurrency=settings.max_concurrent_llm_calls,
        )
        async with connected as model, books.entering(model.meter):
            yield RememberingModel(model, since(memory, afresh))

    return _model_choice(settings, "openai", settings.openai_model, needs_text=False, connect=connect)


def _extractive_model(settings: Settings, _memory: Memory, _books: Bookkeeper) -> ModelChoice:
    @asynccontextmanager
    async def connect(_afresh: str) -> AsyncIterator[LanguageModel]:
        from bookbytes_pipeline.providers.models.extractive import ExtractiveModel  # noqa: PLC0415 - numpy, for one step

        yield ExtractiveModel()

    return _model_choice(settings, "extractive", "sumy-textrank", needs_text=True, connect=connect)


def _model_choice(
    settings: Settings,
    name: str,
    model: str,
    *,
    needs_text: bool,
    connect: Callable[[str], AbstractAsyncContextManager[LanguageModel]],
) -> ModelChoice:
    return ModelChoice(
        name=name,
        recipe=summaries_recipe(name, model),
        listing_recipe=listing_recipe(name, model),
        needs_text=needs_text,
        calls=settings.max_concurrent_llm_calls,
        connect=connect,
    )


def _google_narrator(settings: Settings, memory: Memory, books: Bookkeeper) -> NarratorChoice:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Narrator]:
        from bookbytes_pipeline.providers.narrators import gtts  # noqa: PLC0415 - httpx, for this step only

        base_url = settings.tts_base_url or gtts.GOOGLE
        connected = gtts.connect(base_url, settings.max_concurrent_tts_calls)
        async with connected as narrator, books.entering(narrator.meter):
            yield narrator

    recipe = audio_recipe("gtts", settings.tts_base_url or "", ENCODING)
    return NarratorChoice("gtts", recipe, settings.max_concurrent_tts_calls, partial(since, memory), connect)


def _openai_narrator(settings: Settings, memory: Memory, books: Bookkeeper) -> NarratorChoice:
    model, voice = settings.tts_model or "", settings.tts_voice or ""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Narrator]:
        from bookbytes_pipeline.providers.narrators import openai  # noqa: PLC0415 - the SDK takes a second to import

        connected = openai.connect(
            api_key=settings.speech_key,
            base_url=settings.speech_url,
            model=model,
            voice=voice,
            timeout=settings.openai_timeout,
            concurrency=settings.max_concurrent_tts_calls,
        )
        async with connected as narrator, books.entering(narrator.meter):
            yield narrator

    recipe = audio_recipe("openai", f"{model} {voice}", ENCODING)
    return NarratorChoice("openai", recipe, settings.max_concurrent_tts_calls, partial(since, memory), connect)


def _espeak_narrator(settings: Settings, _memory: Memory, books: Bookkeeper) -> NarratorChoice:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Narrator]:
        from bookbytes_pipeline.providers.narrators import espeak  # noqa: PLC0415 - for this step only

        connected = espeak.connect(settings.max_concurrent_tts_calls)
        async with connected as narrator, books.entering(narrator.meter):
            yield narrator

    recipe = audio_recipe("espeak", "", ENCODING)
    return NarratorChoice("espeak", recipe, settings.max_concurrent_tts_calls, lambda _afresh: Forgetful(), connect)


LANGUAGE_MODELS: Mapping[str, Callable[[Settings, Memory, Bookkeeper], ModelChoice]] = {
    "openai": _openai_model,
    "extractive": _extractive_model,
}
NARRATORS: Mapping[str, Callable[[Settings, Memory, Bookkeeper], NarratorChoice]] = {
    "gtts": _google_narrator,
    "openai": _openai_narrator,
    "espeak": _espeak_narrator,
}
