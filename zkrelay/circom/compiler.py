"""WebAssembly to machine code in a process of its own, which can be ended: a hostile module needs few bytes to keep a
compiler busy for days (a function may declare 50,000 variables in eight bytes), and nothing interrupts a compiler.

The file is that process's program, too, and imports nothing of the package, so that it starts soon.  What it returns is
wasmtime's own serialised module; the parent takes it back as it takes its own compiler's word.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

_NO_MODULE = 3


def configuration() -> Any:
    """Of every engine: both processes must agree in it."""
    import wasmtime

    config = wasmtime.Config()
    config.epoch_interruption = True
    config.wasm_threads = False  # a module that waits would not be interrupted
    config.wasm_memory64 = False
    return config


class InvalidModule(Exception):
    """The bytes are no module; the message is wasmtime's."""


class CompilerStopped(Exception):
    """A limit was met."""


def compiled(code: bytes, *, seconds: float, memory_bytes: int) -> bytes:
    """A serialised module; raises ``InvalidModule`` or ``CompilerStopped``."""
    path = json.dumps([folder for folder in sys.path if folder])
    command = [sys.executable, "-I", "-S", __file__, path, str(memory_bytes)]
    try:
        done = subprocess.run(command, input=code, capture_output=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise CompilerStopped(f"not compiled after {seconds:g} seconds") from None
    if done.returncode == _NO_MODULE:
        raise InvalidModule(done.stderr.decode(errors="replace"))
    if done.returncode != 0:
        raise CompilerStopped(f"not compiled within {memory_bytes} bytes of memory")
    return done.stdout


def _main(path: str, memory_bytes: int) -> int:
    sys.path[:] = json.loads(path)
    import wasmtime

    code = sys.stdin.buffer.read()
    _limit_memory(memory_bytes)
    try:
        made = wasmtime.Module(wasmtime.Engine(configuration()), code).serialize()
    except wasmtime.WasmtimeError as error:
        sys.stderr.write(str(error))
        return _NO_MODULE
    sys.stdout.buffer.write(made)
    return 0


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # no POSIX: the time is limited all the same
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], int(sys.argv[2])))
