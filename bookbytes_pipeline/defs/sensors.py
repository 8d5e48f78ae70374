"""A sensor that tells a webhook which runs failed; an example, off until an operator switches it on."""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import dagster as dg
from pydantic import SecretStr

from bookbytes_pipeline.constants import BOOK_FILE_JOB, ERROR_CODE, TITLE_TAG, WILL_RETRY_TAG
from bookbytes_pipeline.domain.errors import Unavailable

WEBHOOK_TIMEOUT_S = 5
"""Dagster evaluates at most five failed runs in one tick, which may take a minute."""
MAX_TEXT_CHARS = 1500


def failure_webhook(url: SecretStr | None) -> dg.SensorDefinition:
    """Return the sensor that posts `{"text": ...}`, as Slack and others accept it, for each run that failed for good.

    Each run is posted once: when the webhook does not answer, the tick fails, and Dagster goes on with the next run.
    """

    @dg.run_failure_sensor(
        name="failure_webhook",
        description="Posts each failed run to FAILURE_WEBHOOK_URL, unless Dagster retries it.",
        default_status=dg.DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=30,
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        if url is None:
            return dg.SkipReason("Set FAILURE_WEBHOOK_URL, then restart the code server.")
        if context.dagster_run.tags.get(WILL_RETRY_TAG) == "true":
            return None  # a SkipReason beside a run that was posted fails the tick, and Dagster forgets its cursor
        _post(url.get_secret_value(), failure_text(context))
        return None

    return sensor


def failure_text(context: dg.RunFailureSensorContext) -> str:
    """Return what failed, and why: the sentences of failed assets that are meant for people, else Dagster's message."""
    failures = [event.step_failure_data.user_failure_data for event in context.get_step_failure_events()]
    reasons = [failure.description for failure in failures if failure and ERROR_CODE in failure.metadata]
    title = context.dagster_run.tags.get(TITLE_TAG)
    made = "A file of book" if context.dagster_run.job_name == BOOK_FILE_JOB else "Book"
    book = f"{made} {context.partition_key}" + (f" ({title})" if title else "")
    subject = book if context.partition_key else f"Job {context.dagster_run.job_name}"
    reason = " ".join(filter(None, reasons)) or "See the run in the Dagster UI."
    return f"{subject} failed: {reason} Run {context.dagster_run.run_id}."[:MAX_TEXT_CHARS]


def _post(url: str, text: str) -> None:
    """Post the text. An address with a token in it must not be logged, so no error may quote it."""
    request = Request(  # noqa: S310 - the setting's type lets http and https pass only
        url, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with build_opener(_NoRedirects).open(request, timeout=WEBHOOK_TIMEOUT_S):
            return
    except HTTPError as error:
        fault = f"answered {error.code}"
    except (OSError, ValueError, HTTPException) as error:
        fault = f"did not answer ({type(error).__name__})"
    raise Unavailable(f"The webhook at FAILURE_WEBHOOK_URL {fault}.")


class _NoRedirects(HTTPRedirectHandler):
    """A redirected POST would arrive as a GET, without the text, and look like a success."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None
