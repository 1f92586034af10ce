"""Talking to a peer: one JSON object a line each way (benchmarks/peers/README.md).

A peer is a process of its own, so that its memory, its threads and its garbage collector are its own.  It is pinned to
as many cores as it may use threads, before it starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

HELLO_TIMEOUT_S = 60.0
QUIT_TIMEOUT_S = 5.0
STDERR_SHOWN = 400


class PeerError(Exception):
    """A peer that cannot be started, breaks the protocol, is too slow, or says that a work failed."""


@dataclass(frozen=True)
class Sample:
    """Milliseconds of one item: wall time, and CPU time of all threads."""

    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Hello:
    """What a peer says when it starts."""

    name: str
    version: str
    toolchain: str
    works: tuple[str, ...]


class Peer:
    """A running peer; a context manager.

    Args:
        command: the program and its arguments.
        threads: how many the peer may use; also the number of cores that it is pinned to, where the system can pin.
        environment: added to this process's own.
        first_cpu: index of the first core among those that this process may use.

    Raises:
        PeerError: the program cannot be started, or does not say hello.
    """

    def __init__(
        self, command: Sequence[str], *, threads: int, environment: Mapping[str, str] | None = None, first_cpu: int = 0
    ) -> None:
        cpus = _cpus(threads, first_cpu)
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process; closed with it)
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env={**os.environ, **(environment or {})},
                preexec_fn=(lambda: os.sched_setaffinity(0, cpus)) if cpus else None,
            )
        except OSError as error:
            self._stderr.close()
            raise PeerError(f"cannot start {command[0]}: {error.strerror}") from None
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.threads = threads
        self.items = 1
        self.baseline_kib: int | None = None
        try:
            self.hello = _hello(self._receive(HELLO_TIMEOUT_S))
        except PeerError:
            self.close()
            raise

    def prepare(self, work: str, params: Mapping[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """Load, set up, warm nothing; afterwards ``run`` and ``check`` are of this work.  Returns the peer's notes."""
        if work not in self.hello.works:
            raise PeerError(f"{self.hello.name} does not do {work}")
        self.baseline_kib = self._status_kib("VmRSS")
        request = {"op": "prepare", "work": work, "threads": self.threads, "params": dict(params)}
        reply = self._ask(request, timeout_s)
        items = reply.get("items")
        if not isinstance(items, int) or isinstance(items, bool) or items < 1:
            raise PeerError(f"{self.hello.name} prepared {items!r} items")
        self.items = items
        self._forget_peak()
        notes = reply.get("notes") or {}
        return {"prepare_ms": _milliseconds(reply, "prepare_ms"), **(notes if isinstance(notes, dict) else {})}

    def run(self, count: int, *, timeout_s: float) -> Sample:
        """``count`` runs in a row; the mean of one item."""
        reply = self._ask({"op": "run", "count": count}, timeout_s)
        share = 1.0 / (count * self.items)
        return Sample(_milliseconds(reply, "wall_ms") * share, _milliseconds(reply, "cpu_ms") * share)

    def check(self, *, timeout_s: float) -> None:
        """The last result, against another way to it; raises ``PeerError`` when it is wrong."""
        self._ask({"op": "check"}, timeout_s)

    def peak_kib(self) -> int | None:
        """Largest resident memory since ``prepare`` ended, in KiB; None where the system does not tell."""
        return self._status_kib("VmHWM")

    def close(self) -> None:
        """Ask it to quit, and end it if it does not."""
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.write(b'{"op": "quit"}\n')
            self._process.stdin.close()
        try:
            self._process.wait(QUIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(QUIT_TIMEOUT_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._stderr.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _ask(self, request: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise PeerError(f"{self.hello.name} is gone: {self._last_words()}") from None
        reply = self._receive(timeout_s)
        if reply.get("ok") is not True:
            raise PeerError(f"{self.hello.name}: {reply.get('error', 'an error without a word')}")
        return reply

    def _receive(self, timeout_s: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            self._process.kill()  # it may be in the middle of minutes of work
            raise PeerError(f"no answer within {timeout_s:.0f} s") from None
        if not line:
            raise PeerError(f"the peer ended: {self._last_words()}")
        try:
            reply = json.loads(line)
        except ValueError:
            raise PeerError(f"not a line of JSON: {line[:80]!r}") from None
        if not isinstance(reply, dict):
            raise PeerError(f"not a JSON object: {line[:80]!r}")
        return reply

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _last_words(self) -> str:
        code: int | str | None = self._process.poll()
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(QUIT_TIMEOUT_S)
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace").strip()
        return f"exit code {code}; it said {said[-STDERR_SHOWN:] or 'nothing'}"

    def _status_kib(self, name: str) -> int | None:
        """A line of /proc/PID/status.  Not ru_maxrss: a child inherits that from the process that started it."""
        try:
            text = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        for line in text.splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        return None

    def _forget_peak(self) -> None:
        """Let VmHWM begin again, so that it is the peak of the runs and not that of loading."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self._process.pid}/clear_refs").write_text("5", encoding="ascii")


def _cpus(threads: int, first_cpu: int) -> set[int]:
    """The cores to pin to; empty where the system cannot pin or has not enough."""
    if not hasattr(os, "sched_getaffinity"):
        return set()
    usable = sorted(os.sched_getaffinity(0))
    chosen = [usable[(first_cpu + i) % len(usable)] for i in range(threads)]
    return set(chosen) if len(set(chosen)) == threads else set()


def _hello(line: dict[str, Any]) -> Hello:
    name, version, toolchain, works = (line.get(key) for key in ("peer", "version", "toolchain", "works"))
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(toolchain, str)):
        raise PeerError(f"no hello but {str(line)[:80]}")
    if not isinstance(works, list) or not all(isinstance(work, str) for work in works):
        raise PeerError(f"{name} does not say which works it does")
    return Hello(name, version, toolchain, tuple(works))


def _milliseconds(reply: dict[str, Any], name: str) -> float:
    value = reply.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise PeerError(f"{name} is {value!r}")
    return float(value)
