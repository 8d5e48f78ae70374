"""Where all figures of one application come together."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from bookbytes_api.metrics.bounded_call import Look
from bookbytes_api.metrics.families import families
from bookbytes_api.metrics.samples import InDagster, InLibrary, in_dagster, in_library
from bookbytes_api.runs.reader import Runs
from bookbytes_pipeline.db.database import Library


def new_registry(library: Library, runs: Runs) -> CollectorRegistry:
    """The figures of this process, and those that are read from library and Dagster at each scrape."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(Records(library, runs))
    return registry


class Records(Collector):
    """What library and Dagster have on record. A part that is away costs its own figures and no others."""

    def __init__(self, library: Library, runs: Runs) -> None:
        self._library, self._runs = library, runs
        self._look_at_library = Look[InLibrary]("library")
        self._look_at_dagster = Look[InDagster]("dagster")

    def collect(self) -> Iterable[Metric]:
        """The families as they stand now."""
        library = self._look_at_library(partial(in_library, self._library))
        unfinished = library.unfinished if library else ()
        dagster = self._look_at_dagster(partial(in_dagster, self._runs, unfinished))
        return families(library, dagster, datetime.now(UTC))
