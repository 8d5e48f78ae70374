"""The webhook for failed runs: real failed runs, and a real server that accepts, refuses, redirects or is down."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import dagster as dg
import pytest

from bookbytes_pipeline.constants import JOB, TITLE_TAG
from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.settings import Settings
from tests.free_ports import lasting_port

ISBN = "9780804429573"
TOKEN = "T0/B0/not-a-real-token"  # noqa: S105 - of an address that exists only during a test
RETRIED = {"dagster/will_retry": "true"}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Webhook:
    """A server that stores what it received and responds with `status`; a redirect leads to itself."""

    status: int = 200
    received: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address, which is a secret."""
        return f"http://127.0.0.1:{self.port}/services/{TOKEN}"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A webhook on loopback."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((self.path, json.loads(body)))
            self._answer(hook.status)

        def do_GET(self) -> None:
            self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Location", hook.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        yield hook
        server.shutdown()


@dataclass
class Evaluated:
    """The results of the ticks of a sensor."""

    run_id: str
    skipped: str
    errors: list[str]


def _fail_and_evaluate(home: Path, url: str | None, *, runs: Sequence[Mapping[str, str]] = ({},)) -> Evaluated:
    """Evaluate the sensor before runs with these tags fail, which sets its cursor, and twice afterwards."""
    settings = Settings(_env_file=None, bookbytes_home=home, openlibrary_base_url=None, failure_webhook_url=url)  # type: ignore[arg-type,call-arg] # as the environment would
    definitions = build_definitions(settings)
    sensor = definitions.resolve_sensor_def("failure_webhook")
    (home / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(home / "dagster")) as instance:
        add_isbn(instance, ISBN)
        cursor = sensor.evaluate_tick(dg.build_sensor_context(instance=instance)).cursor
        job = definitions.resolve_job_def(JOB)
        for tags in runs:
            failed = job.execute_in_process(
                instance=instance, partition_key=ISBN, tags=tags, run_config=QUIET, raise_on_error=False
            )
        skipped, errors = "", []
        for _ in range(2):
            tick = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=cursor))
            cursor = tick.cursor
            skipped += tick.skip_message or ""
            errors += [reaction.error.to_string() for reaction in tick.dagster_run_reactions or [] if reaction.error]
    return Evaluated(failed.run_id, skipped, errors)


def test_a_failed_book_is_posted_once_with_its_reason(tmp_path: Path, webhook: Webhook) -> None:
    """The message has the book, with its title where the run knew it, the error that users see, and the run."""
    evaluated = _fail_and_evaluate(tmp_path, webhook.url, runs=({}, {TITLE_TAG: "On Rivers"}))

    reason = (
        f"failed: Open Library is switched off (OPENLIBRARY_BASE_URL is empty) and no EPUB of {ISBN} is "
        f"attached: bookbytes attach {ISBN} FILE. There is no text of {ISBN} and no language model that knows books: "
        f"set OPENAI_API_KEY, or attach the book with `bookbytes attach {ISBN} FILE`. Run "
    )
    first, second = (message["text"] for _, message in webhook.received)
    assert [f"/services/{TOKEN}"] * 2 == [path for path, _ in webhook.received]
    assert first.startswith(f"Book {ISBN} {reason}")
    assert f"Book {ISBN} (On Rivers) {reason}{evaluated.run_id}." == second
    assert not evaluated.errors


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_fails_the_tick_and_is_not_called_again(
    tmp_path: Path, webhook: Webhook, status: int
) -> None:
    """The error has the status; a redirect, which would lose the message, is a refusal too."""
    webhook.status = status

    evaluated = _fail_and_evaluate(tmp_path, webhook.url)

    (error,) = evaluated.errors
    assert f"The webhook at FAILURE_WEBHOOK_URL answered {status}." in error
    assert TOKEN not in error
    assert 1 == len(webhook.received)


def test_a_webhook_that_is_down_is_reported_without_its_address(tmp_path: Path) -> None:
    """Such an address often holds a token."""
    evaluated = _fail_and_evaluate(tmp_path, Webhook(port=lasting_port()).url)

    (error,) = evaluated.errors
    assert "The webhook at FAILURE_WEBHOOK_URL did not answer" in error
    assert TOKEN not in error


def test_a_run_that_dagster_retries_is_not_posted(tmp_path: Path, webhook: Webhook) -> None:
    """Its last attempt is posted, if that fails too."""
    _fail_and_evaluate(tmp_path, webhook.url, runs=[RETRIED])

    assert [] == webhook.received


def test_a_retried_run_does_not_hold_up_the_others_of_its_tick(tmp_path: Path, webhook: Webhook) -> None:
    """Those before and after it are posted, each once."""
    evaluated = _fail_and_evaluate(tmp_path, webhook.url, runs=[{}, RETRIED, {}])

    assert 2 == len(webhook.received)
    assert evaluated.run_id in webhook.received[-1][1]["text"]


def test_without_an_address_the_sensor_says_what_to_set(tmp_path: Path) -> None:
    """It can be switched on, shows the setting, and sends nothing."""
    assert "Set FAILURE_WEBHOOK_URL" in _fail_and_evaluate(tmp_path, None).skipped


def test_the_sensor_is_off_by_default(tmp_path: Path) -> None:
    """It sends data to another service, so an operator has to switch it on."""
    definitions = build_definitions(Settings(_env_file=None, bookbytes_home=tmp_path))  # type: ignore[call-arg] # as above

    assert dg.DefaultSensorStatus.STOPPED == definitions.resolve_sensor_def("failure_webhook").default_status
