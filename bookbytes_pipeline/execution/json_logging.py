"""Log lines of a process that executes runs, as JSON: each says which run, job, book and step it is about."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import structlog
from structlog.typing import EventDict, WrappedLogger

from bookbytes_pipeline.constants import CHAPTER, DONE, ERROR_CODE, JOB_TAG, PARTITION_TAG, REQUEST_TAG, TOTAL

Kind = dg.DagsterEventType
Worth = Callable[[logging.LogRecord], bool]

_MILESTONES = {
    Kind.RUN_START,
    Kind.RUN_SUCCESS,
    Kind.RUN_CANCELED,
    Kind.STEP_START,
    Kind.STEP_SUCCESS,
    Kind.ASSET_OBSERVATION,
}
"""Told with level "debug", like everything that is no failure. An observation is a finished chapter."""
_TAGS = {"job_id": JOB_TAG, "request_id": REQUEST_TAG, "isbn": PARTITION_TAG}
_METADATA = (ERROR_CODE, CHAPTER, DONE, TOTAL)
_ABOUT = "dagster_meta"
"""The attribute of a log record in which Dagster says what it is about; its own JSON logger prints it."""


def log_as_json(level: str) -> None:
    """From now on each line that this process logs, from `level` upwards and of libraries warnings, is a JSON object.

    Keys: `timestamp`, `level`, `event`, `logger`; once it executes a run also `run_id`, `job_id`, `request_id`, `isbn`
    and `step`, as far as there are such; of Dagster's events `kind`; of a finished chapter `chapter`, `done` and
    `total`; of failures `code` and `exception`.

    A run that is launched without a word about loggers, as most are, gets a coloured one from Dagster, whatever the
    definitions or `dagster.yaml` say. But that is an object of Python's logger class, and which one that is may be set.
    """
    formatter, worth = _formatter(), _worth(logging.getLevelNamesMapping()[level])

    class JsonLogger(logging.Logger):
        """A logger that writes JSON, whatever it is told to write."""

        def addHandler(self, hdlr: logging.Handler) -> None:  # noqa: N802 - the name that logging gave it
            if isinstance(hdlr, logging.StreamHandler):
                _adapt(hdlr, formatter, worth)
            super().addHandler(hdlr)

    logging.setLoggerClass(JsonLogger)
    _take_over_libraries(formatter, worth)


def _take_over_libraries(formatter: logging.Formatter, worth: Worth) -> None:
    """What libraries log and warn of, and the code server itself, in the same form."""

    def untold(record: logging.LogRecord) -> bool:
        return worth(record) and not hasattr(record, _ABOUT)  # else the run's own logger has told it

    handler = logging.StreamHandler()
    _adapt(handler, formatter, untold)
    logging.basicConfig(handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    dagster = logging.getLogger("dagster")
    for own in dagster.handlers:
        _adapt(own, formatter, untold)
    dagster.propagate = not dagster.handlers


def _adapt(handler: logging.Handler, formatter: logging.Formatter, worth: Worth) -> None:
    handler.setFormatter(formatter)
    handler.addFilter(worth)


def _worth(level: int) -> Worth:
    """Whether a record is worth a line; the milestones of a run are raised to "info"."""

    def worth(record: logging.LogRecord) -> bool:
        event = getattr(record, _ABOUT, {}).get("dagster_event")
        if event is not None and event.event_type in _MILESTONES and record.levelno < logging.INFO:
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return record.levelno >= level

    return worth


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Whereabouts(),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )


@dataclass
class _Whereabouts:
    """Adds what Dagster said last of the run. A library knows nothing of runs, and a process executes one at a time."""

    known: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        about = getattr(line["_record"], _ABOUT, None)
        if about is None:
            return {**line, **self.known}
        found = {"run_id": about["run_id"], "step": about["step_key"]}
        found |= {name: about["job_tags"].get(tag) for name, tag in _TAGS.items()}
        self.known = {name: value for name, value in found.items() if value}
        told = _told(about["dagster_event"]) if about["dagster_event"] else {}
        return {**line, "event": about["orig_message"], **self.known, **told}


def _told(event: dg.DagsterEvent) -> dict[str, Any]:
    data = event.event_specific_data
    told: dict[str, Any] = {"kind": event.event_type_value}
    if (error := getattr(data, "error", None)) and not getattr(data, "first_step_failure_event", None):
        told["exception"] = error.to_string()
    source = getattr(data, "asset_observation", None) or getattr(data, "user_failure_data", None)
    metadata = source.metadata if source else {}
    return told | {name: metadata[name].value for name in _METADATA if name in metadata}
