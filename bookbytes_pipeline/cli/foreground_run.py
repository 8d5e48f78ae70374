"""One book as one Dagster run in this process, recorded in the same instance that the Dagster UI shows."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import dagster as dg

from bookbytes_pipeline.cli.progress import show_progress
from bookbytes_pipeline.constants import (
    ERROR_CODE,
    FOREGROUND,
    JOB,
    PEOPLE_PRIORITY,
    PRIORITY_TAG,
    RECIPE_TAG,
    RUN_FAILED,
    SOURCE_TAG,
)
from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.domain import errors
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.instance.book_lock import exclusive_book
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.writing.fingerprints import book_fingerprint

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LOUD = {"loggers": {"console": {"config": {"log_level": "DEBUG"}}}}

DAY = "86400"
"""Seconds. The instance gives up runs after two hours; somebody sits before this one and can stop it."""


class RunFailed(BookBytesError):
    """The run of a book failed. The message says at which steps and why; so does the Dagster UI."""

    code = RUN_FAILED


def run_book(settings: Settings, isbn: ISBN) -> list[str]:
    """Make one book, showing progress; returns what its checks warn of. Raises `RunFailed` with the reasons."""
    definitions = build_definitions(settings)
    run_id = str(uuid4())
    with open_instance(settings) as instance, exclusive_book(settings, instance, isbn):
        add_isbn(instance, isbn)
        with show_progress(instance, run_id):
            result = definitions.resolve_job_def(JOB).execute_in_process(
                instance=instance,
                run_id=run_id,
                partition_key=isbn,
                run_config=_LOUD if settings.debug else _QUIET,
                tags=_tags(definitions),
                raise_on_error=False,
            )
        if _was_interrupted(result):
            instance.report_run_canceled(result.dagster_run, message="Stopped by Ctrl-C.")
            raise KeyboardInterrupt
    if not result.success:
        raise RunFailed(" ".join(_reasons(result)) or f"The run of {isbn} failed; see run {run_id} in the Dagster UI.")
    evaluations = result.get_asset_check_evaluations()
    return [check.description for check in evaluations if not check.passed and check.description]


def _tags(definitions: dg.Definitions) -> dict[str, str]:
    resources = definitions.resources or {}
    recipe = book_fingerprint(resources["language_model"].recipe, resources["narrator"].recipe)
    return {
        SOURCE_TAG: FOREGROUND,
        PRIORITY_TAG: PEOPLE_PRIORITY,
        RECIPE_TAG: recipe,
        "dagster/max_runtime": DAY,
        "dagster/max_retries": "0",  # by the daemon, with its own settings: a killed demo would come back as gTTS
    }


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Dagster takes the signal for itself and calls a run that nobody cancelled in its UI a failed one."""
    failures = result.filter_events(lambda event: event.is_step_failure)
    errors = [event.step_failure_data.error for event in failures]
    return any(error is not None and error.cls_name == "DagsterExecutionInterruptedError" for error in errors)


def _reasons(result: dg.ExecuteInProcessResult) -> list[str]:
    """Why each failed step failed, each reason once."""
    failures = (event.step_failure_data for event in result.filter_events(lambda event: event.is_step_failure))
    return list(dict.fromkeys(map(_reason, failures)))


def _reason(failure: "dg.StepFailureData") -> str:
    """The sentence of the failed asset; else of our own error that Dagster wrapped; else of the first cause."""
    told = failure.user_failure_data
    if told is not None and told.description and ERROR_CODE in told.metadata:
        return str(told.description)
    messages = list(_messages(failure.error))
    ours = next((message for message in messages if message.startswith(errors.__name__)), None)
    return re.sub(r"^[\w.]+: ", "", ours).strip() if ours else f"Unexpected {messages[-1].strip()}"


def _messages(error: Any) -> Iterator[str]:
    """The messages of an error as Dagster keeps it and of its causes: `module.Class: sentence`."""
    while error is not None:
        yield str(error.message)
        error = error.cause
