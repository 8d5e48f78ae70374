"""`pytest -p tests.fast`: refuses to start processes, as `--disable-socket` refuses connections.

`make test-fast` runs with both, so a test that needs a server or a process cannot creep in.
"""

import sys

_STARTS = frozenset({"subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec"})


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _STARTS:
        raise RuntimeError("A fast test starts no process: move it out of FAST in the Makefile.")


sys.addaudithook(_refuse)
