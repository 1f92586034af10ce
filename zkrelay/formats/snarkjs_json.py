"""snarkjs's JSON: ``proof.json``, ``public.json`` and ``verification_key.json`` (docs/formats.md, "JSON").

Numbers are decimal strings.  A G1 point is ["x", "y", "1"], a G2 point is
[["x.c0", "x.c1"], ["y.c0", "y.c1"], ["1", "0"]].  Only ranges are checked here for a proof; whether its points are on
their curves is ``groth16.verify``'s question.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from typing import Any

from ..algebra.encoding import pack_g1, pack_g2, unpack_field, unpack_g1, unpack_g2
from ..curves import CURVES, PairingCurve, bls12_381, bn254
from ..errors import InvalidKey, InvalidPoint, NonCanonicalNumber
from ..groth16.keys import Proof, VerifyingKey, curve_named
from ..kernel import Buffer, current
from .files import Source, write_bytes
from .strict_json import Document, array, decimal, read_json, record

MAX_BYTES = 1 << 20
CURVE_NAMES = {"bn254": "bn128", "bls12_381": "bls12381"}
"""snarkjs's names of the curves."""
_ALIASES = {"BN128": bn254.CURVE, "BN254": bn254.CURVE, "ALTBN128": bn254.CURVE, "BLS12381": bls12_381.CURVE}
_PROOF_FIELDS = frozenset({"pi_a", "pi_b", "pi_c"})
_KEY_FIELDS = frozenset({"nPublic", "vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "IC"})
_COMMON_FIELDS = frozenset({"protocol", "curve"})
# snarkjs's final exponentiations raise to a multiple of (p^12 - 1)/r: that of [FKR11] over BN254, three times it over
# BLS12-381 ([HHT20]).  So its pairings are these powers of the pairing by definition.  Any power prime to r serves a
# verifier; the file holds snarkjs's.
GT_POWERS = {"bn254": 2 * bn254.SEED * (6 * bn254.SEED**2 + 3 * bn254.SEED + 1), "bls12_381": 3}


def read_proof(source: Source) -> Proof:
    """Read ``proof.json``.  A file that names no curve (rapidsnark's) is over BN254, the only one with such files.

    Raises:
        FormatError: naming the field, such as ``pi_b[0][1]``.
    """
    return proof_from_document(read_json(source, limit_bytes=MAX_BYTES))


def proof_from_document(document: Document) -> Proof:
    """``read_proof`` for an object that is a part of a larger file."""
    fields = record(document, _PROOF_FIELDS, _COMMON_FIELDS)
    curve = _read_common(document, fields)
    return Proof(
        a=_g1(document, curve, "pi_a", fields["pi_a"]),
        b=_g2(document, curve, "pi_b", fields["pi_b"]),
        c=_g1(document, curve, "pi_c", fields["pi_c"]),
        curve=curve.name,
    )


def read_public(source: Source, curve: str = "bn254") -> list[int]:
    """Read ``public.json``: the public inputs without the leading 1, each below r of the curve, which it does not name.

    Raises:
        FormatError: naming the place, such as ``[3]``.
        MalformedInput: no such curve.
    """
    fr = curve_named(curve).fr
    document = read_json(source, limit_bytes=MAX_BYTES)
    values = array(document, "", document.value)
    return [decimal(document, f"[{i}]", value, of=fr) for i, value in enumerate(values)]


def read_verifying_key(source: Source) -> VerifyingKey:
    """Read ``verification_key.json`` and run the key's own checks.

    Raises:
        FormatError: naming the field.
        NonCanonicalNumber, InvalidPoint, InvalidKey: the key cannot be sound, or ``vk_alphabeta_12`` is no pairing of
            alpha and beta (as snarkjs computes it, or by definition).
    """
    document = read_json(source, limit_bytes=MAX_BYTES)
    fields = record(document, _KEY_FIELDS, _COMMON_FIELDS | {"vk_alphabeta_12", "development"})
    curve = _read_common(document, fields)
    points = array(document, "IC", fields["IC"])
    num_public = fields["nPublic"]
    if type(num_public) is not int or num_public != len(points) - 1:
        raise document.error("nPublic", f"expected an integer one less than the {len(points)} points of IC")
    development = fields.get("development", False)
    if not isinstance(development, bool):
        raise document.error("development", "expected true or false")
    key = VerifyingKey(
        alpha_g1=_g1(document, curve, "vk_alpha_1", fields["vk_alpha_1"]),
        beta_g2=_g2(document, curve, "vk_beta_2", fields["vk_beta_2"]),
        gamma_g2=_g2(document, curve, "vk_gamma_2", fields["vk_gamma_2"]),
        delta_g2=_g2(document, curve, "vk_delta_2", fields["vk_delta_2"]),
        gamma_abc_g1=b"".join(_g1(document, curve, f"IC[{i}]", point) for i, point in enumerate(points)),
        development=development,
        curve=curve.name,
    )
    key.check()
    if "vk_alphabeta_12" in fields:
        given = _gt(document, curve, "vk_alphabeta_12", fields["vk_alphabeta_12"])
        if given != _alpha_beta(key, GT_POWERS[key.curve]) and given != _alpha_beta(key, 1):
            raise InvalidKey("vk_alphabeta_12 is not the pairing of alpha and beta")
    return key


def proof_to_json(proof: Proof) -> str:
    """``proof.json`` as snarkjs writes it; ``InvalidPoint`` for a point at infinity."""
    return json.dumps(proof_fields(proof), indent=1)


def proof_fields(proof: Proof) -> dict[str, Any]:
    """The object in ``proof.json``; raises as ``proof_to_json``."""
    return {
        "pi_a": _g1_json(proof.a, proof.curve),
        "pi_b": _g2_json(proof.b, proof.curve),
        "pi_c": _g1_json(proof.c, proof.curve),
        "protocol": "groth16",
        "curve": CURVE_NAMES[proof.curve],
    }


def public_to_json(public_inputs: Sequence[int], curve: str = "bn254") -> str:
    """``public.json`` as snarkjs writes it; ``NonCanonicalNumber`` for a value outside [0, r) of the curve."""
    r = curve_named(curve).fr.modulus
    for index, value in enumerate(public_inputs):
        if not 0 <= value < r:
            raise NonCanonicalNumber(f"public input {index} is not below r of {curve}")
    return json.dumps([str(value) for value in public_inputs], indent=1)


def verifying_key_to_json(key: VerifyingKey) -> str:
    """``verification_key.json`` as snarkjs writes it, and ``"development": true`` behind it for a development key."""
    gt = [str(c) for c in _alpha_beta(key, GT_POWERS[key.curve])]
    g1_bytes = CURVES[key.curve].g1_bytes
    basis = [key.gamma_abc_g1[at : at + g1_bytes] for at in range(0, len(key.gamma_abc_g1), g1_bytes)]
    pairs = [gt[k : k + 2] for k in range(0, 12, 2)]
    fields: dict[str, Any] = {
        "protocol": "groth16",
        "curve": CURVE_NAMES[key.curve],
        "nPublic": key.num_public,
        "vk_alpha_1": _g1_json(key.alpha_g1, key.curve),
        "vk_beta_2": _g2_json(key.beta_g2, key.curve),
        "vk_gamma_2": _g2_json(key.gamma_g2, key.curve),
        "vk_delta_2": _g2_json(key.delta_g2, key.curve),
        "vk_alphabeta_12": [pairs[:3], pairs[3:]],
        "IC": [_g1_json(point, key.curve) for point in basis],
    }
    if key.development:
        fields["development"] = True
    return json.dumps(fields, indent=1)


def write_proof(path: str | os.PathLike[str], proof: Proof, *, overwrite: bool = False) -> None:
    """Write ``proof.json``."""
    write_bytes(path, proof_to_json(proof).encode(), overwrite=overwrite)


def write_public(
    path: str | os.PathLike[str], public_inputs: Sequence[int], curve: str = "bn254", *, overwrite: bool = False
) -> None:
    """Write ``public.json``."""
    write_bytes(path, public_to_json(public_inputs, curve).encode(), overwrite=overwrite)


def write_verifying_key(path: str | os.PathLike[str], key: VerifyingKey, *, overwrite: bool = False) -> None:
    """Write ``verification_key.json``."""
    write_bytes(path, verifying_key_to_json(key).encode(), overwrite=overwrite)


def _alpha_beta(key: VerifyingKey, power: int) -> list[int]:
    """e(alpha, beta)^power in the kernel's order of coefficients; the power goes into the first argument."""
    scalar = key.fr.to_bytes(power % key.fr.modulus)
    alpha = current().g1_msm(key.curve, scalar, key.alpha_g1)
    return unpack_field(CURVES[key.curve].fp, current().pairing(key.curve, alpha, key.beta_g2))


def _read_common(document: Document, fields: dict[str, Any]) -> PairingCurve:
    """The curve, by any name that snarkjs knows; BN254 when the file names none."""
    if fields.get("protocol", "groth16") != "groth16":
        raise document.error("protocol", 'expected "groth16"')
    name = fields.get("curve", "bn128")
    curve = _ALIASES.get(re.sub("[^A-Za-z0-9]", "", name).upper()) if isinstance(name, str) else None
    if curve is None:
        raise document.error("curve", "expected bn128 (or bn254, alt_bn128) or bls12381: no other curve is supported")
    return curve


def _coordinates(document: Document, curve: PairingCurve, field: str, value: Any, count: int) -> list[int]:
    items = array(document, field, value, count)
    return [decimal(document, f"{field}[{i}]", item, of=curve.fp) for i, item in enumerate(items)]


def _g1(document: Document, curve: PairingCurve, field: str, value: Any) -> bytes:
    items = array(document, field, value, 3)
    x, y = _coordinates(document, curve, field, items[:2], 2)
    if items[2] != "1":
        raise document.error(f"{field}[2]", 'expected "1" (affine points only, never infinity)')
    return pack_g1([(x, y)], curve.name)


def _g2(document: Document, curve: PairingCurve, field: str, value: Any) -> bytes:
    items = array(document, field, value, 3)
    x, y = (_coordinates(document, curve, f"{field}[{i}]", items[i], 2) for i in range(2))
    if items[2] != ["1", "0"]:
        raise document.error(f"{field}[2]", 'expected ["1", "0"] (affine points only, never infinity)')
    return pack_g2([((x[0], x[1]), (y[0], y[1]))], curve.name)


def _gt(document: Document, curve: PairingCurve, field: str, value: Any) -> list[int]:
    """Twelve coefficients in the kernel's order: w^i, v^j, u^k."""
    out: list[int] = []
    for i, half in enumerate(array(document, field, value, 2)):
        for j, pair in enumerate(array(document, f"{field}[{i}]", half, 3)):
            out += _coordinates(document, curve, f"{field}[{i}][{j}]", pair, 2)
    return out


def _g1_json(data: Buffer, curve: str) -> list[str]:
    (point,) = unpack_g1(data, curve)
    if point is None:
        raise InvalidPoint("a point at infinity has no place in a JSON file")
    return [str(point[0]), str(point[1]), "1"]


def _g2_json(data: Buffer, curve: str) -> list[list[str]]:
    (point,) = unpack_g2(data, curve)
    if point is None:
        raise InvalidPoint("a point at infinity has no place in a JSON file")
    return [[str(c) for c in point[0]], [str(c) for c in point[1]], ["1", "0"]]
