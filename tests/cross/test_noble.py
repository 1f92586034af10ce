"""@noble/curves as verifier: ``noble_verify.mjs`` reads the files we write and decides alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from zkrelay import formats
from zkrelay.groth16 import rerandomize

from ..groth16.bad_points import g1_off_curve, g1_outside_subgroup, g2_outside_subgroup
from ..groth16.small_circuits import Statement
from .conftest import TESTS, Files, find_node

VALID, INVALID, MALFORMED = 0, 1, 3

Verdict = Callable[[Files], int]


@pytest.fixture(scope="module")
def verdict() -> Iterator[Verdict]:
    """Of one process, whose start takes longer than a verdict."""
    command = [find_node(), str(TESTS / "cross" / "noble_verify.mjs")]
    with subprocess.Popen(
        command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:

        def ask(files: Files) -> int:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps([str(path) for path in (files.key, files.public, files.proof)]) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield ask


def test_our_proof_is_accepted(verdict: Verdict, files: Files) -> None:
    assert verdict(files) == VALID


def test_a_rerandomised_proof_is_accepted(verdict: Verdict, files: Files, proved: Statement) -> None:
    formats.write_proof(files.proof, rerandomize(proved.vk, proved.proof), overwrite=True)
    assert verdict(files) == VALID


@pytest.mark.parametrize("index", [0, 1, 3])
def test_a_changed_public_input_is_refused(verdict: Verdict, files: Files, proved: Statement, index: int) -> None:
    public = list(proved.public)
    public[index] = (public[index] + 1) % proved.r
    formats.write_public(files.public, public, proved.pk.curve, overwrite=True)
    assert verdict(files) == INVALID


@pytest.mark.parametrize("name", ["pi_a", "pi_c"])
def test_a_negated_point_is_refused(verdict: Verdict, files: Files, proved: Statement, name: str) -> None:
    proof = json.loads(files.proof.read_text())
    proof[name][1] = str(proved.curve.fp.modulus - int(proof[name][1]))
    files.proof.write_text(json.dumps(proof))
    assert verdict(files) == INVALID


def test_exchanged_points_are_refused(verdict: Verdict, files: Files) -> None:
    proof = json.loads(files.proof.read_text())
    proof["pi_a"], proof["pi_c"] = proof["pi_c"], proof["pi_a"]
    files.proof.write_text(json.dumps(proof))
    assert verdict(files) == INVALID


@pytest.mark.parametrize(
    "part", ["a off the curve", "a outside the subgroup", "b outside the subgroup", "input plus r"]
)
def test_malformed_files_are_refused_as_such(verdict: Verdict, files: Files, proved: Statement, part: str) -> None:
    if part == "a outside the subgroup" and proved.curve.g1_cofactor == 1:
        return  # a point on the curve is in the group
    if part == "input plus r":
        files.public.write_text(json.dumps([str(proved.public[0] + proved.r), *map(str, proved.public[1:])]))
    else:
        make = {
            "a off the curve": g1_off_curve,
            "a outside the subgroup": g1_outside_subgroup,
            "b outside the subgroup": g2_outside_subgroup,
        }[part]
        formats.write_proof(files.proof, replace(proved.proof, **{part[0]: make(proved.curve)}), overwrite=True)
    assert verdict(files) == MALFORMED
