"""Which line stated a constraint: module and line, never a path, so that reports are equal on every machine."""

from __future__ import annotations

import sys
from functools import lru_cache
from types import FrameType

_PACKAGE = __name__.rpartition(".")[0]


def stated_at() -> str:
    """``module:line`` of the innermost caller outside this package, then of the statement that called the gadget.

    Example: ``zkrelay.circuits.eddsa:71 < zkrelay.circuits.claim:102``.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_machinery(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    if frame is None:
        return ""
    first = last = frame
    while frame is not None and not _is_machinery(frame.f_globals.get("__name__", "")):
        if frame.f_code.co_name != "__enter__":
            last = frame
        frame = frame.f_back
    inner, outer = _place(first), _place(last)
    return inner if inner == outer else f"{inner} < {outer}"


@lru_cache(maxsize=1024)
def _is_machinery(name: str) -> bool:
    return name == _PACKAGE or name.startswith(_PACKAGE + ".") or name == "contextlib"


def _place(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '?')}:{frame.f_lineno}"
