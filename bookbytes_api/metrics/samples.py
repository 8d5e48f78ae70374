"""What is read from the database and from Dagster for one scrape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.outcome import submitted_run_ids
from bookbytes_api.jobs.queries import counts_by_outcome, unfinished
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.provider_usage import ProviderUsage
from bookbytes_pipeline.library.usage import total_usage


@dataclass(frozen=True)
class DatabaseSample:
    """How many jobs have ended with each outcome, the unfinished jobs, and the usage of providers since the start."""

    ended: Mapping[str, int]
    unfinished: Sequence[Job]
    usage: ProviderUsage


@dataclass(frozen=True)
class DagsterSample:
    """How many runs wait and are in progress, with or without jobs, and the states of the unfinished jobs' runs."""

    queued: int
    in_progress: int
    states: Mapping[str, RunState]


def sample_database(database: Database) -> DatabaseSample:
    """Read the database; raises `LibraryUnavailable`."""
    with database.session() as session:
        ended = {outcome: number for outcome, number in session.execute(counts_by_outcome()) if outcome}
        jobs = [Job.from_row(row) for row in session.scalars(unfinished())]
        return DatabaseSample(ended, jobs, total_usage(session))


def sample_dagster(runs: RunReader, jobs: Sequence[Job]) -> DagsterSample:
    """Read Dagster, with the runs of these jobs; raises `DagsterUnavailable`."""
    queued, in_progress = runs.counts()
    return DagsterSample(queued, in_progress, runs.states(submitted_run_ids(jobs)))
