"""Calculators of the real circom: the same ``.wtns`` as snarkjs, byte for byte, and one line from inputs to a proof."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import run_in_process

from zkrelay import formats
from zkrelay.circom import WitnessCalculator
from zkrelay.curves import CURVES
from zkrelay.errors import CalculatorRefused, MalformedInput
from zkrelay.groth16 import setup, verify

from ..cross.conftest import snarkjs
from ..cross.snarkjs_process import Snarkjs
from .conftest import INPUTS, Compiled

__all__ = ["snarkjs"]


@pytest.fixture(scope="module")
def zkey(compiled: Compiled) -> Path:
    path = compiled.folder / "c.zkey"
    formats.write_zkey(path, setup(formats.read_r1cs(compiled.r1cs)))
    return path


def spoiled(folder: Path, changes: dict[str, object]) -> Path:
    """Inputs with some changed; ``...`` leaves one out."""
    inputs = {name: value for name, value in {**INPUTS, **changes}.items() if value is not ...}
    path = folder / "spoiled.json"
    path.write_text(json.dumps(inputs))
    return path


def test_the_same_bytes_as_snarkjs(snarkjs: Snarkjs, compiled: Compiled, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs.wtns", tmp_path / "ours.wtns"
    snarkjs.step("wtns", "calculate", json.loads(compiled.inputs.read_text()), compiled.wasm, theirs)
    outcome = run_in_process("witness", compiled.wasm, "--input", compiled.inputs, "-o", ours)
    assert outcome.exit_code == 0, outcome.text
    assert ours.read_bytes() == theirs.read_bytes()
    assert "secret" not in outcome.stdout and ours.stat().st_mode & 0o777 == 0o600


def test_the_library(compiled: Compiled) -> None:
    calculator = WitnessCalculator(compiled.wasm)
    r1cs = formats.read_r1cs(compiled.r1cs)
    assert (calculator.field, calculator.num_variables) == (CURVES[compiled.curve].fr, r1cs.num_variables)
    assert calculator.version.startswith("2.") and calculator.num_inputs == 8
    assignment = calculator.assign(formats.read_inputs(compiled.inputs))
    r1cs.check(assignment)
    out = int.from_bytes(assignment[32:64], "little")
    assert out == (720 * pow(5, -1, calculator.field.modulus) + 1) % calculator.field.modulus
    with pytest.raises(CalculatorRefused, match="Error in template Main"):
        calculator.assign({**formats.read_inputs(compiled.inputs), "flag": 2})
    with pytest.raises(MalformedInput, match="'m' must have 6 elements, not 5"):
        calculator.assign({"a": 5, "m": [1] * 5, "flag": 1})


def test_prove_in_one_line(compiled: Compiled, zkey: Path, tmp_path: Path) -> None:
    proof, public = tmp_path / "proof.json", tmp_path / "public.json"
    outcome = run_in_process(
        "prove", zkey, proof, public, "--wasm", compiled.wasm, "--input", compiled.inputs, "--threads", "1", "--json"
    )
    assert outcome.exit_code == 0, outcome.text
    assert outcome.json()["circuit"] is None and outcome.json()["public_inputs"][1] == "5"
    statement = formats.read_public(public, compiled.curve)
    verify(formats.read_zkey(zkey).verifying_key, statement, formats.read_proof(proof))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flag": "2"}, "circom's exception 4): Error in template Main"),
        ({"a": "7"}, "Error in template Main"),
        ({"a": "0"}, "Error in template Main"),
        ({"flag": ...}, "spoiled.json: input 'flag' is missing"),
        ({"m": ["1"]}, "spoiled.json: input 'm' must have 6 elements, not 1"),
        ({"b": "1"}, "spoiled.json: unknown input 'b'"),
        ({"a": "0x5"}, "section a: not a canonical decimal"),
        ({"a": str(2**255)}, "spoiled.json: input 'a' is not in"),
    ],
)
def test_refused_inputs(compiled: Compiled, tmp_path: Path, changes: dict[str, object], words: str) -> None:
    out = tmp_path / "w.wtns"
    outcome = run_in_process("witness", compiled.wasm, "--input", spoiled(tmp_path, changes), "-o", out)
    assert outcome.exit_code == 3 and words in outcome.stderr and not out.exists()


def test_nothing_is_proved_of_refused_inputs(compiled: Compiled, zkey: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "proof.json", tmp_path / "public.json"]
    outcome = run_in_process("prove", zkey, *outputs, "--wasm", compiled.wasm, "-i", spoiled(tmp_path, {"flag": "2"}))
    assert outcome.exit_code == 3 and "Error in template Main" in outcome.stderr
    assert not any(path.exists() for path in outputs)


def test_another_curve_or_circuit_is_refused(compiled: Compiled, zkey: Path, tmp_path: Path) -> None:
    from .wat import calculator

    wrong = tmp_path / "wrong.wasm"
    (other,) = set(CURVES) - {compiled.curve}
    for modulus, words in ((CURVES[other].fr.modulus, "the key over"), (CURVES[compiled.curve].fr.modulus, "asks for")):
        wrong.write_bytes(calculator(modulus=modulus))
        outcome = run_in_process(
            "prove", zkey, tmp_path / "p.json", tmp_path / "q.json", "--wasm", wrong, "--input", compiled.inputs
        )
        assert outcome.exit_code == 3 and f"{wrong}: the calculator" in outcome.stderr and words in outcome.stderr


def test_usage(compiled: Compiled, zkey: Path, tmp_path: Path) -> None:
    without = run_in_process("prove", zkey, "--wasm", compiled.wasm)
    both = run_in_process("prove", zkey, "--wasm", compiled.wasm, "--program", "p.zkwp", "--input", compiled.inputs)
    assert (without.exit_code, both.exit_code) == (2, 2)


def test_a_limit_on_the_command_line(compiled: Compiled, tmp_path: Path) -> None:
    small = ["--wasm-bytes", str(1 << 16)]
    outcome = run_in_process("witness", compiled.wasm, "-i", compiled.inputs, "-o", tmp_path / "w.wtns", *small)
    assert outcome.exit_code == 3 and "memory" in outcome.stderr and not (tmp_path / "w.wtns").exists()


def test_info(compiled: Compiled) -> None:
    facts = run_in_process("info", compiled.wasm, "--json").json()
    assert (facts["format"], facts["field"], facts["num_input_elements"]) == ("wasm", f"{compiled.curve}_fr", 8)
    assert facts["circom"].startswith("2.") and facts["num_constraints"] is None


def test_names_of_missing_inputs_need_the_sym(compiled: Compiled, tmp_path: Path) -> None:
    alone = Path(shutil.copy(compiled.wasm, tmp_path / "c.wasm"))
    outcome = run_in_process("witness", alone, "-i", spoiled(tmp_path, {"flag": ...}), "-o", tmp_path / "w.wtns")
    assert outcome.exit_code == 3 and "7 elements in all, the circuit takes 8" in outcome.stderr
