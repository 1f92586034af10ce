"""One step of an audit in a process of its own, under a limit of memory; what it found is one line of JSON.

python audit_child.py audit  R1CS FOLDER --seconds S     to a derivation or a pair, written into FOLDER
python audit_child.py replay R1CS FOLDER                 the derivation there, by the independent checker
python audit_child.py pair   R1CS FOLDER                 the pair there, against every row of the file
python audit_child.py prove  R1CS FOLDER                 both of its assignments, proved and verified
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

DERIVATION, PAIR = "derivation.zkdl", "pair.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=sorted(STEPS))
    parser.add_argument("r1cs", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--memory-mib", type=int, default=8192)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (options.memory_mib << 20, options.memory_mib << 20))
    started, cpu_started = time.monotonic(), time.process_time()
    try:
        found = STEPS[options.step](options.r1cs, options.folder, options.seconds)
    except MemoryError:
        found = {"error": f"more than {options.memory_mib} MiB"}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found |= {
        "wall_s": round(time.monotonic() - started, 4),
        "cpu_s": round(time.process_time() - cpu_started, 4),
        "peak_mib": usage.ru_maxrss >> 10,
    }
    print(json.dumps(found))
    return 0


def audit(r1cs: Path, folder: Path, seconds: float) -> dict[str, Any]:
    """``seconds`` is the time of ``audit`` alone; reading the file and writing what was found are in ``wall_s``."""
    from zkrelay.audit import audit as run
    from zkrelay.audit.log import write_log
    from zkrelay.audit.report import Verdict

    system = _system(r1cs)
    report = run(system, strong=not system.outputs, timeout=seconds)
    found: dict[str, Any] = {
        "verdict": report.verdict.value,
        "mode": report.mode.value,
        "seconds": round(report.seconds, 4),
        "rows": len(system.rows),
        "targets": len(report.targets),
        "undecided": sum(verdict is Verdict.UNKNOWN for verdict in report.targets.values()),
        "notes": list(report.notes),
        "found_by": report.pair.found_by if report.pair else "",
        "fired": dict(report.derivation.fired) if report.derivation else {},
        "stuck": [len(report.stuck[0].wires), len(report.stuck[0].rows)] if report.stuck else [],
    }
    if report.verdict is Verdict.SAFE:
        write_log(folder / DERIVATION, report, overwrite=True)
        found["log_bytes"] = (folder / DERIVATION).stat().st_size
    if report.pair is not None:
        pair = {"first": report.pair.first, "second": report.pair.second, "differing": report.pair.differing}
        (folder / PAIR).write_text(json.dumps(pair), encoding="utf-8")
    return found


def replay(r1cs: Path, folder: Path, _: float) -> dict[str, Any]:
    from zkrelay.audit.replay import replay as check

    replayed = check(folder / DERIVATION, r1cs)
    return {"claim": replayed.claim, "targets": replayed.targets, "steps": sum(replayed.fired.values())}


def pair(r1cs: Path, folder: Path, _: float) -> dict[str, Any]:
    """By the kernel's own check of the constraint system, which knows nothing of the auditor.

    Raises:
        ZkrelayError: an assignment violates a row or is none.
        ValueError: they differ on an input, or not on what was said.
    """
    from zkrelay.algebra.encoding import pack_field

    system = _system(r1cs)
    first, second, differing = _read_pair(folder)
    for assignment in (first, second):
        system.r1cs.check(pack_field(system.r1cs.field, assignment))
    asked = set(system.outputs) or set(system.signals) - system.inputs
    moved = {wire for wire in asked if first[wire] != second[wire]}
    if any(first[wire] != second[wire] for wire in system.inputs) or not moved or moved != set(differing):
        raise ValueError("the pair does not agree on the inputs, or does not differ where it says")
    return {"differing": len(moved)}


def prove(r1cs: Path, folder: Path, _: float) -> dict[str, Any]:
    """Both assignments under one development key.

    Raises:
        InvalidProof: one of the proofs does not verify.
    """
    from zkrelay.algebra.encoding import pack_field
    from zkrelay.groth16 import prove as make
    from zkrelay.groth16 import setup, verify

    system = _system(r1cs)
    key = setup(system.r1cs)
    publics = []
    for assignment in _read_pair(folder)[:2]:
        publics.append(assignment[1 : 1 + system.r1cs.num_public])
        verify(key.verifying_key, publics[-1], make(key, pack_field(system.r1cs.field, assignment)))
    return {"public_differs": publics[0] != publics[1]}


def _system(r1cs: Path) -> Any:
    from zkrelay.audit.system import system_of_file
    from zkrelay.formats import read_r1cs_file

    return system_of_file(read_r1cs_file(r1cs))


def _read_pair(folder: Path) -> tuple[list[int], list[int], list[int]]:
    data = json.loads((folder / PAIR).read_text(encoding="utf-8"))
    return data["first"], data["second"], data["differing"]


STEPS = {"audit": audit, "replay": replay, "pair": pair, "prove": prove}

if __name__ == "__main__":
    sys.exit(main())
