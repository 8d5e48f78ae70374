"""Dagster's program, with forked runs: `python -m bookbytes_pipeline.processes.grpc_server api grpc ...`."""

from importlib.metadata import entry_points

from bookbytes_pipeline.garbage_collection import collect_less_often
from bookbytes_pipeline.processes.forked_runs import fork_spawned_processes


def main() -> None:
    """Serve until Dagster's program ends; it reads the arguments."""
    collect_less_often()
    fork_spawned_processes()
    [dagster] = entry_points(group="console_scripts", name="dagster")
    dagster.load()()


if __name__ == "__main__":
    main()
