"""``zkrelay prove``: a Groth16 proof from a key and a witness, or from a key and inputs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .errors import CommandError, ExitCode, naming
from .files import Writer, check_targets, source, write_together
from .kinds import Kind, kind_of
from .options import Json, Threads, usable_cpus
from .tables import NoTables, TablesOption, find_tables, naming_tables
from .wasm import DEFAULT_BYTES, DEFAULT_SECONDS, WasmBytes, WasmOption, WasmSeconds, calculate, load_calculator

if TYPE_CHECKING:
    from ..curves import PrimeField
    from ..groth16 import ProvingKey
    from ..kernel import Buffer
    from ..r1cs import CompiledCircuit

DEFAULT_OUTPUTS = ["proof.json", "public.json"]
DEVELOPMENT_WARNING = "a development key: whoever made it can forge proofs; ledgers refuse it unless told otherwise"


def make_proof(
    key_file: Annotated[Path, typer.Argument(metavar="KEY.zkey", help="The proving key, ours or snarkjs's.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WITNESS.wtns] [PROOF.json PUBLIC.json]",
            help="The order of snarkjs and rapidsnark. With --input there is no witness file. "
            "Proofs go to proof.json and public.json when they are not named; - is standard output.",
            show_default=False,
        ),
    ] = None,
    input_file: Annotated[
        str | None,
        typer.Option(
            "--input", "-i", metavar="input.json", help="Inputs by name, in place of a witness file; - is stdin."
        ),
    ] = None,
    program: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zkwp",
            help="The witness program for --input; by default KEY.zkwp beside the key, or a standard circuit's.",
        ),
    ] = None,
    wasm: WasmOption = None,
    wasm_seconds: WasmSeconds = DEFAULT_SECONDS,
    wasm_bytes: WasmBytes = DEFAULT_BYTES,
    tables_file: TablesOption = None,
    no_tables: NoTables = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Prove, verify the proof, and write PROOF.json and PUBLIC.json.

    An existing proof or public input file is replaced; any other file is not.
    """
    output.use_json(as_json)
    threads = threads or usable_cpus()
    witness_file, targets = _positional(files or [], input_file, program, wasm)
    check_outputs(targets, as_json)
    from ..errors import InvalidProof
    from ..formats import proof_to_json, public_to_json, read_zkey
    from ..groth16 import Prover, public_inputs, verify

    start = time.perf_counter()
    with naming(key_file):
        key = read_zkey(key_file)
    if key.verifying_key.development:
        output.warn(f"{key_file} is {DEVELOPMENT_WARNING}")
    tables, used_file = find_tables(key, key_file, tables_file, no_tables)
    loaded = time.perf_counter()
    circuit: CompiledCircuit | None = None
    if input_file is not None and wasm is not None:
        assignment = _calculate(key, wasm, wasm_seconds, wasm_bytes, input_file)
    elif input_file is not None:
        circuit, assignment = _assign(key, key_file, program, input_file)
    else:
        assignment = read_witness(key, Path(witness_file))
    assigned = time.perf_counter()
    with naming_tables(used_file), Prover(key, tables=tables) as prover:
        proof = prover.prove(assignment, threads=threads)
    statement = public_inputs(assignment, key.num_public, key.fr)
    proved = time.perf_counter()
    try:
        verify(key.verifying_key, statement, proof)
    except InvalidProof:
        raise _why_false(key, key_file, circuit, witness_file or str(wasm), assignment) from None
    verified = time.perf_counter()

    texts = (proof_to_json(proof), public_to_json(statement, key.curve))
    write_together(
        [(Path(t), _text_writer(text)) for t, text in zip(targets, texts, strict=True) if t != "-"],
    )
    for target, text in zip(targets, texts, strict=True):
        if target == "-":
            output.result(text)
    output.note(
        f"proved in {output.duration(proved - assigned)} with {output.plural(threads, 'thread')}; "
        f"key {output.duration(loaded - start)}, witness {output.duration(assigned - loaded)}, "
        f"check {output.duration(verified - proved)}"
    )
    output.note("wrote " + ", ".join("standard output" if target == "-" else target for target in targets))
    if as_json:
        output.result_json(
            {
                "circuit": circuit.name if circuit else None,
                "num_constraints": circuit.r1cs.num_constraints if circuit else None,
                "num_wires": key.num_variables,
                "num_public": key.num_public,
                "public_inputs": [str(value) for value in statement],
                "development": key.verifying_key.development,
                "factor": tables.factor if tables else 1,
                "files": {"proof": targets[0], "public": targets[1]},
                "threads": threads,
                "seconds": {
                    "key": round(loaded - start, 4),
                    "witness": round(assigned - loaded, 4),
                    "prove": round(proved - assigned, 4),
                    "verify": round(verified - proved, 4),
                },
            }
        )


