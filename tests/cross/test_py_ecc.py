"""py_ecc, a verifier in pure Python that shares no code with the kernel, must agree with ``verify`` on everything."""

from __future__ import annotations

import builtins
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from zkrelay import formats
from zkrelay.algebra.points import G1_GENERATOR, negate_g1, negate_g2
from zkrelay.curves import bn254
from zkrelay.errors import InvalidPoint, InvalidProof, KernelUnavailable, MalformedInput, NonCanonicalNumber
from zkrelay.groth16 import Proof, rerandomize, verify
from zkrelay.groth16.second_opinion import verify_with_py_ecc

from ..groth16.bad_points import g1_off_curve, g2_off_curve, g2_outside_subgroup, not_canonical
from ..groth16.small_circuits import Statement

R = bn254.FR.modulus
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
    with pytest.raises(InvalidProof):
        verify_with_py_ecc(key, [(public[0] + 1) % R, *public[1:]], proof)


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_a_changed_public_input_is_refused(proved: Statement, index: int) -> None:
    public = list(proved.public)
    public[index] = (public[index] + 1) % R
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(InvalidProof):
            check(proved.vk, public, proved.proof)


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_a_negated_point_is_refused(proved: Statement, name: str) -> None:
    negate = negate_g2 if name == "b" else negate_g1
    proof = dataclasses.replace(proved.proof, **{name: negate(getattr(proved.proof, name))})
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(InvalidProof):
            check(proved.vk, proved.public, proof)


def test_exchanged_points_are_refused(proved: Statement) -> None:
    proof = Proof(proved.proof.c, proved.proof.b, proved.proof.a)
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(InvalidProof):
            check(proved.vk, proved.public, proof)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"a": g1_off_curve()}, InvalidPoint),
        ({"c": g1_off_curve()}, InvalidPoint),
        ({"b": g2_off_curve()}, InvalidPoint),
        ({"b": g2_outside_subgroup()}, InvalidPoint),
        ({"a": bytes(64)}, InvalidPoint),
        ({"b": bytes(128)}, InvalidPoint),
        ({"c": bytes(64)}, InvalidPoint),
        ({"a": not_canonical(G1_GENERATOR, 0)}, NonCanonicalNumber),
        ({"c": not_canonical(G1_GENERATOR, 1)}, NonCanonicalNumber),
    ],
)
def test_both_refuse_malformed_points_with_the_same_error(
    proved: Statement, change: dict[str, bytes], error: type[Exception]
) -> None:
    proof = dataclasses.replace(proved.proof, **change)
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(error):
            check(proved.vk, proved.public, proof)


def test_both_refuse_malformed_statements_with_the_same_error(proved: Statement) -> None:
    for check in (verify, verify_with_py_ecc):
        with pytest.raises(NonCanonicalNumber):
            check(proved.vk, [R, *proved.public[1:]], proved.proof)
        with pytest.raises(MalformedInput, match="takes 4 public inputs"):
            check(proved.vk, proved.public[:3], proved.proof)


def test_without_py_ecc_the_error_says_what_to_install(proved: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.partition(".")[0] == "py_ecc":
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(KernelUnavailable, match="pip install 'py_ecc"):
        verify_with_py_ecc(proved.vk, proved.public, proved.proof)
