"""Race zkrelay against gnark, arkworks and snarkjs, print the table of targets, and write the results.

python benchmarks/bench_peers.py --quick          targets without the largest sizes
python benchmarks/bench_peers.py                  every target
python benchmarks/bench_peers.py --growth         in place of the targets: proofs of 2^10 to 2^20 rows
python benchmarks/bench_peers.py --only g1_msm    measures whose key contains one of the words
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from house import circuits, machine, measures, table
from house.measures import Measure
from house.peers import RECIPES, Absent, Program, ours
from house.protocol import Peer, PeerError
from house.race import FULL, QUICK, OursFailed, Pace, race
from house.results import Measured, Run, load
from house.series import growth_lines
from house.targets import KEYS

from zkrelay.errors import ZkrelayError
from zkrelay.formats import read_proof, read_public, read_verifying_key
from zkrelay.groth16 import verify
from zkrelay.kernel import available, current

PROOFS = circuits.ROOT / "build" / "bench" / f"proofs-{os.getpid()}"  # two runs at a time do not mix
DEFAULT_OUT = circuits.ROOT / "build" / "bench" / "results.json"


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    log: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    run = Run(machine.describe(), "quick" if options.quick else "full", _command(options), {}, {})
    if options.update:
        run.measured = load(options.out).measured
    programs = _programs(options, run, log)
    plan = _plan(options)
    pace = QUICK if options.quick else FULL
    started, too_slow = time.monotonic(), set[tuple[str, str]]()
    for number, item in enumerate(plan, 1):
        elapsed = time.monotonic() - started
        if elapsed > 60 * options.minutes:
            run.skipped += [f"{left.key}: the {options.minutes:g} minutes were over" for left in plan[number - 1 :]]
            break
        log(f"[{number}/{len(plan)}, {elapsed / 60:.1f} min] {item.key}")
        run.replace(_measure(item, programs, pace, options, run, too_slow, log))
        run.save(options.out)
    shutil.rmtree(PROOFS, ignore_errors=True)
    print(json.dumps(run.to_json(), indent=1) if options.json else _report(run))
    log(f"wrote {options.out}")
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="no large sizes, fewer and shorter turns")
    parser.add_argument(
        "--growth", action="store_true", help="prove 2^10 to 2^20 rows (quick: to 2^14) and not the targets"
    )
    parser.add_argument("--kernels", action="store_true", help="also race the other kernels of this machine")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="measures whose key contains a word")
    parser.add_argument(
        "--peers", nargs="*", default=[*RECIPES], choices=[*RECIPES], metavar="NAME", help="which peers"
    )
    parser.add_argument("--minutes", type=float, default=25.0, help="begin no measure after so long (default: 25)")
    parser.add_argument("--cpu", type=int, default=0, help="index of the core for one thread (default: 0)")
    parser.add_argument("--json", action="store_true", help="print the results as JSON in place of the table")
    parser.add_argument("--update", action="store_true", help="keep what the result file has and is not measured now")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="result file (default: build/bench/results.json)")
    return parser.parse_args(arguments)


def _command(options: argparse.Namespace) -> str:
    flags = [f"--{name}" for name in ("quick", "growth", "kernels", "update") if getattr(options, name)]
    if options.only:
        flags += ["--only", *options.only]
    forced = os.environ.get("ZKRELAY_KERNEL")
    return " ".join(
        [*([f"ZKRELAY_KERNEL={forced}"] if forced else []), "make bench-peers", f'BENCH_ARGS="{" ".join(flags)}"']
    )


def _programs(options: argparse.Namespace, run: Run, log: Callable[[str], None]) -> dict[str, Program]:
    """Build the peers; note versions, and who is absent and why."""
    programs: dict[str, Program] = {}
    for name in options.peers:
        made = RECIPES[name].make(log)
        if isinstance(made, Absent):
            run.absent[name] = made.reason
            log(f"{name} is absent: {made.reason}")
            continue
        try:
            with made.start(1) as peer:
                run.peers[name] = f"{peer.hello.version} ({peer.hello.toolchain})"
        except PeerError as error:
            run.absent[name] = f"does not start: {error}"
            log(f"{name} does not start: {error}")
            continue
        programs[name] = made
    for kernel in _other_kernels():
        program = ours(kernel)
        programs[program.name] = program
    return programs


def _other_kernels() -> tuple[str, ...]:
    return tuple(name for name in available() if name not in ("reference", current().name))


def _plan(options: argparse.Namespace) -> list[Measure]:
    plan = (measures.growth if options.growth else measures.targets)(full=not options.quick)
    if options.kernels:
        plan = measures.with_kernels(plan, _other_kernels())
    return [item for item in plan if not options.only or any(word in item.key for word in options.only)]


def _measure(
    item: Measure,
    programs: Mapping[str, Program],
    pace: Pace,
    options: argparse.Namespace,
    run: Run,
    too_slow: set[tuple[str, str]],
    log: Callable[[str], None],
) -> Measured:
    measured = Measured(item.key, item.work, item.threads, item.circuit, item.params, commit=run.machine["commit"])
    params: dict[str, Any] = dict(item.params)
    accept = None
    extra: Callable[[str], Mapping[str, Any]] | None = None
    chosen = {name: programs[name] for name in item.peers if name in programs}
    if item.circuit is not None:
        try:
            files = circuits.circuit_files(item.circuit, threads=os.cpu_count() or 1)
        except RuntimeError as error:
            measured.error = str(error)
            return measured
        measured.rows = files.num_constraints
        params.update(files.params())
        PROOFS.mkdir(parents=True, exist_ok=True)
        extra = _proof_out
        if item.work in ("prove", "prove_inputs"):
            accept = partial(_accept, files)
        for name in [name for name in chosen if (item.work, name) in too_slow]:
            del chosen[name]
            run.skipped.append(f"{item.key}: {name} was too slow for a smaller circuit")
    starts: dict[str, Callable[[], Peer]] = {
        name: partial(program.start, item.threads, options.cpu) for name, program in chosen.items()
    }
    try:
        measured.race = race(
            item.work,
            partial(ours().start, item.threads, options.cpu),
            starts,
            params,
            pace,
            params_of=extra,
            accept=accept,
            log=lambda name: log(f"    against {name}"),
        )
    except OursFailed as error:
        measured.error = str(error)
        log(f"    zkrelay failed: {error}")
        return measured
    for name, side in measured.race.peers.items():
        if side.error:
            log(f"    {name} failed: {side.error}")
            too_slow.add((item.work, name))
    return measured


def _proof_out(name: str) -> Mapping[str, Any]:
    return {"proof_out": str(PROOFS / f"{name.replace(' ', '_')}.json")}


def _accept(files: circuits.CircuitFiles, name: str) -> None:
    """Verify with our verifier what a peer that uses the same key has written; gnark has a key of its own."""
    if name == "gnark":
        return
    params, made = files.params(), Path(_proof_out(name)["proof_out"])
    try:
        verify(read_verifying_key(params["vkey"]), read_public(params["public"]), read_proof(made))
    except (ZkrelayError, OSError) as error:
        raise PeerError(f"zkrelay refuses its proof: {error}") from None
    made.unlink()


def _report(run: Run) -> str:
    notes = "\n".join(f"- {note}" for note in (*table.targets_notes(run), *growth_lines(run)))
    tables = [table.everything_table(run)]
    if any(item.key in KEYS for item in run.measured):
        tables.insert(0, table.targets_table(run))
    return "\n\n".join(
        [
            f"Kernel {run.machine['kernel']} on {run.machine['cpu']}; times are CPU time for one thread and wall time "
            "for two; a ratio is peer / ours, the median of pairs (and its quartiles).",
            *tables,
            notes,
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
