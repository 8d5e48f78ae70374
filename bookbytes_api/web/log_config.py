"""Log lines: JSON for machines, colours for people."""

import logging
import sys
from typing import Any

import structlog
from litestar.logging.config import LoggingConfig, StructLoggingConfig
from litestar.plugins.structlog import StructlogConfig, StructlogPlugin

from bookbytes_pipeline.settings import Settings


def logging_plugin(settings: Settings) -> StructlogPlugin:
    """Litestar's structlog plugin. Requests are logged by `LoggedApp`, exceptions where they become problems.

    Tracebacks come without local variables, which may be passwords.
    """
    common: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.logs_as_json
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    return StructlogPlugin(
        StructlogConfig(
            StructLoggingConfig(
                processors=[*common, *renderers],
                wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
                logger_factory=structlog.WriteLoggerFactory(),
                log_exceptions="never",
                standard_lib_logging_config=_libraries(common, renderers),
            ),
            enable_middleware_logging=False,
        )
    )


def _libraries(common: list[Any], renderers: list[Any]) -> LoggingConfig:
    """What libraries warn of, in the same form."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": common,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
    }
    handler = {"class": "logging.StreamHandler", "formatter": "standard", "stream": sys.stdout}
    return LoggingConfig(
        formatters={"standard": formatter},
        handlers={"console": handler, "queue_listener": handler},
        loggers={"litestar": {"level": "WARNING"}},
        root={"level": "WARNING", "handlers": ["console"]},
    )
