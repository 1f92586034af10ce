"""Writing a ``.zkdl``: a magic line, then one zlib stream of lines (docs/formats.md)."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator

from ..errors import AuditError
from ..formats.files import create
from .report import Report, Verdict

MAGIC = b"zkdl 1\n"


def log_lines(report: Report) -> Iterator[str]:
    """Header, steps and end.

    Raises:
        AuditError: the verdict is not SAFE.
    """
    if report.derivation is None or report.verdict is not Verdict.SAFE:
        raise AuditError(f"only a SAFE verdict has a derivation to write; this one is {report.verdict.value}")
    system = report.system
    yield f"prime {system.modulus}"
    yield f"shape {system.num_wires} {len(system.rows)}"
    yield f"claim {report.mode.value}"
    yield from report.derivation.lines
    yield "end"


def write_log(path: str | os.PathLike[str], report: Report, *, overwrite: bool = False) -> None:
    """Raises ``AuditError`` as ``log_lines``, ``FileExistsError`` as every writer."""
    squeeze = zlib.compressobj(9)
    with create(path, overwrite=overwrite) as handle:
        handle.write(MAGIC)
        for line in log_lines(report):
            handle.write(squeeze.compress(f"{line}\n".encode("ascii")))
        handle.write(squeeze.flush())
