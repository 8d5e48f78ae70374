"""Where all figures of one application come together."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import structlog
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from bookbytes_api.metrics.families import families
from bookbytes_api.metrics.samples import InDagster, InLibrary, in_dagster, in_library
from bookbytes_api.runs.reader import Runs
from bookbytes_api.web.bounded_call import BoundedCall
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError

ResultT = TypeVar("ResultT")

SAMPLE_TIMEOUT_S = 2.0
"""For each of the two; Prometheus gives a whole scrape ten seconds, unless configured otherwise."""


def new_registry(database: Database, runs: Runs) -> CollectorRegistry:
    """The figures of this process, and those that are read from library and Dagster at each scrape."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(Records(database, runs))
    return registry


class Records(Collector):
    """What library and Dagster have on record. A part that is away costs its own figures and no others."""

    def __init__(self, database: Database, runs: Runs) -> None:
        self._database, self._runs = database, runs
        self._call_database = BoundedCall[InLibrary]("metrics-library", SAMPLE_TIMEOUT_S)
        self._call_dagster = BoundedCall[InDagster]("metrics-dagster", SAMPLE_TIMEOUT_S)

    def collect(self) -> Iterable[Metric]:
        """The families as they stand now."""
        database = _if_available(self._call_database, partial(in_library, self._database))
        unfinished = database.unfinished if database else ()
        dagster = _if_available(self._call_dagster, partial(in_dagster, self._runs, unfinished))
        return families(database, dagster, datetime.now(UTC))


def _if_available(call: BoundedCall[ResultT], read: Callable[[], ResultT]) -> ResultT | None:
    """Return what `read` returns; None if it fails, or takes too long."""
    try:
        return call(read)
    except (BookBytesError, TimeoutError):
        return None
    except Exception:  # noqa: BLE001 - whatever is wrong with one of the two, the samples of the other are shown
        structlog.get_logger().exception("samples cannot be read")
        return None
