"""What Prometheus scrapes, read by Prometheus' own parsers."""

import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from bookbytes_api.__main__ import main
from bookbytes_api.app import create_app, services_of
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.metrics.families import families
from bookbytes_api.metrics.samples import DagsterSample, DatabaseSample
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.domain.provider_usage import CallBucket, CallCount, Outcome, ProviderUsage, SpendingKey, Unit
from bookbytes_pipeline.library.usage import add_usage
from bookbytes_pipeline.processes.ports import AddressInUse
from bookbytes_pipeline.processes.serve.addresses import require_free_ports
from tests.api.client import Api, User, free_port, offline_settings, serving_api, serving_live, wait_for
from tests.api.job_values import NOW, new_job

PROCESS = "/api/v1/books/process"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
USED = ProviderUsage(
    {
        CallBucket("openai", "gpt", Outcome.OK, 30.0): CallCount(1, 20.0),
        CallBucket("openai", "gpt", Outcome.OK, 0.5): CallCount(2, 0.75),
        CallBucket("openai", "gpt", Outcome.REFUSED, 0.1): CallCount(1, 0.0625),
    },
    {SpendingKey("openai", "gpt", Unit.INPUT_TOKENS): 5_000_000_000},
)

Parse = Callable[[str], Iterable[Metric]]


