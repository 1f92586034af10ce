"""What a number must be quoted with: machine, compiler, kernel, versions, commit."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from zkrelay import __version__
from zkrelay.kernel import available, label

ROOT = Path(__file__).resolve().parents[2]
FEATURES = ("bmi2", "adx", "avx2", "avx512f", "avx512ifma")


def describe() -> dict[str, str]:
    """Names to texts, for the result file and the report; nothing that names the host or its user."""
    cpu = _cpu()
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "zkrelay": __version__,
        "kernel": label(),
        "kernels": ", ".join(name for name in available() if name != "reference"),
        "cpu": cpu.get("model name", platform.processor() or platform.machine()),
        "cpu_family": "/".join(cpu.get(key, "?") for key in ("cpu family", "model", "stepping")),
        "features": " ".join(name for name in FEATURES if name in cpu.get("flags", "").split()) or "unknown",
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "compiler": _compiler(),
        "python": platform.python_version(),
        "load": _load(),
    }


def _cpu() -> dict[str, str]:
    """The first core of /proc/cpuinfo; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.split("\n\n", 1)[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def _memory_gib() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f}"
    except (ValueError, OSError, AttributeError):
        return "unknown"


def _load() -> str:
    """Load before the run began: a busy machine says so."""
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except OSError:
        return "unknown"


def _compiler() -> str:
    name = os.environ.get("CC") or next((tool for tool in ("cc", "gcc", "clang") if shutil.which(tool)), None)
    return "unknown" if name is None else _first_line([name, "--version"])


def _commit() -> str:
    short = _first_line(["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"])
    dirty = _first_line(["git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no"])
    return short + (" with changes" if dirty not in ("unknown", "") else "")


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return (done.stdout.splitlines() or [""])[0] if done.returncode == 0 else "unknown"
