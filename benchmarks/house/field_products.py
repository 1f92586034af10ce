"""Builds field_products.c for the kernel in use, and wraps it."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
NATIVE = HERE.parents[1] / "native"
BUILD = HERE.parents[1] / "build" / "bench"
# as native/CMakeLists.txt compiles the kernels
X86_ADX = ["-mbmi2", "-madx"]
X86_IFMA = [*X86_ADX, *(f"-mavx512{part}" for part in ("f", "vl", "dq", "bw", "ifma", "vbmi"))]
FLAGS: dict[str, list[str]] = {"portable": [], "x86_adx": X86_ADX, "x86_ifma": X86_IFMA, "aarch64": []}


class FieldProducts:
    """Products of Fp inside ``kernel``.

    Raises:
        RuntimeError: no C compiler, an unknown kernel, or it does not compile.
    """

    def __init__(self, kernel: str) -> None:
        library = ctypes.CDLL(str(_build(kernel)))
        self._products = library.zkr_bench_products
        self._chain = library.zkr_bench_chain
        for function in (self._products, self._chain):
            function.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
            function.restype = None
        self.width: int = library.zkr_bench_width()

    def products(self, states: bytes, factor: bytes, steps: int) -> bytes:
        """Each of ``width`` states times factor^steps, Montgomery."""
        assert len(states) == 32 * self.width
        out = ctypes.create_string_buffer(states, len(states))
        self._products(out, factor, steps)
        return out.raw

    def chain(self, state: bytes, factor: bytes, steps: int) -> bytes:
        """One state times factor^steps, each product waiting for the one before."""
        out = ctypes.create_string_buffer(state, len(state))
        self._chain(out, factor, steps)
        return out.raw


def _build(kernel: str) -> Path:
    if kernel not in FLAGS:
        raise RuntimeError(f"no compiler flags are known for the kernel {kernel}")
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise RuntimeError("no C compiler")
    BUILD.mkdir(parents=True, exist_ok=True)
    target = BUILD / f"field_products_{kernel}.so"
    command = [
        *(compiler, "-std=c11", "-O3", "-fno-tree-vectorize", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread"),
        *("-D_POSIX_C_SOURCE=200809L", f'-DKERNEL_SOURCE="{NATIVE / "kernels" / kernel}.c"', *FLAGS[kernel]),
        *(
            str(source)
            for source in (HERE / "field_products.c", NATIVE / "src" / "threads.c", NATIVE / "src" / "memory.c")
        ),
        *("-o", str(target)),
    ]
    sources = [*NATIVE.rglob("*.[ch]"), HERE / "field_products.c", Path(__file__)]
    if target.exists() and target.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return target
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{compiler} refuses field_products.c: {done.stderr[-500:]}")
    return target
