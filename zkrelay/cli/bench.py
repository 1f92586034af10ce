"""``zkrelay bench``: what this machine does, in milliseconds and megabytes."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from . import output
from .errors import CommandError, ExitCode, naming
from .files import only_one_stdin, source
from .measure import machine, measure, peak_memory_bytes, random_elements
from .options import Curve, Json, Threads, usable_cpus
from .tables import NoTables, TablesOption, find_tables, naming_tables

app = typer.Typer(no_args_is_help=True, help="Measure proving, witnesses, sums, transforms and verifying here.")

MAX_RUNS = 100_000
Runs = Annotated[
    int, typer.Option("--runs", "-r", metavar="K", min=1, max=MAX_RUNS, help="Timed runs, after one untimed.")
]


class Group(str, Enum):
    """The groups of a curve."""

    g1 = "g1"
    g2 = "g2"


@app.command("prove")
def bench_prove(
    key_file: Annotated[Path, typer.Argument(metavar="KEY.zkey", help="The proving key.")],
    witness_file: Annotated[Path, typer.Argument(metavar="WITNESS.wtns", help="A witness that satisfies its circuit.")],
    tables_file: TablesOption = None,
    no_tables: NoTables = False,
    threads: Threads = None,
    runs: Runs = 11,
    as_json: Json = False,
) -> None:
    """A proof from a witness, with the key loaded and prepared, as a node that stays up makes it."""
    output.use_json(as_json)
    before, threads = peak_memory_bytes(), threads or usable_cpus()
    from ..errors import InvalidProof
    from ..formats import read_zkey
    from ..groth16 import Prover, public_inputs, verify
    from .prove import read_witness

    with naming(key_file):
        key = read_zkey(key_file)
    tables, used_file = find_tables(key, key_file, tables_file, no_tables)
    assignment = read_witness(key, witness_file)
    before = _now(before)
    with naming_tables(used_file), Prover(key, tables=tables) as prover:
        facts = {
            "num_wires": key.num_variables,
            "domain_size": 1 << key.log_domain,
            "key_bytes": key_file.stat().st_size,
            "prepared_bytes": prover.num_bytes,
            "factor": prover.factor,
            "tables_bytes": tables.num_bytes if tables else 0,
        }
        measured = measure(lambda: prover.prove(assignment, threads=threads), runs, before)
        try:
            statement = public_inputs(assignment, key.num_public, key.fr)
            verify(key.verifying_key, statement, prover.prove(assignment))
        except InvalidProof:
            raise CommandError(
                ExitCode.INPUT, f"{witness_file}: this witness does not satisfy the circuit of {key_file}"
            ) from None
    _print("prove", facts, measured.facts(), threads, as_json)


@app.command("witness")
def bench_witness(
    program: Annotated[Path, typer.Argument(metavar="PROGRAM.zkwp", help="The witness program.")],
    input_file: Annotated[
        str, typer.Option("--input", "-i", metavar="input.json", help="Inputs by name; - for standard input.")
    ],
    check: Annotated[bool, typer.Option(help="Check all constraints too, as witness and prove do.")] = True,
    runs: Runs = 101,
    as_json: Json = False,
) -> None:
    """All wires from named inputs, and the check of every constraint, on one thread."""
    output.use_json(as_json)
    before = peak_memory_bytes()
    from ..formats import read_inputs, read_zkwp

    with naming(program):
        circuit = read_zkwp(program)
    with naming(input_file):
        inputs = read_inputs(source(input_file))
        circuit.assign(inputs)
    before = _now(before)
    facts = {"num_wires": circuit.r1cs.num_variables, "num_constraints": circuit.r1cs.num_constraints, "check": check}
    work: Callable[[], object] = (lambda: circuit.assign(inputs)) if check else (lambda: circuit.program.assign(inputs))
    _print("witness", facts, measure(work, runs, before).facts(), 1, as_json)


@app.command("verify")
def bench_verify(
    vk_file: Annotated[str, typer.Argument(metavar="verification_key.json", help="The verifying key.")],
    public_file: Annotated[str, typer.Argument(metavar="public.json", help="The public inputs.")],
    proof_file: Annotated[str, typer.Argument(metavar="proof.json", help="A true proof.")],
    runs: Runs = 101,
    as_json: Json = False,
) -> None:
    """One proof, with the key checked and prepared, on one thread. The arguments are those of verify."""
    output.use_json(as_json)
    only_one_stdin([vk_file, public_file, proof_file])
    before = peak_memory_bytes()
    from ..formats import read_proof, read_public, read_verifying_key
    from ..groth16 import verify

    with naming(vk_file):
        vk = read_verifying_key(source(vk_file))
    with naming(public_file):
        public = read_public(source(public_file), vk.curve)
    with naming(proof_file):
        proof = read_proof(source(proof_file))
    verify(vk, public, proof)  # a false proof is refused before it is timed
    measured = measure(lambda: verify(vk, public, proof), runs, _now(before))
    _print("verify", {"num_public": vk.num_public}, measured.facts(), 1, as_json)


@app.command("msm")
def bench_msm(
    log_size: Annotated[int, typer.Option(metavar="K", min=0, max=22, help="2^K points and scalars.")] = 14,
    group: Annotated[Group, typer.Option(help="Over which group of the curve.")] = Group.g1,
    curve: Curve = "bn254",
    threads: Threads = None,
    runs: Runs = 11,
    as_json: Json = False,
) -> None:
    """The sum of 2^K random points times random 253-bit scalars."""
    output.use_json(as_json)
    before, threads = peak_memory_bytes(), threads or usable_cpus()
    from ..algebra.points import g1_generator, g2_generator
    from ..kernel import current

    kernel, count = current(), 1 << log_size
    fixed_base, generator, msm = {
        Group.g1: (kernel.g1_fixed_base, g1_generator, kernel.g1_msm),
        Group.g2: (kernel.g2_fixed_base, g2_generator, kernel.g2_msm),
    }[group]
    bases = fixed_base(curve, generator(curve), random_elements(count), threads=threads)
    scalars = random_elements(count)
    measured = measure(lambda: msm(curve, scalars, bases, threads=threads), runs, _now(before))
    _print("msm", {"curve": curve, "group": group.value, "log_size": log_size}, measured.facts(), threads, as_json)


@app.command("ntt")
def bench_ntt(
    log_size: Annotated[int, typer.Option(metavar="K", min=0, max=22, help="2^K elements.")] = 16,
    curve: Curve = "bn254",
    threads: Threads = None,
    runs: Runs = 21,
    as_json: Json = False,
) -> None:
    """A transform of 2^K elements of the curve's scalar field, natural order in and out, copies included."""
    output.use_json(as_json)
    before, threads = peak_memory_bytes(), threads or usable_cpus()
    from ..curves import CURVES
    from ..kernel import current

    kernel, field, values = current(), CURVES[curve].fr.name, random_elements(1 << log_size)
    measured = measure(lambda: kernel.ntt(field, values, threads=threads), runs, _now(before))
    _print("ntt", {"curve": curve, "log_size": log_size}, measured.facts(), threads, as_json)


