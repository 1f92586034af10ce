"""The claim circuit without one of its constraint groups.

``without(group)`` compiles it: what the group computed becomes a free private input ``forged`` (a prover would set it
freely), what the group only checked is not stated.  C4 and C6 share a gadget, so "without C4" is the textbook
signature check: the same equation by complete additions, with neither curve nor order checks.  A public input that
only the missing group used is kept in a product, as C11 keeps ``aux``: otherwise the compiler itself refuses the
mutant.
"""

from __future__ import annotations

from zkrelay.algebra.eddsa_bounds import BABY_JUBJUB_BOUNDS as BOUNDS
from zkrelay.circuits.bits import to_bits_bounded, to_bits_strict
from zkrelay.circuits.claim import Claim
from zkrelay.circuits.edwards import EdwardsPoint, add, assert_sum, constant_point, double, embedded_curve
from zkrelay.circuits.fixed_base import fixed_base_mul
from zkrelay.circuits.poseidon import poseidon
from zkrelay.r1cs import CompiledCircuit, ConstraintApi, Expr, compile_circuit, private


class ForgedClaim(Claim):
    """A claim with one more private input, for the output of the group that is missing."""

    name = "claim"
    forged = private()


class WithoutC1(ForgedClaim):
    def c1_note_key(self, cs: ConstraintApi) -> Expr:
        return self.forged


class WithoutC2(ForgedClaim):
    def c2_note(self, cs: ConstraintApi, inner: Expr) -> Expr:
        cs.mul(self.domain, self.domain)
        return self.forged


class WithoutC3(Claim):
    def c3_membership(self, cs: ConstraintApi, note: Expr) -> None:
        cs.mul(self.root, self.root)


class WithoutC4(Claim):
    def c4_c6_signature(self, cs: ConstraintApi, message: Expr) -> None:
        curve = embedded_curve(cs.field)
        a, r8 = EdwardsPoint(self.ax, self.ay), EdwardsPoint(self.r8x, self.r8y)
        eight_a = double(cs, curve, double(cs, curve, double(cs, curve, a)))
        k = to_bits_strict(cs, poseidon(cs, [r8.x, r8.y, a.x, a.y, message]))
        product = constant_point(cs, (0, 1))
        for bit in reversed(k):
            step = EdwardsPoint(cs.mul(bit, eight_a.x), 1 + cs.mul(bit, eight_a.y - 1))
            product = add(cs, curve, double(cs, curve, product), step)
        s = to_bits_bounded(cs, self.s, BOUNDS.s_bits, BOUNDS.low_bits, 0, BOUNDS.s_high_max)
        assert_sum(cs, curve, r8, product, fixed_base_mul(cs, curve, s, curve.generator))


class WithoutC5(ForgedClaim):
    def c5_receipt(self, cs: ConstraintApi, note: Expr) -> Expr:
        return self.forged


class WithoutC6(Claim):
    def c4_c6_signature(self, cs: ConstraintApi, message: Expr) -> None:
        pass


class WithoutC7(Claim):
    def c7_volumes(self, cs: ConstraintApi) -> None:
        cs.mul(self.meta, self.meta)


class WithoutC8(Claim):
    def c8_epochs(self, cs: ConstraintApi) -> None:
        pass


class WithoutC9(Claim):
    def c9_nullifier(self, cs: ConstraintApi, note: Expr) -> None:
        cs.mul(self.nf, self.nf)


class WithoutC10(Claim):
    def c10_commitment(self, cs: ConstraintApi, note: Expr) -> None:
        cs.mul(self.cc, self.cc)


class WithoutC11(Claim):
    def c11_context(self, cs: ConstraintApi) -> None:
        pass


class WithoutC12(Claim):
    def c12_node(self, cs: ConstraintApi) -> None:
        pass


MUTANTS: dict[str, type[Claim]] = {
    "C1": WithoutC1,
    "C2": WithoutC2,
    "C3": WithoutC3,
    "C4": WithoutC4,
    "C5": WithoutC5,
    "C6": WithoutC6,
    "C7": WithoutC7,
    "C8": WithoutC8,
    "C9": WithoutC9,
    "C10": WithoutC10,
    "C11": WithoutC11,
    "C12": WithoutC12,
}


def without(group: str) -> CompiledCircuit:
    """The compiled mutant; raises ``CircuitError`` when the compiler catches the hole itself."""
    return compile_circuit(MUTANTS[group](), allow_loose=True)
