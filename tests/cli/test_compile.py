"""``compile``: names and files of one's own, constants, three files at once, and what a bad circuit gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from zkrelay.formats import read_r1cs, read_sym, read_zkwp

CIRCUITS = """
from zkrelay import Circuit, private, public

class Cube(Circuit):
    y = public()
    x = private()
    def __init__(self, k: int = 5):
        self.k = k
    def define(self, cs):
        cs.assert_product(self.x * self.x, self.x, self.y - self.x - self.k)

class Loose(Circuit):
    y = public()
    def define(self, cs):
        cs.assert_product(self.y, self.y, cs.constant(4))
        cs.witness(cs.value_of(self.y).inverse(), "inverse")

class Broken(Circuit):
    y = public()
    def define(self, cs):
        self.y.no_such_thing()
"""


@pytest.fixture
def circuits(tmp_path: Path) -> Path:
    path = tmp_path / "circuits.py"
    path.write_text(CIRCUITS)
    return path


def test_compile_writes_three_files_that_agree(made_once):
    r1cs, circuit = read_r1cs(made_once / "u.r1cs"), read_zkwp(made_once / "u.zkwp")
    symbols = read_sym(made_once / "u.sym")
    assert r1cs.num_constraints == circuit.r1cs.num_constraints > 0
    assert [s.name for s in symbols] == list(circuit.r1cs.debug.wire_names[1:])


def test_compile_is_deterministic(cli, made_once, tmp_path):
    assert cli("compile", "usage_limit", "-o", tmp_path / "again.r1cs").exit_code == 0
    for suffix in ("r1cs", "sym", "zkwp"):
        assert (tmp_path / f"again.{suffix}").read_bytes() == (made_once / f"u.{suffix}").read_bytes()


def test_default_output_is_the_name_in_the_current_folder(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli("compile", "usage_limit").exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["usage_limit.r1cs", "usage_limit.sym", "usage_limit.zkwp"]


def test_class_in_a_file_with_a_constant(cli, circuits, tmp_path):
    outcome = cli("compile", f"{circuits}:Cube", "--set", "k=0x10", "-o", tmp_path / "c.r1cs", "--json")
    facts = outcome.json()
    assert (outcome.exit_code, facts["name"], facts["constants"]) == (0, "cube", {"k": 16})
    assert (facts["num_constraints"], facts["num_wires"], facts["num_public"]) == (2, 4, 1)
    debug = read_zkwp(tmp_path / "c.zkwp").r1cs.debug
    assert all(line.startswith("circuits.py:") for line in debug.lines), "a path would differ between machines"


@pytest.mark.parametrize("name", ["bls12_381", "bls12-381"])
def test_other_field(cli, circuits, tmp_path, name):
    outcome = cli("compile", f"{circuits}:Cube", "--field", name, "-o", tmp_path / "c.r1cs")
    assert outcome.exit_code == 0
    assert read_r1cs(tmp_path / "c.r1cs").field.name == "bls12_381_fr"


def test_constants_of_the_claim(cli, tmp_path):
    small = cli("compile", "claim", "--depth", "2", "--arity", "2", "-o", tmp_path / "c.r1cs", "--json").json()
    assert small["constants"] == {"arity": 2, "depth": 2}
    assert len(read_zkwp(tmp_path / "c.zkwp").program.inputs[-3].shape) == 2
    assert small["num_constraints"] < 8000


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["usage_limit", "--field", "bls12_377"], 2, ["'bls12_377'", "bn254, bls12_381"]),
        (["nope"], 2, ["'nope'", "claim", "usage_limit"]),
        (["usage_limit", "--depth", "3"], 2, ["usage_limit", "depth"]),
        (["claim", "--depth", "99"], 2, ["depth 99"]),
        (["claim", "--depth", "5", "--set", "depth=5"], 2, ["twice"]),
        (["claim", "--set", "depth"], 2, ["NAME=VALUE"]),
        (["claim", "--set", "depth=ten"], 2, ["integer"]),
        (["CIRCUITS"], 2, ["say which circuit", "Cube, Loose, Broken"]),
        (["CIRCUITS:Nope"], 2, ["'Nope'", "Cube"]),
        (["CIRCUITS:Cube", "--set", "j=1"], 2, ["'j'"]),
        (["CIRCUITS:Loose"], 1, ["'inverse'", "circuits.py:16", "no constraint"]),
        (["CIRCUITS:Broken"], 3, ["circuits.py, line 21", "AttributeError"]),
        (["CIRCUITS:Cube", "-o", "c.json"], 2, [".r1cs"]),
        (["CIRCUITS:Cube", "-o", "nowhere/c.r1cs"], 3, ["nowhere/c.r1cs", "does not exist"]),
        (["missing.py:Cube"], 3, ["missing.py", "no such file"]),
    ],
)
def test_refusals_name_what_is_wrong_and_write_nothing(cli, circuits, monkeypatch, arguments, code, words):
    monkeypatch.chdir(circuits.parent)
    outcome = cli("compile", *(a.replace("CIRCUITS", "circuits.py") for a in arguments))
    assert outcome.exit_code == code, outcome.text
    for word in words:
        assert word in outcome.stderr
    assert outcome.stdout == ""
    assert [p.name for p in circuits.parent.iterdir() if p.suffix in (".r1cs", ".sym", ".zkwp")] == []


@pytest.mark.parametrize(
    ("text", "words"), [("x = (", "line 1: SyntaxError"), ("import nowhere_at_all", "line 1: Module")]
)
def test_file_that_python_refuses(cli, tmp_path, text, words):
    path = tmp_path / "bad.py"
    path.write_text(text)
    outcome = cli("compile", f"{path}:X", "-o", tmp_path / "x.r1cs")
    assert outcome.exit_code == 3 and words in outcome.stderr


@pytest.mark.parametrize("present", ["r1cs", "sym", "zkwp"])
def test_nothing_is_replaced_without_force(cli, tmp_path, present):
    standing = tmp_path / f"u.{present}"
    standing.write_text("precious")
    outcome = cli("compile", "usage_limit", "-o", tmp_path / "u.r1cs")
    assert outcome.exit_code == 2 and f"u.{present} exists" in outcome.stderr and "--force" in outcome.stderr
    assert standing.read_text() == "precious" and [p.name for p in tmp_path.iterdir()] == [standing.name]
    assert cli("compile", "usage_limit", "-o", tmp_path / "u.r1cs", "--force").exit_code == 0
    assert standing.read_bytes() != b"precious"
