"""What is read of the library and of Dagster for one scrape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.queries import numbers_by_outcome, unfinished
from bookbytes_api.runs.reader import Runs
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.provider_usage import ProviderUsage
from bookbytes_pipeline.library.usage import total_usage


@dataclass(frozen=True)
class InLibrary:
    """How many jobs ended how, the jobs that have not ended, and what providers were asked since the library began."""

    ended: Mapping[str, int]
    unfinished: Sequence[JobRow]
    consumption: ProviderUsage


@dataclass(frozen=True)
class InDagster:
    """How many runs wait and are in flight, whoever asked for them, and where the runs of unfinished jobs stand."""

    queued: int
    in_flight: int
    states: Mapping[str, RunState]


def in_library(database: Database) -> InLibrary:
    """What is there now; raises `LibraryUnavailable`."""
    with database.session() as session:
        ended = {outcome: number for outcome, number in session.execute(numbers_by_outcome()) if outcome}
        return InLibrary(ended, session.scalars(unfinished()).all(), total_usage(session))


def in_dagster(runs: Runs, jobs: Sequence[JobRow]) -> InDagster:
    """What is there now, with the runs of these jobs; raises `DagsterUnavailable`."""
    queued, in_flight = runs.numbers()
    run_ids = {job.run_id for job in jobs if job.run_id and job.submitted_at}
    return InDagster(queued, in_flight, runs.states(run_ids) if run_ids else {})
