"""gnark's compressed encodings (``WriteTo``) of a Groth16 proof and verifying key (docs/formats.md, "gnark").

    proof   Ar | Bs | Krs | number of commitments u32 | CommitmentPok
    key     [alpha]1 | [beta]1 | [beta]2 | [gamma]2 | [delta]1 | [delta]2 | n u32 | K (n points)
            | lists of committed wires u32 | commitment keys u32

Integers are big-endian.  The order is that of ``marshal.go``'s code, not of its comment.  A circuit
that uses ``api.Commit`` adds commitments, which [Gro16] does not have: then the file is refused.  Without any, the last
point of a proof is infinity.
"""

from __future__ import annotations

from ..algebra.compressed_points import GNARK_BN254, ZCASH
from ..algebra.points import check_g1
from ..groth16.keys import Proof, VerifyingKey, check_same_multiple
from ..kernel import Buffer
from .compressed import Encodings, PointReader, PointWriter
from .cursor import Cursor
from .files import Source

ENCODINGS: Encodings = {"bn254": GNARK_BN254, "bls12_381": ZCASH}
_NONE = bytes(4)  # the number of commitments, of lists of wires, of keys


def read_gnark_proof(source: Source, curve: str = "bn254") -> Proof:
    """The proof, its points in their groups.

    Raises:
        FormatError: a point is malformed, not compressed, off its curve, outside its subgroup or infinity, the proof
            has commitments, or bytes are missing or left.
        MalformedInput: no such curve.
    """
    reader = PointReader(source, "proof", curve, ENCODINGS)
    proof = reader.proof()
    _none(reader.cursor, "commitments")
    at = reader.cursor.position
    if any(reader.g1("the proof of knowledge of the commitments", allow_infinity=True)):
        raise reader.cursor.error("a proof of knowledge, and no commitment that it is for", at=at)
    reader.cursor.end()
    return proof


def read_gnark_verifying_key(source: Source, curve: str = "bn254", *, development: bool = True) -> VerifyingKey:
    """The key, checked; [beta]1 and [delta]1 must be infinity (absent) or belong to [beta]2 and [delta]2.

    Args:
        development: as ``read_arkworks_verifying_key``.

    Raises:
        FormatError: as ``read_gnark_proof``, or a number of points that does not fit.
        InvalidKey: the key cannot be sound.
        MalformedInput: no such curve.
    """
    reader = PointReader(source, "verifying key", curve, ENCODINGS)
    alpha = reader.g1("alpha_g1")
    beta_g1 = reader.g1("beta_g1", allow_infinity=True)
    beta, gamma = reader.g2("beta_g2"), reader.g2("gamma_g2")
    delta_g1 = reader.g1("delta_g1", allow_infinity=True)
    delta = reader.g2("delta_g2")
    count = reader.cursor.u32_big_endian("the number of points")
    basis = reader.g1_array(count, "gamma_abc_g1")
    _none(reader.cursor, "lists of committed wires")
    _none(reader.cursor, "commitment keys")
    reader.cursor.end()
    key = VerifyingKey(alpha, beta, gamma, delta, basis, development, curve)
    key.check()
    for name, g1, g2 in (("beta", beta_g1, beta), ("delta", delta_g1, delta)):
        if any(g1):
            check_same_multiple(curve, name, g1, g2)
    return key


def proof_to_gnark(proof: Proof) -> bytes:
    """164 bytes over BN254, 244 over BLS12-381; raises as ``Proof.check``."""
    write = PointWriter(proof.curve, ENCODINGS)
    return write.proof(proof) + _NONE + write.infinity()


def verifying_key_to_gnark(
    key: VerifyingKey, *, beta_g1: Buffer | None = None, delta_g1: Buffer | None = None
) -> bytes:
    """The key's bytes, in which a development key is not marked.

    Args:
        beta_g1, delta_g1: of the proving key.  gnark has them in its verifying key "for compatibility" and its
            verifier does not use them; without them infinity stands there.

    Raises:
        NonCanonicalNumber, InvalidPoint, InvalidKey: as ``VerifyingKey.check``, or the points in G1 and G2 differ.
    """
    key.check()
    for name, g1, g2 in (("beta", beta_g1, key.beta_g2), ("delta", delta_g1, key.delta_g2)):
        if g1 is not None:
            check_g1(key.curve, f"{name}_g1", g1)
            check_same_multiple(key.curve, name, g1, g2)
    write = PointWriter(key.curve, ENCODINGS)
    basis = write.g1_array(key.gamma_abc_g1)
    return b"".join(
        [
            write.g1(key.alpha_g1),
            write.infinity() if beta_g1 is None else write.g1(beta_g1),
            write.g2(key.beta_g2, key.gamma_g2),
            write.infinity() if delta_g1 is None else write.g1(delta_g1),
            write.g2(key.delta_g2),
            len(basis).to_bytes(4, "big"),
            *basis,
            _NONE,
            _NONE,
        ]
    )


def _none(cursor: Cursor, what: str) -> None:
    at = cursor.position
    count = cursor.u32_big_endian(f"the number of {what}")
    if count:
        raise cursor.error(f"{count} {what}: keys and proofs of circuits that use api.Commit are not supported", at=at)
