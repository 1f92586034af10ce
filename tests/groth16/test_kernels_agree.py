"""Every kernel of this machine gives the same keys, the same proofs and the same verdicts, byte for byte."""

from __future__ import annotations

import dataclasses
import functools
import random

import pytest

import zkrelay.kernel
from zkrelay.algebra.points import negate_g1
from zkrelay.curves import CURVES, PairingCurve
from zkrelay.errors import InvalidProof
from zkrelay.groth16 import Proof, ProvingKey, verify
from zkrelay.groth16.prove import _prove
from zkrelay.groth16.rerandomize import _rerandomize
from zkrelay.groth16.setup import ToxicWaste, _setup
from zkrelay.kernel import Kernel

from .small_circuits import assignment_bytes, random_satisfied


@dataclasses.dataclass(frozen=True)
class Results:
    pk: ProvingKey
    proof: Proof
    rerandomized: Proof


def results(kernel: Kernel, curve: PairingCurve, seed: str, threads: int) -> Results:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(zkrelay.kernel, "_chosen", lambda: kernel)
        return made_by_the_chosen_kernel(curve, seed, threads)


@functools.cache
def expected(curve: str, seed: str) -> Results:
    """The reference's results, made once for all kernels: they take seconds."""
    return results(zkrelay.kernel.get("reference"), CURVES[curve], seed, 1)


def made_by_the_chosen_kernel(curve: PairingCurve, seed: str, threads: int) -> Results:
    r = curve.fr.modulus
    toxic = ToxicWaste(tau=r // 3, alpha=5, beta=r - 9, gamma=1, delta=r // 7, fr=curve.fr)
    r1cs, z = random_satisfied(random.Random(seed), 28, 3, 17, public=(0, r - 1), field=curve.fr)
    pk = _setup(r1cs, toxic, threads=threads)
    proof = _prove(pk, assignment_bytes(z, curve.fr), r - 2, 12345, threads=threads)
    verify(pk.verifying_key, z[1:4], proof)
    with pytest.raises(InvalidProof):
        verify(pk.verifying_key, z[1:4], dataclasses.replace(proof, c=negate_g1(proof.c, curve.name)))
    return Results(pk, proof, _rerandomize(pk.verifying_key, proof, r - 5, 77))


@pytest.mark.parametrize("seed", ["one", pytest.param("two", marks=pytest.mark.long)])
def test_kernels_and_thread_counts_agree(native_kernel: Kernel, curve: PairingCurve, seed: str) -> None:
    for threads in (1, 2, 3):
        assert results(native_kernel, curve, seed, threads) == expected(curve.name, seed)
