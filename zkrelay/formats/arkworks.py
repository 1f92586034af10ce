"""arkworks's compressed encodings of a proof and a verifying key (docs/formats.md, "arkworks").

    proof   a | b | c
    key     alpha_g1 | beta_g2 | gamma_g2 | delta_g2 | n u64 | gamma_abc_g1 (n points)

as ``ark-groth16`` derives ``CanonicalSerialize`` for them.  Neither says its curve, nor how the key was made.
"""

from __future__ import annotations

from ..algebra.compressed_points import ARK_BN254, ZCASH
from ..groth16.keys import Proof, VerifyingKey
from .compressed import Encodings, PointReader, PointWriter
from .files import Source

ENCODINGS: Encodings = {"bn254": ARK_BN254, "bls12_381": ZCASH}


def read_arkworks_proof(source: Source, curve: str = "bn254") -> Proof:
    """The proof, its points in their groups.

    Raises:
        FormatError: a point is malformed, off its curve, outside its subgroup or infinity; or bytes are missing
            or left.
        MalformedInput: no such curve.
    """
    reader = PointReader(source, "proof", curve, ENCODINGS)
    proof = reader.proof()
    reader.cursor.end()
    return proof


def read_arkworks_verifying_key(source: Source, curve: str = "bn254", *, development: bool = True) -> VerifyingKey:
    """The key, checked.

    Args:
        development: the bytes do not say how the key was made; ledgers refuse it until the caller says that there was
            a ceremony, by ``development=False``.

    Raises:
        FormatError: as ``read_arkworks_proof``, or a number of points that does not fit.
        InvalidKey: the key cannot be sound.
        MalformedInput: no such curve.
    """
    reader = PointReader(source, "verifying key", curve, ENCODINGS)
    alpha = reader.g1("alpha_g1")
    beta, gamma, delta = (reader.g2(name) for name in ("beta_g2", "gamma_g2", "delta_g2"))
    count = reader.cursor.u64("the number of points")
    basis = reader.g1_array(count, "gamma_abc_g1")
    reader.cursor.end()
    key = VerifyingKey(alpha, beta, gamma, delta, basis, development, curve)
    key.check()
    return key


def proof_to_arkworks(proof: Proof) -> bytes:
    """128 bytes over BN254, 192 over BLS12-381; raises as ``Proof.check``."""
    return PointWriter(proof.curve, ENCODINGS).proof(proof)


def verifying_key_to_arkworks(key: VerifyingKey) -> bytes:
    """The key's bytes, in which a development key is not marked; raises as ``VerifyingKey.check``."""
    key.check()
    write = PointWriter(key.curve, ENCODINGS)
    basis = write.g1_array(key.gamma_abc_g1)
    head = write.g1(key.alpha_g1) + write.g2(key.beta_g2, key.gamma_g2, key.delta_g2)
    return head + len(basis).to_bytes(8, "little") + b"".join(basis)
