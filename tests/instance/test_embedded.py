"""The Dagster instance that comes with BookBytes."""

from pathlib import Path

import pytest

from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.settings import load_settings


def test_the_embedded_instance_follows_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Concurrency and maximum run time follow the settings, also when those change."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    limits = []
    for jobs, seconds in ((4, 7200), (2, 900)):
        settings = load_settings(
            _env_file=None, bookbytes_home=tmp_path, worker_max_jobs=jobs, worker_job_timeout=seconds
        )
        with open_instance(settings) as instance:
            queue = instance.get_concurrency_config().run_queue_config
            assert queue
            limits.append((queue.max_concurrent_runs, instance.run_monitoring_max_runtime_seconds))

    assert [(4, 7200), (2, 900)] == limits
