"""py_ecc, a verifier in pure Python that shares no code with the kernel, must agree with ``verify`` on everything."""

from __future__ import annotations

import builtins
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zkrelay import formats
from zkrelay.algebra.points import g1_generator, negate_g1, negate_g2
from zkrelay.curves import CURVES, PairingCurve, bn254
from zkrelay.errors import InvalidPoint, InvalidProof, KernelUnavailable, MalformedInput, NonCanonicalNumber
from zkrelay.groth16 import rerandomize, verify
from zkrelay.groth16.second_opinion import verify_with_py_ecc

from ..groth16.bad_points import (
    g1_off_curve,
    g1_outside_subgroup,
    g2_off_curve,
    g2_outside_subgroup,
    not_canonical,
    small_order_g1,
)
from ..groth16.small_circuits import Statement, cubic, prove_statement

R = bn254.FR.modulus
SLOW = "bn254"  # py_ecc takes twice as long over it, by the same code of ours
INTEROP = Path(__file__).resolve().parent.parent / "vectors" / "interop"


def test_our_proof_is_accepted(proved: Statement) -> None:
    verify_with_py_ecc(proved.vk, proved.public, proved.proof)


def test_a_rerandomised_proof_is_accepted(proved: Statement) -> None:
    verify_with_py_ecc(proved.vk, proved.public, rerandomize(proved.vk, proved.proof))


@pytest.mark.parametrize("name", ["claim", "chain_2p12"])
def test_proofs_made_by_others_are_accepted(name: str) -> None:
    key = formats.read_verifying_key(INTEROP / f"{name}.vkey.json")
    public = formats.read_public(INTEROP / f"{name}.public.json")
    proof = formats.read_proof(INTEROP / f"{name}.proof.json")
    verify_with_py_ecc(key, public, proof)
    if name == "claim":  # the smaller statement
        with pytest.raises(InvalidProof):
            verify_with_py_ecc(key, [(public[0] + 1) % R, *public[1:]], proof)


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_a_changed_public_input_is_refused(proved: Statement, index: int) -> None:
    public = list(proved.public)
    public[index] = (public[index] + 1) % proved.r
    for check in (verify,) if proved.pk.curve == SLOW and index else (verify, verify_with_py_ecc):
        with pytest.raises(InvalidProof):
            check(proved.vk, public, proved.proof)


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_a_negated_point_is_refused(proved: Statement, name: str) -> None:
    negate = negate_g2 if name == "b" else negate_g1
    proof = dataclasses.replace(proved.proof, **{name: negate(getattr(proved.proof, name), proved.pk.curve)})
    for check in (verify,) if proved.pk.curve == SLOW and name != "b" else (verify, verify_with_py_ecc):
        with pytest.raises(InvalidProof):
            check(proved.vk, proved.public, proof)


def test_exchanged_points_are_refused(proved: Statement) -> None:
    proof = dataclasses.replace(proved.proof, a=proved.proof.c, c=proved.proof.a)
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(InvalidProof):
            check(proved.vk, proved.public, proof)


@pytest.mark.parametrize(
    ("name", "make", "error"),
    [
        ("a", g1_off_curve, InvalidPoint),
        ("c", g1_off_curve, InvalidPoint),
        ("b", g2_off_curve, InvalidPoint),
        ("a", g1_outside_subgroup, InvalidPoint),
        ("c", small_order_g1, InvalidPoint),
        ("b", g2_outside_subgroup, InvalidPoint),
        ("a", lambda curve: bytes(curve.g1_bytes), InvalidPoint),
        ("b", lambda curve: bytes(curve.g2_bytes), InvalidPoint),
        ("c", lambda curve: bytes(curve.g1_bytes), InvalidPoint),
        ("a", lambda curve: not_canonical(curve, g1_generator(curve.name), 0), NonCanonicalNumber),
        ("c", lambda curve: not_canonical(curve, g1_generator(curve.name), 1), NonCanonicalNumber),
    ],
)
def test_both_refuse_malformed_points_with_the_same_error(
    proved: Statement, name: str, make: Callable[[PairingCurve], bytes], error: type[Exception]
) -> None:
    if proved.curve.g1_cofactor == 1 and make in (g1_outside_subgroup, small_order_g1):
        return  # a point on the curve is in the group
    proof = dataclasses.replace(proved.proof, **{name: make(proved.curve)})
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(error):
            check(proved.vk, proved.public, proof)


def test_both_refuse_malformed_statements_with_the_same_error(proved: Statement) -> None:
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(NonCanonicalNumber):
            check(proved.vk, [proved.r, *proved.public[1:]], proved.proof)
        with pytest.raises(MalformedInput, match="takes 4 public inputs"):
            check(proved.vk, proved.public[:3], proved.proof)


def test_both_refuse_a_key_of_another_curve_with_the_same_error(proved: Statement) -> None:
    (name,) = (name for name in CURVES if name != proved.pk.curve)
    foreign = prove_statement(*cubic(3, CURVES[name].fr))
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(MalformedInput, match=f"the proof is over {proved.pk.curve}, the key over {name}"):
            check(foreign.vk, foreign.public, proved.proof)


def test_without_py_ecc_the_error_says_what_to_install(proved: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.partition(".")[0] == "py_ecc":
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(KernelUnavailable, match="pip install 'py_ecc"):
        verify_with_py_ecc(proved.vk, proved.public, proved.proof)
