"""The calls to a witness calculator, against small ones written here: honest, early, wrong and hostile."""

from __future__ import annotations

import random
import resource
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import run_in_process

from zkrelay.circom import Limits, WitnessCalculator
from zkrelay.circom.machine import HARMLESS_BYTES
from zkrelay.curves import FIELDS, bn254
from zkrelay.errors import CalculatorRefused, FormatError, MalformedInput

from .wat import EARLY, FOREVER, IMPORTS, calculator, is_input, result

R = bn254.FR.modulus
QUICK = Limits(memory_bytes=1 << 20, seconds=0.2)
CLEAR = "(memory.fill (i32.const 0) (i32.const 0) (i32.const 32))"
THROW = "(param i32) (call $print) (call $throw (i32.const 4))"


def assigned(code: bytes, inputs: dict[str, Any] | None = None, **options: Any) -> list[int]:
    data = WitnessCalculator(code, **options).assign({"x": 5} if inputs is None else inputs)
    return [int.from_bytes(data[at : at + 32], "little") for at in range(0, len(data), 32)]


def refused(
    code: bytes, error: type[Exception], words: str, inputs: dict[str, Any] | None = None, **options: Any
) -> None:
    with pytest.raises(error, match=words) as caught:
        assigned(code, inputs, **options)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1500


def test_what_it_says_of_itself() -> None:
    found = WitnessCalculator(calculator())
    assert (found.version, found.field, found.num_variables, found.num_inputs) == ("2.2.3", bn254.FR, 2, 1)


@pytest.mark.parametrize("x", [0, 1, 2**32, R - 1])
def test_an_assignment(x: int) -> None:
    assert assigned(calculator(), {"x": x}) == [1, x]


def test_one_calculator_many_runs() -> None:
    found = WitnessCalculator(calculator())
    assert [found.assign({"x": x})[32] for x in (3, 4, 3)] == [3, 4, 3]


@pytest.mark.parametrize("name", [name for name in FIELDS if name.endswith("_fr")])
def test_every_field(name: str) -> None:
    assert WitnessCalculator(calculator(modulus=FIELDS[name].modulus)).field == FIELDS[name]


def test_a_field_of_another_size() -> None:
    goldilocks = 2**64 - 2**32 + 1
    found = WitnessCalculator(calculator({"getFieldNumLen32": result(2)}, modulus=goldilocks))
    assert found.field.modulus == goldilocks
    assert found.assign({"x": 7}) == (1).to_bytes(8, "little") + (7).to_bytes(8, "little")


def test_more_elements_than_the_buffer_holds() -> None:
    """40,000 of 32 bytes, both ways: element i of the input is i + 7, that of the result i."""
    code = calculator(
        {
            "getWitnessSize": result(40000),
            "getInputSize": result(40000),
            "getInputSignalSize": "(param i32 i32) (result i32) (i32.const 40000)",
            "setInputSignal": "(param i32 i32) (param $at i32) (if (i32.ne (i32.load (i32.const 0)) "
            "(i32.add (local.get $at) (i32.const 7))) (then (call $throw (i32.const 4))))",
            "getWitness": f"(param i32) {CLEAR} (i32.store (i32.const 0) "
            "(select (local.get 0) (i32.const 1) (local.get 0)))",
        }
    )
    inputs = list(range(7, 40007))
    assert assigned(code, {"x": [inputs[:20000], inputs[20000:]]}) == [1, *range(1, 40000)]
    refused(code, CalculatorRefused, "does not hold", {"x": inputs[::-1]})


