"""One book as one Dagster run in this process, recorded in the instance that the Dagster UI shows."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import dagster as dg

from bookbytes_pipeline.cli.partial_run import PartialRun
from bookbytes_pipeline.cli.progress import show_progress
from bookbytes_pipeline.constants import (
    ERROR_CODE,
    FOREGROUND,
    JOB,
    MAX_RETRIES_TAG,
    PRIORITY_TAG,
    RECIPE_TAG,
    RUN_FAILED,
    SOURCE_TAG,
    USER_PRIORITY,
)
from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.domain import errors
from bookbytes_pipeline.domain.book_choices import NO_CHOICES, BookChoices
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.instance.book_lock import exclusive_book
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.run_tags import choice_tags
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.writing.fingerprints import book_fingerprint

_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LOUD: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "DEBUG"}}}}

MAX_RUNTIME_S = "86400"
"""A day. The instance stops runs after two hours, but somebody is watching this one and can stop it."""


class RunFailed(BookBytesError):
    """The run of a book failed. The message says at which steps and why; so does the Dagster UI."""

    code = RUN_FAILED


def run_book(
    settings: Settings, isbn: ISBN, choices: BookChoices = NO_CHOICES, rerun: PartialRun | None = None
) -> list[str]:
    """Process one book, showing progress; returns the warnings of its checks. Raises `RunFailed` with the reasons.

    What `choices` leaves open stays as it was chosen for the book before, or is as usual. A `rerun` makes only a part.
    """
    definitions = build_definitions(settings)
    run_id = str(uuid4())
    with open_instance(settings) as instance, exclusive_book(settings, instance, isbn):
        add_isbn(instance, isbn)
        tags = _tags(definitions) | choice_tags(choices) | (rerun.tags(instance, isbn) if rerun else {})
        with show_progress(instance, run_id):
            result = definitions.resolve_job_def(JOB).execute_in_process(
                instance=instance,
                run_id=run_id,
                partition_key=isbn,
                run_config=(_LOUD if settings.debug else _QUIET) | (rerun.run_config if rerun else {}),
                tags=tags,
                asset_selection=[dg.AssetKey(name) for name in rerun.assets] if rerun else None,
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
    recipe = book_fingerprint(resources["language_model"].fingerprint, resources["narrator"].fingerprint)
    return {
        SOURCE_TAG: FOREGROUND,
        PRIORITY_TAG: USER_PRIORITY,
        RECIPE_TAG: recipe,
        "dagster/max_runtime": MAX_RUNTIME_S,
        MAX_RETRIES_TAG: "0",  # by the daemon, with its own settings: a killed demo would be retried with gTTS
    }


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Dagster handles the signal itself, and records a run that was not cancelled in its UI as failed."""
    failures = result.filter_events(lambda event: event.is_step_failure)
    errors = [event.step_failure_data.error for event in failures]
    return any(error is not None and error.cls_name == "DagsterExecutionInterruptedError" for error in errors)


def _reasons(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return why each failed step failed, each reason once."""
    failures = (event.step_failure_data for event in result.filter_events(lambda event: event.is_step_failure))
    return list(dict.fromkeys(map(_reason, failures)))


def _reason(failure: "dg.StepFailureData") -> str:
    """Return the message of the failed asset, else of our own error that Dagster wrapped, else of the root cause."""
    user_failure = failure.user_failure_data
    if user_failure is not None and user_failure.description and ERROR_CODE in user_failure.metadata:
        return str(user_failure.description)
    messages = list(_messages(failure.error))
    ours = next((message for message in messages if message.startswith(errors.__name__)), None)
    return re.sub(r"^[\w.]+: ", "", ours).strip() if ours else f"Unexpected {messages[-1].strip()}"


def _messages(error: Any) -> Iterator[str]:
    """Yield the messages of a serialized Dagster error and of its causes: `module.Class: message`."""
    while error is not None:
        yield str(error.message)
        error = error.cause