class Samples:
    """Samples by name and labels."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for metric in metrics
            for sample in metric.samples
        }

    def one(self, name: str, **labels: str) -> float | None:
        """The sample of BookBytes with exactly these labels."""
        return self._samples.get((f"bookbytes_{name}", frozenset(labels.items())))

    def by(self, label: str, name: str, **labels: str) -> Mapping[str, float]:
        """The samples that have these labels, by the value of another label."""
        return {
            dict(sample_labels)[label]: value
            for (sample_name, sample_labels), value in self._samples.items()
            if sample_name == f"bookbytes_{name}" and sample_labels >= labels.items()
        }

    @property
    def names(self) -> set[str]:
        """The names of all samples."""
        return {name for name, _ in self._samples}


def read(api: Api) -> Samples:
    """What a scrape would return."""
    registry = services_of(api.app).metrics
    assert registry is not None
    return Samples(plain_text(generate_latest(registry).decode()))


def scraped(api: Api, accept: str = "text/plain", parse: Parse = plain_text) -> Samples:
    """What a scrape returns."""
    answer = httpx.get(f"http://127.0.0.1:{api.settings.metrics_port}/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(accept.partition(";")[0])
    return Samples(parse(answer.text))


@pytest.fixture
def measured(tmp_path: Path, database_url: str) -> Iterator[Api]:
    """The API of an empty library, with metrics, on each kind of database; no runs are executed."""
    with serving_api(offline_settings(tmp_path / "home", database_url, metrics_port=free_port())) as running:
        yield running


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, dagster_home: Path) -> Iterator[Api]:
    """The API behind its server, which serves metrics on a separate port."""
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("DAGSTER_HOME", str(dagster_home))
        settings = offline_settings(tmp_path_factory.mktemp("home"), metrics_port=free_port())
        yield stack.enter_context(serving_live(settings))


@pytest.fixture(scope="module")
def reader(live: Api) -> User:
    """A user of it."""
    return live.user()


def test_the_library_is_measured(measured: Api) -> None:
    """Jobs by the state that users see, and the usage of providers by all workers together."""
    ada = measured.user()
    measured.ask("POST", PROCESS, ada, json={"isbn": "9780306406157"})
    with measured.database.session() as session:
        add_usage(session, USED)
        for number, outcome in enumerate(("completed", "completed", "failed")):
            session.add(JobRow(user_id=UUID(ada.id), isbn=f"978030640610{number}", request_id="r", outcome=outcome))

    # opening Dagster takes a moment
    samples = wait_for(lambda: (now := read(measured)).one("up", part="dagster") and now)

    states = {"completed": 2, "failed": 1, "cancelled": 0, "pending": 1, "processing": 0}
    assert states == samples.by("state", "jobs")
    assert {"library": 1, "dagster": 1} == samples.by("part", "up")
    assert {"queued": 0, "in_flight": 0} == samples.by("state", "runs")
    assert {"ok": 3, "unavailable": 0, "refused": 1} == samples.by(
        "outcome", "provider_calls_total", provider="openai", model="gpt"
    )
    assert {"input_tokens": 5_000_000_000} == samples.by("unit", "provider_spent_total", provider="openai", model="gpt")


def test_seconds_of_calls_are_a_histogram() -> None:
    """Each bucket counts the calls up to its bound, the last one all; every bound has a bucket, also without calls."""
    samples = Samples(families(DatabaseSample({}, (), USED), None, NOW))

    ok = {"provider": "openai", "model": "gpt", "outcome": "ok"}
    buckets = samples.by("le", "provider_call_duration_seconds_bucket", **ok)
    assert [0] * 2 + [2] * 5 + [3] * 5 == list(buckets.values())
    assert ["0.1", "0.25", "0.5", "+Inf"] == [*list(buckets)[:3], list(buckets)[-1]]
    assert (3, 20.75) == (
        samples.one("provider_call_duration_seconds_count", **ok),
        samples.one("provider_call_duration_seconds_sum", **ok),
    )


def test_a_job_has_the_state_of_its_run() -> None:
    """It is processing once its run has started; the age of the queue is that of the oldest job that waits."""
    hour, day = NOW - timedelta(hours=1), NOW - timedelta(days=1)
    running, waiting = replace(new_job("a"), created_at=day), replace(new_job("b"), created_at=hour)
    retried = replace(new_job("c"), created_at=day, attempt=2)
    states = {"a": RunState(("a",), RunStatus.RUNNING, day, None), "b": RunState(("b",), RunStatus.WAITING, None, None)}
    database = DatabaseSample({}, (running, waiting, retried), ProviderUsage())

    samples = Samples(families(database, DagsterSample(2, 1, states), NOW))

    assert {"pending": 2, "processing": 1}.items() <= samples.by("state", "jobs").items()
    assert {"queued": 2, "in_flight": 1} == samples.by("state", "runs")
    assert 3600 == samples.one("oldest_queued_job_age_seconds")


def test_a_job_whose_run_is_over_counts_as_ended() -> None:
    """As users see it, although its row does not say so yet; it is added to those whose rows do."""
    states = {"a": RunState(("a",), RunStatus.FAILED, NOW, NOW), "b": RunState(("b",), RunStatus.SUCCEEDED, NOW, NOW)}
    database = DatabaseSample({"failed": 3}, (new_job("a"), new_job("b")), ProviderUsage())

    samples = Samples(families(database, DagsterSample(0, 0, states), NOW))

    expected = {"failed": 4, "completed": 1, "cancelled": 0, "pending": 0, "processing": 0}
    assert expected == samples.by("state", "jobs")


def test_without_dagster_the_state_of_unfinished_jobs_is_unknown() -> None:
    """They are omitted then, and ended jobs are counted as before."""
    samples = Samples(families(DatabaseSample({"failed": 3}, (new_job("b"),), USED), None, NOW))

    assert {"completed": 0, "failed": 3, "cancelled": 0} == samples.by("state", "jobs")
    assert {"library": 1, "dagster": 0} == samples.by("part", "up")
    assert samples.one("oldest_queued_job_age_seconds") is None


def test_an_unavailable_library_costs_only_its_own_samples(tmp_path: Path) -> None:
    """The scrape reports it, and returns the rest."""
    unavailable = "postgresql+psycopg://reader:geheim@127.0.0.1:1/library"
    with serving_api(offline_settings(tmp_path, unavailable, metrics_port=free_port())) as api:
        api.ask("GET", "/health/live")
        samples = wait_for(lambda: (now := read(api)).one("up", part="dagster") and now)

    assert {"library": 0, "dagster": 1} == samples.by("part", "up")
    assert {"queued": 0, "in_flight": 0} == samples.by("state", "runs")
    assert {"200": 1} == samples.by("status", "http_requests_total", path="/health/live")
    assert {"process_open_fds", "python_info"} <= samples.names
    assert not {"bookbytes_jobs", "bookbytes_oldest_queued_job_age_seconds"} & samples.names


def test_requests_are_measured_by_route(live: Api, reader: User) -> None:
    """Never by path, of which there is an unlimited number; all requests that no route matches are one series."""
    for path in (
        "/api/v1/jobs/7b2e6b3c-8a43-4c7e-9a55-0f6f5d6f1a11",
        "/api/v1/jobs/0b2e6b3c-8a43-4c7e-9a55-0f6f5d6f1a11",
    ):
        live.ask("GET", path, reader)
    for path in ("/wp-login.php", "/.env"):
        live.ask("GET", path)
    live.ask("PATCH", "/api/v1/books", reader)

    for samples in (scraped(live), scraped(live, OPEN_METRICS, open_metrics)):
        assert {"404": 2} == samples.by("status", "http_requests_total", method="GET", path="/api/v1/jobs/{job_id}")
        assert {"404": 2} == samples.by("status", "http_requests_total", method="GET", path="unmatched")
        assert {"405": 1} == samples.by("status", "http_requests_total", method="PATCH", path="unmatched")
        route = {"method": "GET", "path": "/api/v1/jobs/{job_id}"}
        assert 2 == samples.one("http_request_duration_seconds_count", **route)
        assert 2 == samples.one("http_request_duration_seconds_bucket", **route, le="+Inf")


def test_an_event_stream_is_measured_when_it_begins(live: Api, reader: User) -> None:
    """It lasts as long as a book takes to process, which says nothing about the API."""
    job = live.ask("POST", PROCESS, reader, json={"isbn": "9780306406157"}).json()["job_id"]
    route = {"method": "GET", "path": "/api/v1/jobs/{job_id}/events"}

    with live.client.stream("GET", f"/api/v1/jobs/{job}/events", headers=reader.headers) as stream:
        next(stream.iter_lines())
        samples = scraped(live)

    assert {"200": 1} == samples.by("status", "http_requests_total", **route)
    assert 1 == samples.one("http_request_duration_seconds_count", **route)


def test_the_port_is_closed_when_the_server_has_stopped(tmp_path: Path) -> None:
    """And as soon as the API responds to users, it responds to scrapes."""
    with serving_live(offline_settings(tmp_path, metrics_port=free_port())) as api:
        assert wait_for(lambda: {"library": 1, "dagster": 1} == scraped(api).by("part", "up"))

    with pytest.raises(httpx.ConnectError):
        scraped(api)


def test_without_a_port_nothing_is_measured(tmp_path: Path) -> None:
    """The application is the same as if there were no metrics."""
    app = create_app(offline_settings(tmp_path))

    assert (None, True) == (services_of(app).metrics, app.asgi_handler.__module__.startswith("litestar."))


@pytest.fixture
def _own_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_own_signals")
def test_a_port_in_use_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sentence, and nothing is started."""
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = {"PORT": free_port(), "METRICS_PORT": port, "BOOKBYTES_HOME": tmp_path, "LOG_LEVEL": "ERROR"}
        for name, value in environment.items():
            monkeypatch.setenv(name, str(value))

        with pytest.raises(SystemExit) as ended:
            main()

    expected = (
        f"bookbytes: Port {port} is in use already. Stop what listens there, or set METRICS_PORT to another port."
    )
    assert expected == ended.value.code


def test_metrics_need_a_port_of_their_own(tmp_path: Path) -> None:
    """`bookbytes serve` says so before it starts anything."""
    port = free_port()
    names = ("dagster_ui_port", "dagster_grpc_port")
    settings = offline_settings(tmp_path, port=port, metrics_port=port, **{name: free_port() for name in names})

    with pytest.raises(AddressInUse, match="METRICS_PORT"):
        require_free_ports(settings)
