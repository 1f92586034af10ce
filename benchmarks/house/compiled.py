"""Builds a C file of the house beside a kernel: with that kernel's products and its compiler flags."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
NATIVE = HERE.parents[1] / "native"
BUILD = HERE.parents[1] / "build" / "bench"
# as native/CMakeLists.txt compiles the kernels, and what their files define
X86_ADX = ["-mbmi2", "-madx", "-DZKR_ADX="]
X86_IFMA = [*X86_ADX, *(f"-mavx512{part}" for part in ("f", "vl", "dq", "bw", "ifma", "vbmi")), "-DZKR_LANES=8"]
FLAGS: dict[str, list[str]] = {
    "portable": [],
    "x86_adx": X86_ADX,
    "x86_ifma": X86_IFMA,
    "aarch64": ["-DZKR_AARCH64="],
}


def library(kernel: str, name: str) -> ctypes.CDLL:
    """``name``.c, compiled for ``kernel`` unless it is already, and loaded.

    Raises:
        RuntimeError: no C compiler, an unknown kernel, or it does not compile.
    """
    if kernel not in FLAGS:
        raise RuntimeError(f"no compiler flags are known for the kernel {kernel}")
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise RuntimeError("no C compiler")
    BUILD.mkdir(parents=True, exist_ok=True)
    source, target = HERE / f"{name}.c", BUILD / f"{name}_{kernel}.so"
    command = [
        *(compiler, "-std=c11", "-O3", "-fno-tree-vectorize", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread"),
        *("-D_POSIX_C_SOURCE=200809L", f'-DKERNEL_SOURCE="{NATIVE / "kernels" / kernel}.c"', *FLAGS[kernel]),
        *(str(path) for path in (source, NATIVE / "src" / "threads.c", NATIVE / "src" / "memory.c")),
        *("-o", str(target)),
    ]
    sources = [*NATIVE.rglob("*.[ch]"), source, Path(__file__)]
    if not target.exists() or target.stat().st_mtime <= max(path.stat().st_mtime for path in sources):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{compiler} refuses {source.name}: {done.stderr[-500:]}")
    return ctypes.CDLL(str(target))