def _now(before: int | None) -> int | None:
    """The peak of memory now that files are read: what Python and its modules take is not the work's."""
    return None if before is None else peak_memory_bytes()


def _print(what: str, facts: dict[str, Any], measured: dict[str, Any], threads: int, as_json: bool) -> None:
    from ..kernel import label

    kernel = label()
    if as_json:
        where = {"kernel": kernel, "threads": threads, "machine": machine()}
        output.result_json({"benchmark": what, **facts, **measured, **where})
        return
    wall, cpu = measured["wall_ms"], measured["cpu_ms"]
    rows = {name.removeprefix("num_").replace("_", " "): _text(name, value) for name, value in facts.items()}
    rows["wall"] = f"{wall['median']:.3f} ms (median of {measured['runs']}; {wall['min']:.3f} to {wall['max']:.3f})"
    rows["cpu"] = f"{cpu['median']:.3f} ms (all threads)"
    if measured["peak_bytes"] is not None:
        added = output.size(measured["added_bytes"])
        rows["peak memory"] = f"{output.size(measured['peak_bytes'])}, of which {added} for this work"
    rows |= {"kernel": kernel, "threads": str(threads), "machine": machine()}
    output.result(output.table(rows))


def _text(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return output.size(value) if name.endswith("_bytes") else output.number(value)
