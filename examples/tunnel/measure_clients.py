"""Clients by the hundred: processes of ``python -m tunnel client``, forked from this one.

It has imported all that they run, which would take each half a second of the processor's time and 25 MiB of its own.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from multiprocessing.process import BaseProcess
from typing import Any

from . import payer  # noqa: F401, for the clients
from .__main__ import main

_PARTING_S = 120.0


class Client:
    """One process.  To be made before this one has threads or open files of SQLite."""

    def __init__(self, arguments: Sequence[str]) -> None:
        reading, writing = os.pipe()
        sys.stdout.flush()
        self.process: BaseProcess = multiprocessing.get_context("fork").Process(target=_run, args=(arguments, writing))
        self.process.start()
        os.close(writing)
        self._output = open(reading, encoding="utf-8")  # noqa: SIM115, closed by ``close``
        self.port = 0

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def read_port(self) -> None:
        """Wait until SOCKS is spoken at ``port``."""
        self.port = json.loads(self._output.readline())["port"]

    def told(self) -> dict[str, Any]:
        """What it says in the end, once it was terminated; raises ``RuntimeError`` where it does not end."""
        self.process.join(_PARTING_S)
        if self.process.exitcode != 0:
            raise RuntimeError(f"a client ended with {self.process.exitcode}")
        words: dict[str, Any] = json.loads(self._output.readlines()[-1])
        return words

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self._output.close()


@contextlib.contextmanager
def clients(commands: Sequence[Sequence[str]], told: list[dict[str, Any]]) -> Iterator[list[Client]]:
    """All at once, until the block ends; ``told`` gets what they then say, in their order."""
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(contextlib.closing(Client(arguments))) for arguments in commands]
        for client in started:
            client.read_port()
        yield started
        for client in started:
            client.process.terminate()
        told += [client.told() for client in started]


def _run(arguments: Sequence[str], output: int) -> None:
    os.dup2(output, 1)
    os.close(output)
    sys.argv = ["tunnel", *arguments]
    main()
