"""@noble/curves as verifier: ``noble_verify.mjs`` reads the files we write and decides alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from zkrelay import formats
from zkrelay.groth16 import rerandomize

from ..groth16.bad_points import g1_off_curve, g1_outside_subgroup, g2_outside_subgroup
from ..groth16.small_circuits import Statement
from .conftest import Files, Node

VALID, INVALID, MALFORMED = 0, 1, 3


def verdict(node: Node, files: Files) -> int:
    done = node("cross/noble_verify.mjs", files.key, files.public, files.proof)
    assert (done.returncode, done.stdout.strip()) in ((VALID, "valid"), (INVALID, "invalid"), (MALFORMED, "")), done
    return done.returncode


def test_our_proof_is_accepted(node: Node, files: Files) -> None:
    assert verdict(node, files) == VALID


def test_a_rerandomised_proof_is_accepted(node: Node, files: Files, proved: Statement) -> None:
    formats.write_proof(files.proof, rerandomize(proved.vk, proved.proof), overwrite=True)
    assert verdict(node, files) == VALID


@pytest.mark.parametrize("index", [0, 1, 3])
def test_a_changed_public_input_is_refused(node: Node, files: Files, proved: Statement, index: int) -> None:
    public = list(proved.public)
    public[index] = (public[index] + 1) % proved.r
    formats.write_public(files.public, public, proved.pk.curve, overwrite=True)
    assert verdict(node, files) == INVALID


@pytest.mark.parametrize("name", ["pi_a", "pi_c"])
def test_a_negated_point_is_refused(node: Node, files: Files, proved: Statement, name: str) -> None:
    proof = json.loads(files.proof.read_text())
    proof[name][1] = str(proved.curve.fp.modulus - int(proof[name][1]))
    files.proof.write_text(json.dumps(proof))
    assert verdict(node, files) == INVALID


def test_exchanged_points_are_refused(node: Node, files: Files) -> None:
    proof = json.loads(files.proof.read_text())
    proof["pi_a"], proof["pi_c"] = proof["pi_c"], proof["pi_a"]
    files.proof.write_text(json.dumps(proof))
    assert verdict(node, files) == INVALID


@pytest.mark.parametrize(
    "part", ["a off the curve", "a outside the subgroup", "b outside the subgroup", "input plus r"]
)
def test_malformed_files_are_refused_as_such(node: Node, files: Files, proved: Statement, part: str) -> None:
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
    assert verdict(node, files) == MALFORMED