def _positional(
    files: list[str], input_file: str | None, program: Path | None, wasm: Path | None
) -> tuple[str, list[str]]:
    """(witness file or "", [proof, public]) from what follows the key."""
    if program is not None and wasm is not None:
        raise typer.BadParameter("--program and --wasm both compute the witness: one of them is enough")
    if input_file is not None:
        if len(files) not in (0, 2):
            raise typer.BadParameter("with --input, KEY.zkey is followed by PROOF.json PUBLIC.json, or by nothing")
        return "", files or DEFAULT_OUTPUTS
    if program is not None or wasm is not None:
        raise typer.BadParameter("a witness program computes a witness from --input, which is missing")
    if len(files) not in (1, 3):
        raise typer.BadParameter("expected KEY.zkey WITNESS.wtns PROOF.json PUBLIC.json (or --input input.json)")
    return files[0], files[1:] or DEFAULT_OUTPUTS


def check_outputs(targets: list[str], as_json: bool) -> None:
    """Results replace results, and nothing else: a slip in the order of arguments must not cost a key."""
    if targets.count("-") + as_json > 1 or targets[0] == targets[1]:
        raise typer.BadParameter("the proof, the public inputs and --json need a place each")
    for target, expected in zip(targets, (Kind.PROOF, Kind.PUBLIC), strict=True):
        path = Path(target)
        if target == "-":
            continue
        check_targets([path], force=True)
        if path.exists() and path.stat().st_size and kind_of(path) != expected:
            raise CommandError(ExitCode.USAGE, f"{path} exists and holds something else: it is not replaced")


def _assign(key: ProvingKey, key_file: Path, program: Path | None, input_file: str) -> tuple[CompiledCircuit, Buffer]:
    from ..formats import read_inputs
    from .programs import program_of

    with naming(input_file):
        inputs = read_inputs(source(input_file))
    circuit, where = program_of(key, key_file, program)
    output.note(f"circuit {circuit.name}, from {where}")
    with naming(input_file):
        return circuit, circuit.assign(inputs)


def _calculate(key: ProvingKey, wasm: Path, seconds: float, num_bytes: int, input_file: str) -> Buffer:
    """The assignment that circom's calculator computes; it must be over the key's field and of its length."""
    from ..formats import read_inputs

    with naming(input_file):
        inputs = read_inputs(source(input_file))
    calculator = load_calculator(wasm, seconds, num_bytes)
    with naming(wasm):
        _check_shape(key, "the calculator", calculator.field, calculator.num_variables)
    return calculate(calculator, wasm, inputs, input_file)


def _check_shape(key: ProvingKey, what: str, field: PrimeField, num_variables: int) -> None:
    from ..errors import MalformedInput

    if field != key.fr:
        raise MalformedInput(f"{what} is over {field.name}, the key over {key.fr.name}")
    if num_variables != key.num_variables:
        raise MalformedInput(f"{what} has {num_variables} elements, the key asks for {key.num_variables}")


def read_witness(key: ProvingKey, path: Path) -> Buffer:
    """The assignment of a ``.wtns``, which must be over the key's field and of its length."""
    from ..formats import read_wtns

    with naming(path):
        if kind_of(path) == Kind.INPUT:
            raise CommandError(ExitCode.USAGE, f"{path} is JSON: inputs are given by --input {path}")
        wtns = read_wtns(path)
        _check_shape(key, "the witness", wtns.field, wtns.num_variables)
    return wtns.assignment


def _why_false(
    key: ProvingKey, key_file: Path, circuit: CompiledCircuit | None, witness_file: str, assignment: Buffer
) -> Exception:
    """The reason when our own proof is false; names the constraint when the circuit can be found."""
    from ..errors import InvalidKey, MalformedInput, UnsatisfiedConstraint, ZkrelayError
    from .programs import program_of

    if circuit is None:
        try:
            program_of(key, key_file, None)[0].r1cs.check(assignment)
        except UnsatisfiedConstraint as error:
            return error
        except (ZkrelayError, CommandError, OSError):
            return MalformedInput(f"{witness_file}: this witness does not satisfy the circuit of {key_file}")
    return InvalidKey(f"{key_file}: a witness that satisfies the circuit gives a false proof: the key is damaged")


def _text_writer(text: str) -> Writer:
    from ..formats import write_bytes

    return lambda path: write_bytes(path, text.encode(), overwrite=True)
