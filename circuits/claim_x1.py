"""The claim for domains with several venues: the claim, and a share of the node's secret (X1).

Public, after the claim's seven: ``x, y``.

    x = P5(T.claim-x, nf, amount, venue, blind_x)      a1 = P3(T.share, kN, nf)      y = kN + a1·x

x changes when the note is claimed at a second venue or with a second amount: two such claims show two points of one
line, and anybody computes kN.  x does not depend on root, epoch, payout, relayer or fee: an honest node that claims
the same again after a failed transaction shows the same point.
"""

from __future__ import annotations

from zkrelay.algebra.hash_to_field import TAGS
from zkrelay.r1cs import ConstraintApi, private, public

from .claim import Claim
from .poseidon import poseidon


class ClaimX1(Claim):
    """Constants and errors as ``Claim``."""

    x = public()
    y = public()

    blind_x = private()

    def define(self, cs: ConstraintApi) -> None:
        super().define(cs)
        self.x1_share(cs)

    def x1_share(self, cs: ConstraintApi) -> None:
        """X1: the share of kN that this claim reveals.  The node may vary blind_x, and would harm only itself."""
        with cs.scope("x1"):
            claimed = [self.nf, self.amount, self.venue, self.blind_x]
            poseidon(cs, [cs.constant(TAGS["claim-x"]), *claimed], output=self.x)
            slope = poseidon(cs, [cs.constant(TAGS["share"]), self.kn, self.nf])
            cs.assert_product(slope, self.x, self.y - self.kn)