def test_an_early_calculator() -> None:
    """It cannot tell sizes: an unknown input is refused when it is set."""
    code = calculator(EARLY, imports='(import "runtime" "exceptionHandler" (func $throw (param i32)))')
    found = WitnessCalculator(code)
    assert found.version == "2" and found.assign({"x": 9})[32] == 9
    refused(code, CalculatorRefused, "no such signal", {"y": 9})
    refused(code, MalformedInput, "1 elements in all, the circuit takes|2 elements in all", {"x": [1, 2]})
    refused(code, MalformedInput, "0 elements in all, the circuit takes 1", {})


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"x": 1, "y": 2}, "unknown input 'y'"),
        ({"y": 2}, "unknown input 'y'"),
        ({"x": [1, 2]}, "'x' must have 1 elements, not 2"),
        ({"x": []}, "'x' must have 1 elements, not 0"),
        ({"x": R}, "'x' is not in"),
        ({"x": [[R]]}, r"'x\[0\]\[0\]' is not in"),
        ({"x": -1}, "'x' is not in"),
        ({"x": True}, "'x' must be an integer or a list, not bool"),
        ({"x": "5"}, "'x' must be an integer or a list, not str"),
        ({"x": None}, "'x' must be an integer"),
        ({}, "0 elements in all, the circuit takes 1"),
    ],
)
def test_wrong_inputs_are_named(inputs: dict[str, Any], words: str) -> None:
    refused(calculator(), MalformedInput, words, inputs)


def test_a_missing_input_is_named_where_names_are_known() -> None:
    with pytest.raises(MalformedInput, match="input 'x' is missing"):
        WitnessCalculator(calculator()).assign({}, names=["out", "x"])


@pytest.mark.parametrize("size", [0, -1])
def test_both_ways_to_say_that_a_name_is_unknown(size: int) -> None:
    sizes = f"(param $high i32) (param $low i32) (result i32) (select (i32.const 1) (i32.const {size}) {is_input('x')})"
    refused(calculator({"getInputSignalSize": sizes}), MalformedInput, "unknown input 'y'", {"x": 1, "y": 1})


def test_a_refusal_shows_what_circom_says() -> None:
    message = "Error in template Main_1 line: 16"
    refused(
        calculator({"init": THROW}, message=message), CalculatorRefused, f"does not hold .*exception 4.*: {message}"
    )


@pytest.mark.parametrize(("code", "words"), [(1, "no such"), (3, "twice"), (7, "bounds"), (99, "an unknown error")])
def test_codes(code: int, words: str) -> None:
    throw = f"(param i32) (call $throw (i32.const {code}))"
    refused(calculator({"init": throw}), CalculatorRefused, f"{words}.*exception {code}")


def test_a_message_is_cut_and_cleaned() -> None:
    """An escape sequence, and one that never ends, printed for ever: the run ends by its time."""
    refused(calculator({"init": THROW}, message="\x1b[31mred\nline\x07"), CalculatorRefused, r"\[31mred line")
    endless = {"init": f"(param i32) {'(call $print)' * 20} (call $throw (i32.const 4))", "getMessageChar": result(65)}
    refused(calculator(endless), CalculatorRefused, "A" * 100)
    refused(
        calculator({"init": "(param i32) (loop $on (call $print) (br $on))"}),
        CalculatorRefused,
        "no result",
        limits=QUICK,
    )


def test_what_it_logs_is_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    imports = (
        IMPORTS
        + '(import "runtime" "writeBufferMessage" (func $log)) (import "runtime" "showSharedRWMemory" (func $show))'
    )
    assert assigned(calculator({"init": "(param i32) (call $log) (call $show)"}, imports=imports)) == [1, 5]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("place", ["init", "getRawPrime", "getWitness", "setInputSignal", "start"])
def test_a_run_ends(place: str) -> None:
    parameters = {"init": "(param i32)", "getWitness": "(param i32)", "setInputSignal": "(param i32 i32 i32)"}
    functions = {place: f"{parameters.get(place, '')} {FOREVER}"} if place != "start" else {}
    more = "" if place != "start" else f"(func $forever {FOREVER}) (start $forever)"
    refused(calculator(functions, more=more), CalculatorRefused, r"no result after 0\.2 seconds", limits=QUICK)


def leb128(number: int) -> bytes:
    low, high = number & 127, number >> 7
    return bytes([low | 128]) + leb128(high) if high else bytes([low])


