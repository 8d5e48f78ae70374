"""What all assets of a book have in common."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, ParamSpec

import dagster as dg

from bookbytes_pipeline.constants import CHAPTER, ERROR_CODE, FORCE_TAG, FORCE_TAG_0_3, TRY_AGAIN
from bookbytes_pipeline.domain.errors import BookBytesError, ChaptersFailed
from bookbytes_pipeline.execution.interrupts import run_until_interrupted
from bookbytes_pipeline.instance.partitions import isbns, require_isbn

Arguments = ParamSpec("Arguments")
Made = Callable[Arguments, Coroutine[Any, Any, dg.MaterializeResult[Any]]]


def book_asset(
    *, kinds: set[str], blocking: Sequence[str] = (), advisory: Sequence[str] = ()
) -> Callable[[Made[Arguments]], dg.AssetsDefinition]:
    """An asset with one partition per ISBN whose errors people can read.

    `blocking` and `advisory` name the checks that the asset yields; the book goes no further when a blocking one fails.
    There is no retry policy: with the in-process executor it would swallow a cancellation, so retries stay with the
    calls to providers. The function runs in an event loop of its own rather than in Dagster's, which an interrupt
    leaves with its tasks pending and its connections open.
    """

    def declare(function: Made[Arguments]) -> dg.AssetsDefinition:
        @wraps(function)
        def made(*args: Arguments.args, **kwargs: Arguments.kwargs) -> dg.MaterializeResult[Any]:
            try:
                require_isbn(dg.AssetExecutionContext.get().partition_key)
                return run_until_interrupted(function(*args, **kwargs))
            except BookBytesError as error:
                raise _failure(error) from error

        # with checks beside the value, Dagster wants a tuple here and takes MaterializeResult for "no value"
        made.__signature__ = inspect.signature(function).replace(return_annotation=inspect.Signature.empty)  # type: ignore[attr-defined] # a function may have one
        made.__annotations__.pop("return")
        checks = [
            *(dg.AssetCheckSpec(name, asset=function.__name__, blocking=True) for name in blocking),
            *(dg.AssetCheckSpec(name, asset=function.__name__) for name in advisory),
        ]
        return dg.asset(partitions_def=isbns, group_name="books", kinds=kinds, check_specs=checks)(made)

    return declare


def check(name: str, fault: str | None) -> dg.AssetCheckResult:
    """The result of a blocking check."""
    return _result(name, fault, dg.AssetCheckSeverity.ERROR)


def advice(name: str, fault: str | None) -> dg.AssetCheckResult:
    """The result of a check that warns."""
    return _result(name, fault, dg.AssetCheckSeverity.WARN)


def _result(name: str, fault: str | None, severity: dg.AssetCheckSeverity) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(check_name=name, passed=fault is None, severity=severity, description=fault)


def force_token(context: dg.AssetExecutionContext) -> str:
    """The force token of the run; empty for a run that reuses the answers there are."""
    return context.run.tags.get(FORCE_TAG) or context.run.tags.get(FORCE_TAG_0_3, "")


def _failure(error: BookBytesError) -> dg.Failure:
    chapter = {CHAPTER: error.chapter} if isinstance(error, ChaptersFailed) else {}
    return dg.Failure(
        description=str(error),
        metadata={ERROR_CODE: error.code, TRY_AGAIN: error.try_again, **chapter},
        allow_retries=False,
    )
