"""Bounds on the scalars of a signature check that the circuit and the node enforce alike.

The circuit works with integers where the mathematics has residues, and must know that it holds the right integer.  A
full comparison costs a row per bit; comparing only the high bits costs half and refuses, besides everything that must
be refused, a slice of the range so thin that no honest signature falls into it:

* S:  ⌊S / 2^LOW_BITS⌋ < ⌊l / 2^LOW_BITS⌋ implies S < l.  Of all S in [0, l) a share of 2^-101 is refused as well.
* k:  the ladder wants k·(8A) as K·(8A) with K = k + 11·l in [2^254, 2^255): then the leading digit is known.  With
  e = K - 2^254 = k + OFFSET the circuit needs OFFSET <= e < OFFSET + r; it checks
  ⌊OFFSET / 2^LOW_BITS⌋ < ⌊e / 2^LOW_BITS⌋ < ⌊(OFFSET + r) / 2^LOW_BITS⌋, which refuses a share of 2^-102 of all k as
  well.  k is a hash, S is blinded by one: hitting a slice on purpose takes about 2^100 trials, and then harms only
  the signer.

``eddsa.verify`` applies the same predicate, so a node never keeps a receipt that it could not claim.
"""

from __future__ import annotations

from ..curves.embedded import BABY_JUBJUB, EdwardsCurve

LOW_BITS = 150


class ScalarBounds:
    """The numbers above for one embedded curve; ``top_bit`` is 254 for Baby Jubjub."""

    def __init__(self, curve: EdwardsCurve, low_bits: int) -> None:
        r, order = curve.field.modulus, curve.order
        self.low_bits = low_bits
        self.s_bits = order.bit_length()
        self.s_high_max = (order >> low_bits) - 1
        self.top_bit = r.bit_length()
        self.offset = -(-(1 << self.top_bit) // order) * order - (1 << self.top_bit)
        self.k_high_min = (self.offset >> low_bits) + 1
        self.k_high_max = ((self.offset + r) >> low_bits) - 1
        assert 0 <= self.offset < order
        assert self.offset + r <= 1 << self.top_bit
        # The same as intervals, for the kernel: S < s_end and k_begin <= k < k_end.
        self.s_end = (self.s_high_max + 1) << low_bits
        self.k_begin = (self.k_high_min << low_bits) - self.offset
        self.k_end = ((self.k_high_max + 1) << low_bits) - self.offset
        assert self.s_end <= order
        assert 0 <= self.k_begin < self.k_end <= r

    def accepts_s(self, s: int) -> bool:
        """Whether the circuit accepts S as an integer; implies 0 <= S < l."""
        return s >= 0 and s >> self.low_bits <= self.s_high_max

    def accepts_k(self, k: int) -> bool:
        """Whether the circuit can handle the challenge k in [0, r)."""
        return self.k_high_min <= (k + self.offset) >> self.low_bits <= self.k_high_max


BABY_JUBJUB_BOUNDS = ScalarBounds(BABY_JUBJUB, LOW_BITS)
