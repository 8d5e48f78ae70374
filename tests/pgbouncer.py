"""PgBouncer in transaction mode before the tests' PostgreSQL: each transaction gets another connection."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pwd import getpwnam

import pytest

from bookbytes_pipeline.processes.ports import LOOPBACK, is_listening
from tests.api.client import wait_for
from tests.free_ports import lasting_port
from tests.postgres import PASSWORD, PostgresServer

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = 20
auth_type = plain
auth_file = {accounts}
logfile = {folder}/log
"""


@contextmanager
def pgbouncer(server: PostgresServer) -> Iterator[int]:
    """Run it until the block ends; yields its port. Skips the test where it is not installed."""
    if PROGRAM is None:
        pytest.skip("PgBouncer is not installed; Debian's package is `pgbouncer`")
    with tempfile.TemporaryDirectory(prefix="bookbytes-pgbouncer-") as made:
        folder, port = Path(made), lasting_port(server.port)
        accounts, configuration = folder / "accounts", folder / "pgbouncer.ini"
        accounts.write_text(f'"postgres" "{PASSWORD}"\n')
        configuration.write_text(_CONFIGURATION.format(server=server.port, port=port, accounts=accounts, folder=folder))
        account = None if os.geteuid() else getpwnam("nobody")  # it refuses to run as root
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        process = subprocess.Popen(
            [PROGRAM, configuration],
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(lambda: is_listening(LOOPBACK, port))
            yield port
        finally:
            process.terminate()
            process.wait()
