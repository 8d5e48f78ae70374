"""An S3 server for tests: SeaweedFS, the real one, from a wheel, on loopback ports and in a folder of its own."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.cli_runner import COMMANDS
from tests.free_ports import lasting_port

BUCKET = "bookbytes"
KEYS: Mapping[str, str] = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "known-to-tests"}
"""Of a server that only this machine can reach, until the tests end."""
_PORTS = [f"{part}.port{kind}" for part in ("s3", "master", "volume", "filer", "admin") for kind in ("", ".grpc")]
_PATIENCE = 60


@dataclass
class S3Server:
    """A server with one bucket. `folder` holds what is in it, also while the server is away."""

    folder: Path
    ports: Mapping[str, int]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.ports['s3.port']}"

    def settings(self, **more: object) -> dict[str, object]:
        """The settings of a store in this bucket, which nobody else uses."""
        chosen = {"storage_backend": "s3", "s3_bucket": BUCKET, "s3_endpoint_url": self.url}
        return {**chosen, "s3_prefix": f"tests/{uuid4().hex}", **more}

    def start(self) -> None:
        """Return once the bucket can be used."""
        ports = [f"-{name}={port}" for name, port in self.ports.items()]
        command = [
            COMMANDS / "weed",
            f"-logdir={self.folder}",
            "mini",
            f"-dir={self.folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-bucket={BUCKET}",
            "-admin.ui=false",
            "-webdav=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            "-volume.preStopSeconds=0",
            "-master.volumeSizeLimitMB=64",
            *ports,
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **KEYS},
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._can_be_used():
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """End it without a word."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def keys(self, prefix: str) -> list[str]:
        """The first thousand keys that begin like that."""
        found = self._client().list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [str(file["Key"]) for file in found.get("Contents", [])]

    def allow_pages(self, origin: str) -> None:
        """Let the pages of this origin read what is in the bucket, as docs/how-to/run-in-containers.md shows it."""
        asked = {"AllowedOrigins": [origin], "AllowedMethods": ["GET"], "AllowedHeaders": ["*"]}
        rules = {"CORSRules": [{**asked, "ExposeHeaders": ["ETag"]}]}
        self._client().put_bucket_cors(Bucket=BUCKET, CORSConfiguration=rules)

    def _client(self) -> Any:
        names = dict(zip(("aws_access_key_id", "aws_secret_access_key"), KEYS.values(), strict=True))
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", config=config, **names)

    def _can_be_used(self) -> bool:
        try:
            self._client().put_object(Bucket=BUCKET, Key="started", Body=b"")
        except (BotoCoreError, ClientError):
            return False
        return True


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A running server until the block ends."""
    with tempfile.TemporaryDirectory(prefix="bookbytes-s3-", ignore_cleanup_errors=True) as made:
        server = S3Server(Path(made), _free_ports())
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _free_ports() -> dict[str, int]:
    ports: list[int] = []
    for _ in _PORTS:
        ports.append(lasting_port(*ports))
    return dict(zip(_PORTS, ports, strict=True))
