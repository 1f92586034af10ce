"""Verification by code that shares nothing with the kernel: py_ecc's fields, curve and pairing, in pure Python.

For a verifier who wants to know that a verdict is no bug of ours, and for the tests.  Only the unpacking of coordinates
to integers is common to the two.  py_ecc is not a dependency: it is imported when asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

from ..algebra.encoding import pack_g1, pack_g2, unpack_g1, unpack_g2
from ..curves import CURVES
from ..errors import InvalidPoint, InvalidProof, KernelUnavailable, NonCanonicalNumber
from .keys import Proof, VerifyingKey
from .verify import check_curve_of, check_public_inputs

_MODULES = {"bn254": "optimized_bn128", "bls12_381": "optimized_bls12_381"}
"""The ``optimized_`` modules: the plain ones take ten times as long."""


def verify_with_py_ecc(vk: VerifyingKey, public_inputs: Sequence[int], proof: Proof) -> None:
    """The same contract as ``verify``, decided by py_ecc alone.

    Raises:
        KernelUnavailable: py_ecc is not installed.
        InvalidProof: the pairing equation does not hold.
        InvalidPoint: a point of key or proof is infinity, off its curve or outside the subgroup.
        MalformedInput, NonCanonicalNumber: key and proof of different curves; count or range of the public inputs.
    """
    ecc, curve = _py_ecc(vk.curve), vk.curve
    check_curve_of(proof, vk)
    check_public_inputs(public_inputs, vk.num_public, vk.fr)
    product, gamma, delta, basis = _key(vk)
    (a,), b = _g1(ecc, curve, "proof.a", proof.a), _g2(ecc, curve, "proof.b", proof.b)
    (c,) = _g1(ecc, curve, "proof.c", proof.c)

    statement = basis[0]
    for value, point in zip(public_inputs, basis[1:], strict=True):
        statement = ecc.add(statement, ecc.multiply(point, value))
    for g2, g1 in ((b, ecc.neg(a)), (gamma, statement), (delta, c)):
        product *= ecc.pairing(g2, g1, final_exponentiate=False)
    if ecc.final_exponentiate(product) != ecc.FQ12.one():
        raise InvalidProof("py_ecc: the pairing equation does not hold")


@lru_cache(maxsize=2)  # for the proofs that come next: the key takes a third of the time
def _key(vk: VerifyingKey) -> tuple[Any, Any, Any, list[Any]]:
    """e(α, β) before the final exponentiation, γ, δ and the points of the public inputs, after their checks."""
    ecc, curve = _py_ecc(vk.curve), vk.curve
    alpha = _g1(ecc, curve, "alpha_g1", vk.alpha_g1)[0]
    beta, gamma, delta = (_g2(ecc, curve, name, getattr(vk, name)) for name in ("beta_g2", "gamma_g2", "delta_g2"))
    basis = _g1(ecc, curve, "gamma_abc_g1", vk.gamma_abc_g1)
    return ecc.pairing(beta, alpha, final_exponentiate=False), gamma, delta, basis


def _py_ecc(curve: str) -> ModuleType:
    """py_ecc's module for the curve."""
    limit = sys.getrecursionlimit()
    try:
        import py_ecc
    except ImportError:
        raise KernelUnavailable("the second opinion needs py_ecc: pip install 'py_ecc>=8'") from None
    finally:
        sys.setrecursionlimit(limit)  # py_ecc raises it for the whole process, so far that the C stack overflows first
    module: ModuleType = getattr(py_ecc, _MODULES[curve])
    return module


def _g1(ecc: Any, curve: str, name: str, data: bytes) -> list[Any]:
    points = unpack_g1(data, curve)
    if pack_g1(points, curve) != data:
        raise NonCanonicalNumber(f"{name}: a coordinate is not below the base field modulus")
    out = []
    for point in points:
        if point is None:
            raise InvalidPoint(f"{name}: infinity")
        projective = (ecc.FQ(point[0]), ecc.FQ(point[1]), ecc.FQ.one())
        if not ecc.is_on_curve(projective, ecc.b):
            raise InvalidPoint(f"{name}: not on the curve")
        if CURVES[curve].g1_cofactor != 1 and not ecc.is_inf(ecc.multiply(projective, ecc.curve_order)):
            raise InvalidPoint(f"{name}: not in the subgroup of order r")
        out.append(projective)
    return out


def _g2(ecc: Any, curve: str, name: str, data: bytes) -> Any:
    (point,) = unpack_g2(data, curve)
    if pack_g2([point], curve) != data:
        raise NonCanonicalNumber(f"{name}: a coordinate is not below the base field modulus")
    if point is None:
        raise InvalidPoint(f"{name}: infinity")
    projective = (ecc.FQ2(point[0]), ecc.FQ2(point[1]), ecc.FQ2.one())
    if not ecc.is_on_curve(projective, ecc.b2):
        raise InvalidPoint(f"{name}: not on the curve")
    if not ecc.is_inf(ecc.multiply(projective, ecc.curve_order)):
        raise InvalidPoint(f"{name}: not in the subgroup of order r")
    return projective
