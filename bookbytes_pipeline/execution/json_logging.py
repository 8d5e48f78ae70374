"""Log lines of a process that executes runs, as JSON: each says which run, job, book and step it is about."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import structlog
from structlog.typing import EventDict, WrappedLogger

from bookbytes_pipeline.constants import CHAPTER, DONE, ERROR_CODE, JOB_TAG, PARTITION_TAG, REQUEST_TAG, TOTAL

EventType = dg.DagsterEventType
LogFilter = Callable[[logging.LogRecord], bool]

_MILESTONES = {
    EventType.RUN_START,
    EventType.RUN_SUCCESS,
    EventType.RUN_CANCELED,
    EventType.STEP_START,
    EventType.STEP_SUCCESS,
    EventType.ASSET_OBSERVATION,
}
"""Dagster logs them as "debug", like everything that is no failure. An observation is a finished chapter."""
_TAGS = {"job_id": JOB_TAG, "request_id": REQUEST_TAG, "isbn": PARTITION_TAG}
_METADATA = (ERROR_CODE, CHAPTER, DONE, TOTAL)
_DAGSTER_META = "dagster_meta"
"""The attribute of a log record in which Dagster says what it is about; its own JSON logger prints it."""


def log_as_json(level: str) -> None:
    """From now on, print what this process logs from `level` upwards, and warnings of libraries, as JSON objects.

    Keys: `timestamp`, `level`, `event`, `logger`; while a run is executed also `run_id`, `job_id`, `request_id`, `isbn`
    and `step`, where known; for Dagster's events `kind`; for a finished chapter `chapter`, `done` and `total`; for
    failures `code` and `exception`.

    A run that is launched without a logger configuration, as most are, gets a coloured logger from Dagster, whatever
    the definitions or `dagster.yaml` say. But Dagster creates it with Python's logger class, which can be replaced.
    """
    formatter, is_logged = _formatter(), _level_filter(logging.getLevelNamesMapping()[level])

    class JsonLogger(logging.Logger):
        """A logger that prints JSON, whatever formatter its handlers are given."""

        def addHandler(self, hdlr: logging.Handler) -> None:  # noqa: N802 - named by logging
            if isinstance(hdlr, logging.StreamHandler):
                _adapt(hdlr, formatter, is_logged)
            super().addHandler(hdlr)

    logging.setLoggerClass(JsonLogger)
    _adapt_libraries(formatter, is_logged)


def _adapt_libraries(formatter: logging.Formatter, is_logged: LogFilter) -> None:
    """Print what libraries and the code server log, and Python's warnings, in the same form."""

    def is_new(record: logging.LogRecord) -> bool:
        return is_logged(record) and not hasattr(record, _DAGSTER_META)  # else the run's own logger has printed it

    handler = logging.StreamHandler()
    _adapt(handler, formatter, is_new)
    logging.basicConfig(handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    dagster = logging.getLogger("dagster")
    for own in dagster.handlers:
        _adapt(own, formatter, is_new)
    dagster.propagate = not dagster.handlers


def _adapt(handler: logging.Handler, formatter: logging.Formatter, log_filter: LogFilter) -> None:
    handler.setFormatter(formatter)
    handler.addFilter(log_filter)


def _level_filter(level: int) -> LogFilter:
    """Return a filter for records from `level` upwards; it raises the milestones of a run to "info"."""

    def is_logged(record: logging.LogRecord) -> bool:
        event = getattr(record, _DAGSTER_META, {}).get("dagster_event")
        if event is not None and event.event_type in _MILESTONES and record.levelno < logging.INFO:
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return record.levelno >= level

    return is_logged


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _RunContext(),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )


@dataclass
class _RunContext:
    """Adds the run that Dagster mentioned last: libraries know no runs, and a process executes one at a time."""

    known: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        meta = getattr(line["_record"], _DAGSTER_META, None)
        if meta is None:
            return {**line, **self.known}
        found = {"run_id": meta["run_id"], "step": meta["step_key"]}
        found |= {name: meta["job_tags"].get(tag) for name, tag in _TAGS.items()}
        self.known = {name: value for name, value in found.items() if value}
        event_fields = _event_fields(meta["dagster_event"]) if meta["dagster_event"] else {}
        return {**line, "event": meta["orig_message"], **self.known, **event_fields}


def _event_fields(event: dg.DagsterEvent) -> dict[str, Any]:
    data = event.event_specific_data
    fields: dict[str, Any] = {"kind": event.event_type_value}
    if (error := getattr(data, "error", None)) and not getattr(data, "first_step_failure_event", None):
        fields["exception"] = error.to_string()
    source = getattr(data, "asset_observation", None) or getattr(data, "user_failure_data", None)
    metadata = source.metadata if source else {}
    return fields | {name: metadata[name].value for name in _METADATA if name in metadata}