def with_variables(num_functions: int) -> bytes:
    """Functions of 50,000 variables each, in eight bytes: a millisecond of a compiler for every byte."""

    def section(kind: int, payload: bytes) -> bytes:
        return bytes([kind]) + leb128(len(payload)) + payload

    body = b"\1" + leb128(49_999) + b"\x7e\x0b"
    types, functions = section(1, b"\1\x60\0\0"), section(3, leb128(num_functions) + bytes(num_functions))
    code = leb128(num_functions) + (leb128(len(body)) + body) * num_functions
    return b"\0asm\1\0\0\0" + types + functions + section(10, code)


def test_compiling_ends() -> None:
    """It would take minutes."""
    bomb = with_variables(100_000)
    refused(bomb, CalculatorRefused, r"not compiled after 0\.5 seconds", limits=Limits(compiler_seconds=0.5))


@pytest.mark.skipif(sys.platform != "linux", reason="where the address space is limited")
def test_a_compiler_s_memory_is_limited() -> None:
    limits = Limits(compiler_bytes=1 << 24)
    refused(padded(calculator(), 3000), CalculatorRefused, "not compiled within 16777216 bytes", limits=limits)


def padded(code: bytes, num_bytes: int) -> bytes:
    """A module with a custom section, which means nothing."""
    payload = b"\1x" + bytes(num_bytes)
    return code + b"\0" + leb128(len(payload)) + payload


def test_a_module_compiled_elsewhere_is_the_same() -> None:
    large = padded(calculator(), HARMLESS_BYTES)
    assert assigned(large) == assigned(calculator()) == [1, 5]
    refused(large[:-HARMLESS_BYTES] + b"\xff" * HARMLESS_BYTES + b"\2", FormatError, "no valid WebAssembly module")


def test_memory_is_limited() -> None:
    limits = Limits(memory_bytes=1 << 20)
    refused(calculator(memory="(memory 17)"), FormatError, "memory", limits=limits)
    grow = "(param i32) (loop $on (br_if $on (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))"
    assert assigned(calculator({"init": grow}), limits=limits) == [1, 5]
    refused(calculator(more="(table 2000000 funcref)"), FormatError, "table", limits=limits)
    with pytest.raises(FormatError, match="more than the limit"):
        WitnessCalculator(calculator(), limits=Limits(module_bytes=100))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("unreachable", "unreachable"),
        ("(i32.store (i32.const -4) (i32.const 1))", "memory out of bounds"),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "integer division by zero"),
        ("(call $init (i32.const 0))", "stack overflow"),
    ],
)
def test_traps(code: str, words: str) -> None:
    refused(calculator({"init": f"(param i32) {code}"}), CalculatorRefused, f"trapped: .*{words}")


@pytest.mark.parametrize(
    "line",
    [
        '(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))',
        '(import "env" "memory" (memory 1))',
        '(import "runtime" "system" (func (param i32)))',
        '(import "runtime" "exceptionHandler" (global i32))',
        '(import "runtime" "printErrorMessage" (func (result i32)))',
        '(import "run\\1b[2Jtime" "exceptionHandler" (func (param i32)))',
    ],
)
def test_imports_that_circom_does_not_have(line: str) -> None:
    memory = "" if "memory 1" in line else "(memory 1)"
    refused(calculator(imports=IMPORTS + line, memory=memory), FormatError, "import")


@pytest.mark.parametrize(
    "name", ["getVersion", "getRawPrime", "getFieldNumLen32", "getWitnessSize", "getInputSize", "init"]
)
def test_missing_exports(name: str) -> None:
    refused(calculator({name: None}), FormatError, f"exports no {name}")


@pytest.mark.parametrize("name", ["readSharedRWMemory", "writeSharedRWMemory", "setInputSignal", "getWitness"])
def test_missing_or_misshapen_exports_of_the_loops(name: str) -> None:
    refused(calculator({name: None}), FormatError, "not to be run as circom")
    refused(calculator({name: "(param f64)"}), FormatError, "not to be run as circom")
    refused(
        calculator({name: None}, more=f'(global (export "{name}") i32 (i32.const 0))'),
        FormatError,
        "not to be run as circom",
    )


