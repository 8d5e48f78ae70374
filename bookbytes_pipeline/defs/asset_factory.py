"""What all assets of a book have in common."""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

import dagster as dg

from bookbytes_pipeline.constants import BOOK_METADATA, CHAPTER, ERROR_CODE, TITLE, TITLE_TAG, TRY_AGAIN
from bookbytes_pipeline.defs.clip_production import ClipProduction
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import BookBytesError, ChaptersFailed
from bookbytes_pipeline.execution.interrupts import run_until_interrupted
from bookbytes_pipeline.instance.partitions import isbns, require_isbn

ParametersT = ParamSpec("ParametersT")
Result = dg.MaterializeResult[Any]
Compute = Callable[ParametersT, Result | Coroutine[Any, Any, Result]]

_METADATA_KEY = dg.AssetKey(BOOK_METADATA)
MAX_TAG_CHARS = 200
CLIP_PRODUCTION = "clip_production"
"""The resource, as assets name it."""
GROUP = "books"
"""One group: the assets of a book are always made together, and the lineage shows all of them at once."""
ONE_RUN_PER_BOOK = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
"""A book that fails, or is cancelled, leaves the others of its backfill alone."""


@dataclass(frozen=True)
class Check:
    """A check that an asset yields with its value.

    The book goes no further when a blocking one fails. An error is shown as one in Dagster although the book goes on;
    the others warn.
    """

    name: str
    description: str
    blocking: bool = False
    is_error: bool = False

    def spec(self, asset: str) -> dg.AssetCheckSpec:
        """Return the declaration that Dagster wants with the asset."""
        return dg.AssetCheckSpec(self.name, asset=asset, description=self.description, blocking=self.blocking)

    def result(self, fault: str | None) -> dg.AssetCheckResult:
        """Return the outcome: failed if there is a fault, which the page of the run shows."""
        is_error = self.blocking or self.is_error
        severity = dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(check_name=self.name, passed=fault is None, severity=severity, description=fault)


def book_asset(
    *, kinds: set[str], checks: Sequence[Check] = ()
) -> Callable[[Compute[ParametersT]], dg.AssetsDefinition]:
    """Declare an asset with one partition per ISBN whose errors people can read, from a plain or an async function.

    There is no retry policy: with the in-process executor it would swallow a cancellation, so retries stay with the
    calls to providers. An async function runs in an event loop of its own, or in that of the run's clips if it names
    them, rather than in Dagster's, which an interrupt leaves with its tasks pending and its connections open.
    """

    def declare(function: Compute[ParametersT]) -> dg.AssetsDefinition:
        @wraps(function)
        def compute(*args: ParametersT.args, **kwargs: ParametersT.kwargs) -> Result:
            try:
                context = dg.AssetExecutionContext.get()
                require_isbn(context.partition_key)
                return _result(context, function(*args, **kwargs), kwargs)
            except BookBytesError as error:
                raise _failure(error) from error

        # with checks beside the value, Dagster wants a tuple here and takes MaterializeResult for "no value"
        compute.__signature__ = inspect.signature(function).replace(return_annotation=inspect.Signature.empty)  # type: ignore[attr-defined] # a function may have one
        compute.__annotations__.pop("return")
        asset = dg.asset(
            partitions_def=isbns,
            group_name=GROUP,
            kinds=kinds,
            check_specs=[check.spec(function.__name__) for check in checks],
        )(compute)
        return asset.with_attributes(backfill_policy=ONE_RUN_PER_BOOK)  # as an argument above it warns of being beta

    return declare


def _result(
    context: dg.AssetExecutionContext, made: Result | Coroutine[Any, Any, Result], arguments: Mapping[str, object]
) -> Result:
    """Return what an asset has made, or makes now if its function is async; the title is shown as soon as known."""
    _show_title(context, arguments.get(BOOK_METADATA))
    result = made if isinstance(made, dg.MaterializeResult) else _run(context, made, arguments.get(CLIP_PRODUCTION))
    _show_title(context, result.value)
    return result


def _run(context: dg.AssetExecutionContext, work: Coroutine[Any, Any, Result], production: object) -> Result:
    """In a loop of its own, or in that in which the clips of this run are made."""
    if isinstance(production, ClipProduction):
        return production.run(context, work)
    return run_until_interrupted(work)


def _show_title(context: dg.AssetExecutionContext, book: object) -> None:
    """Let the UI name the book beside its ISBN: in the metadata of the asset, and once for each run in a tag."""
    if not isinstance(book, Book):
        return
    context.add_asset_metadata({TITLE: book.title}, asset_key=context.asset_key, partition_key=context.partition_key)
    selected = context.run.asset_selection
    knows_first = context.asset_key == _METADATA_KEY or (selected is not None and _METADATA_KEY not in selected)
    if knows_first and TITLE_TAG not in context.run.tags:
        context.instance.add_run_tags(context.run.run_id, {TITLE_TAG: book.title[:MAX_TAG_CHARS]})


def _failure(error: BookBytesError) -> dg.Failure:
    chapter = {CHAPTER: error.chapter} if isinstance(error, ChaptersFailed) else {}
    return dg.Failure(
        description=str(error),
        metadata={ERROR_CODE: error.code, TRY_AGAIN: error.try_again, **chapter},
        allow_retries=False,
    )
