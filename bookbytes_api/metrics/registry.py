"""Where all figures of one application come together."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from bookbytes_api.metrics.bounded_call import BoundedCall
from bookbytes_api.metrics.families import families
from bookbytes_api.metrics.samples import InDagster, InLibrary, in_dagster, in_library
from bookbytes_api.runs.reader import Runs
from bookbytes_pipeline.db.database import Database


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
        self._look_at_library = BoundedCall[InLibrary]("library")
        self._look_at_dagster = BoundedCall[InDagster]("dagster")

    def collect(self) -> Iterable[Metric]:
        """The families as they stand now."""
        database = self._look_at_library(partial(in_library, self._database))
        unfinished = database.unfinished if database else ()
        dagster = self._look_at_dagster(partial(in_dagster, self._runs, unfinished))
        return families(database, dagster, datetime.now(UTC))