def test_exports_of_another_kind() -> None:
    refused(
        calculator({"init": None}, more='(global (export "init") i32 (i32.const 0))'),
        FormatError,
        "not to be run as circom",
    )
    refused(calculator({"init": "(param i32 i32)"}), FormatError, "not to be run as circom")
    refused(calculator({"getWitnessSize": "(result f64) (f64.const 2)"}), FormatError, "elements")


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        ({"getVersion": result(1)}, "version 1"),
        ({"getVersion": result(3)}, "version 3"),
        ({"getFieldNumLen32": result(0)}, "of 0 words"),
        ({"getFieldNumLen32": result(7)}, "of 7 words"),
        ({"getFieldNumLen32": result(18)}, "of 18 words"),
        ({"getFieldNumLen32": result(-1)}, "of 4294967295 words"),
        ({"getFieldNumLen32": result(10)}, "modulus"),
        ({"getFieldNumLen32": result(6)}, "modulus"),
        ({"getWitnessSize": result(0)}, "assignment of 0"),
        ({"getWitnessSize": result(-1)}, "assignment of 4294967295"),
    ],
)
def test_numbers_that_make_no_sense(functions: dict[str, str | None], words: str) -> None:
    refused(calculator(functions), FormatError, words)


@pytest.mark.parametrize("modulus", [0, 1, 2, R - 1, R * 3 % 2**256, 2**256 - 1])
def test_moduli_that_are_none(modulus: int) -> None:
    refused(calculator(modulus=modulus), FormatError, "modulus")


def test_results_that_are_no_assignment() -> None:
    refused(
        calculator({"getWitness": f"(param i32) {CLEAR}"}), FormatError, "element 0 of its result is not the constant 1"
    )
    above = (
        "(param i32) (memory.fill (i32.const 0) (i32.const 255) (i32.const 32)) "
        f"(if (i32.eqz (local.get 0)) (then {CLEAR} (i32.store (i32.const 0) (i32.const 1))))"
    )
    refused(calculator({"getWitness": above}), FormatError, "element 1 of its result is not below the modulus")


def test_files_that_are_no_modules() -> None:
    good = calculator()
    for bad in (b"r1cs" + good[4:], b"\0as", b"x"):
        with pytest.raises(FormatError, match=r"not a \.wasm file"):
            WitnessCalculator(bad)
    with pytest.raises(FormatError, match="empty"):
        WitnessCalculator(b"")
    for bad in (good[:8], good[:-1], good[:60], good + b"\xff", good[:4] + b"\2" + good[5:]):
        with pytest.raises(FormatError):
            WitnessCalculator(bad)


def test_spoiled_modules_end_in_our_errors() -> None:
    rng, good, refusals = random.Random("wasm"), calculator(), 0
    for _ in range(60):
        spoiled = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            spoiled[rng.randrange(4, len(good))] ^= 1 << rng.randrange(8)
        try:
            found = WitnessCalculator(bytes(spoiled), limits=QUICK)
            assert len(found.assign({"x": 5})) == found.num_variables * found.field.num_bytes
        except (CalculatorRefused, MalformedInput):
            refusals += 1
    assert refusals > 20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_many_runs_hold_no_memory() -> None:
    """Each run takes 16 MiB; twenty of them do not add up."""
    found = WitnessCalculator(
        calculator(
            {"init": "(param i32) (memory.fill (i32.const 4096) (i32.const 1) (i32.const 16000000))"},
            memory="(memory 256)",
        )
    )
    found.assign({"x": 1})
    before = resident_bytes()
    for _ in range(20):
        found.assign({"x": 1})
    assert resident_bytes() - before < 64 << 20


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment's fault (4), and which module is missing."""
    path = tmp_path / "c.wasm"
    path.write_bytes(calculator())
    (tmp_path / "input.json").write_text('{"x": 1}')
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    outcome = run_in_process("witness", path, "--input", tmp_path / "input.json")
    assert outcome.exit_code == 4 and "missing: wasmtime" in outcome.stderr
