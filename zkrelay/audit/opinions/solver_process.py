"""A solver as a process that cannot hurt: hard limits of time, memory and output, and nothing of it stays behind.

The limits are the kernel's (``ulimit``), set by a shell that then becomes the solver, so that they hold from its first
instruction and for all its children.  It has a process group of its own, which is killed whatever happened; what leaves
the group still has the CPU limit.  It reads from a file and writes to a file: no pipe that a child keeps open can make
us wait.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

MAX_OUTPUT_BYTES = 1 << 26
# ulimit -f counts blocks of 512 bytes (POSIX) or 1024 (bash): it is at most twice the limit, and then refused.
# A system without one of these limits goes on without it; the clock below holds everywhere.
_LIMITS = 'ulimit -c 0; ulimit -v "$1"; ulimit -t "$2"; ulimit -f "$3"; shift 3; exec "$@"'


@dataclass(frozen=True)
class Finished:
    """``output`` is None when the process did not end by itself with status 0; then ``reason`` says how it did end."""

    output: str | None
    reason: str
    seconds: float


def run_limited(command: Sequence[str], text: str, *, timeout: float, memory_bytes: int) -> Finished:
    """Run ``command`` with ``text`` as its standard input.

    It is killed after ``timeout`` seconds, cannot have more than ``memory_bytes`` of address space, and no more of its
    output is read than MAX_OUTPUT_BYTES.  An interrupt (Ctrl-C) of ours kills it too.
    """
    started = time.monotonic()

    def finished(output: str | None, reason: str) -> Finished:
        return Finished(output, reason, time.monotonic() - started)

    limits = (str(memory_bytes >> 10), str(int(timeout) + 2), str(MAX_OUTPUT_BYTES >> 9))
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as written:
        given.write(text.encode())
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603
                ["/bin/sh", "-c", _LIMITS, "sh", *limits, *command],
                stdin=given,
                stdout=written,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            return finished(None, f"did not start: {error.strerror}")
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            return finished(None, f"killed after {timeout:g} s")
        finally:
            with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status:
            return finished(None, _ending(status))
        if os.fstat(written.fileno()).st_size > MAX_OUTPUT_BYTES:
            return finished(None, f"wrote more than {MAX_OUTPUT_BYTES:,} bytes")
        written.seek(0)
        return finished(written.read(MAX_OUTPUT_BYTES).decode("utf-8", "replace"), "")


def _ending(status: int) -> str:
    if status > 0:
        return f"failed with status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    return f"died of signal {name}"
