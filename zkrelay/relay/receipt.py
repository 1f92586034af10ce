"""A receipt: the client's signature on the cumulative bytes of one session.

    M = P4(T.receipt, cm, bytes, ctx),   sig = EdDSA-Poseidon_sk(M) = (R8, S)

cm binds chain, contract, tree, version, payee, key, cap, expiry and rho, so a receipt is worth nothing elsewhere.
Packed (105 bytes; cm is known from the session):

    version 0x01 | bytes u64 LE | ctx 32 LE | R8 packed 32 | S 32 LE
"""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.eddsa import PreparedPublicKey, Signature, verify
from ..algebra.edwards_encoding import unpack_point
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon
from ..curves.embedded import Point
from ..errors import InvalidReceipt, ReceiptLength, ReceiptVersion
from .domain import CAP_BITS
from .identity import SessionKey
from .numbers import check_element

RECEIPT_VERSION = 1
RECEIPT_BYTES = 105


def receipt_message(cm: int, num_bytes: int, ctx: int) -> int:
    """M = P4(T.receipt, cm, bytes, ctx).

    Raises:
        InvalidReceipt: bytes is not below 2^64.
        NonCanonicalNumber: cm or ctx is not a field element.
    """
    check_receipt_numbers(cm, num_bytes, ctx)
    return poseidon([T.receipt, cm, num_bytes, ctx])


def check_receipt_numbers(cm: int, num_bytes: int, ctx: int) -> None:
    """Raises as ``receipt_message``."""
    if isinstance(num_bytes, bool) or not isinstance(num_bytes, int) or not 0 <= num_bytes < 1 << CAP_BITS:
        raise InvalidReceipt("the bytes of a receipt must be in [0, 2^64)")
    check_element("cm", cm)
    check_element("ctx", ctx)


@dataclass(frozen=True)
class Receipt:
    """``num_bytes`` is cumulative, up and down together; ``ctx`` is signed and opaque (0 when unused)."""

    cm: int
    num_bytes: int
    ctx: int
    signature: Signature

    @classmethod
    def sign(cls, key: SessionKey, cm: int, num_bytes: int, ctx: int = 0) -> Receipt:
        """Raises as ``receipt_message``."""
        return cls(cm, num_bytes, ctx, key.sign(receipt_message(cm, num_bytes, ctx)))

    @property
    def message(self) -> int:
        return receipt_message(self.cm, self.num_bytes, self.ctx)

    def verify(self, public_key: Point | PreparedPublicKey) -> None:
        """Accept exactly what the claim circuit accepts; raises as ``receipt_message`` and ``eddsa.verify``."""
        if isinstance(public_key, PreparedPublicKey):
            public_key.verify(self.message, self.signature)
        else:
            verify(public_key, self.message, self.signature)

    def pack(self) -> bytes:
        """105 bytes, without cm.

        Raises:
            InvalidReceipt, NonCanonicalNumber, InvalidPoint: a part is out of range: nobody would accept the receipt.
        """
        check_receipt_numbers(self.cm, self.num_bytes, self.ctx)
        return (
            bytes([RECEIPT_VERSION])
            + self.num_bytes.to_bytes(8, "little")
            + self.ctx.to_bytes(32, "little")
            + self.signature.pack()
        )

    @classmethod
    def unpack(cls, data: bytes, cm: int) -> Receipt:
        """The receipt of ``pack``'s bytes for the session with note ``cm``; the signature is not verified here.

        Raises:
            ReceiptLength, ReceiptVersion: both are ``InvalidReceipt``.
            NonCanonicalNumber: ctx or R8.y is out of range.
            InvalidPoint: R8 is no point of the curve.
        """
        if len(data) != RECEIPT_BYTES:
            raise ReceiptLength(f"a packed receipt has {RECEIPT_BYTES} bytes, not {len(data)}")
        if data[0] != RECEIPT_VERSION:
            raise ReceiptVersion(f"receipt version {data[0]} is not {RECEIPT_VERSION}")
        num_bytes, ctx = int.from_bytes(data[1:9], "little"), int.from_bytes(data[9:41], "little")
        check_element("cm", cm)
        check_element("ctx", ctx)
        return cls(cm, num_bytes, ctx, Signature(unpack_point(data[41:73]), int.from_bytes(data[73:], "little")))
