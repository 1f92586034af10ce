"""One EdDSA-Poseidon signature check as a circuit of its own."""

from __future__ import annotations

from zkrelay.circuits.eddsa import assert_eddsa_poseidon
from zkrelay.circuits.edwards import EdwardsPoint
from zkrelay.r1cs import Circuit, ConstraintApi, private, public


class Signed(Circuit):
    """Public: ``message``.  Private: the key (ax, ay) and the signature (r8x, r8y, s)."""

    message = public()
    ax = private()
    ay = private()
    r8x = private()
    r8y = private()
    s = private()

    def define(self, cs: ConstraintApi) -> None:
        a, r8 = EdwardsPoint(self.ax, self.ay), EdwardsPoint(self.r8x, self.r8y)
        assert_eddsa_poseidon(cs, a, r8, self.s, self.message)
