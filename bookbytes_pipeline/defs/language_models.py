"""The language models that settings can name: the only module that knows their vendors."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from bookbytes_pipeline.constants import CORES
from bookbytes_pipeline.library.call_budget import CallBudget
from bookbytes_pipeline.library.usage_recorder import UsageRecorder
from bookbytes_pipeline.providers.openai_client import load_package
from bookbytes_pipeline.providers.response_cache import (
    CachingModel,
    CallScope,
    NullCache,
    ResponseCache,
    cache_for_run,
)
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.writing.fingerprints import chapter_list_fingerprint, summaries_fingerprint


@dataclass(frozen=True)
class LanguageModelResource:
    """The language model in use, before it is connected to.

    The fingerprints identify what summaries and remembered chapter lists are made with. `context_tokens` is how much
    the model reads at once. `connect` takes what the calls are made for. `load` imports what the model's first
    answer needs, and an answer from the cache does not.
    """

    name: str
    fingerprint: str
    chapter_list_fingerprint: str
    needs_text: bool
    max_concurrent_calls: int
    context_tokens: int
    connect: Callable[[CallScope], AbstractAsyncContextManager[CachingModel]]
    load: Callable[[], None]


def _openai_model(
    settings: Settings, cache: ResponseCache, recorder: UsageRecorder, budget: CallBudget
) -> LanguageModelResource:
    @asynccontextmanager
    async def connect(scope: CallScope) -> AsyncIterator[CachingModel]:
        from bookbytes_pipeline.providers.models import openai  # noqa: PLC0415 - the SDK takes a second to import

        async with budget.open("openai model", settings.max_concurrent_llm_calls) as slots:
            connected = openai.connect(
                api_key=settings.model_key,
                base_url=settings.openai_base_url,
                model=settings.openai_model,
                timeout=settings.openai_timeout,
                slots=slots,
            )
            async with connected as model, recorder.recording(model.meter, scope.run_id):
                yield CachingModel(model, cache_for_run(cache, scope))

    at_once = settings.max_concurrent_llm_calls
    model = settings.openai_model
    return _model_resource(
        settings, "openai", model, needs_text=False, at_once=at_once, connect=connect, load=load_package
    )


def _extractive_model(
    settings: Settings, _cache: ResponseCache, _recorder: UsageRecorder, _budget: CallBudget
) -> LanguageModelResource:
    def load() -> None:
        from bookbytes_pipeline.providers.models import extractive  # noqa: F401, PLC0415 - numpy, for one step

    @asynccontextmanager
    async def connect(_scope: CallScope) -> AsyncIterator[CachingModel]:
        from bookbytes_pipeline.providers.models.extractive import ExtractiveModel  # noqa: PLC0415 - as above

        yield CachingModel(ExtractiveModel(), NullCache())  # it costs nothing, and answers alike every time

    at_once = min(settings.max_concurrent_llm_calls, CORES)
    return _model_resource(
        settings, "extractive", "sumy-textrank", needs_text=True, at_once=at_once, connect=connect, load=load
    )


def _model_resource(
    settings: Settings,
    name: str,
    model: str,
    *,
    needs_text: bool,
    at_once: int,
    connect: Callable[[CallScope], AbstractAsyncContextManager[CachingModel]],
    load: Callable[[], None],
) -> LanguageModelResource:
    return LanguageModelResource(
        name=name,
        fingerprint=summaries_fingerprint(name, model, settings.summary_minutes),
        chapter_list_fingerprint=chapter_list_fingerprint(name, model),
        needs_text=needs_text,
        max_concurrent_calls=at_once,
        context_tokens=settings.openai_context_tokens,
        connect=connect,
        load=load,
    )


LANGUAGE_MODELS: Mapping[str, Callable[[Settings, ResponseCache, UsageRecorder, CallBudget], LanguageModelResource]] = {
    "openai": _openai_model,
    "extractive": _extractive_model,
}
