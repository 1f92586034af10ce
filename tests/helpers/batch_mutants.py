"""The batch circuit without one of its constraint groups, as ``mutants`` has the claim's.

What a group computed becomes a free private input, ``forged`` (or ``payee``, for the node's identity).  C4 is stated
inside C6's gadget, which the claim's mutants take apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from batch_world import DEPTH, SIZE

from zkrelay.circuits.batch import Batch, Slot
from zkrelay.r1cs import ConstraintApi, Expr, private


class ForgedBatch(Batch):
    forged = private()


class WithoutC1(ForgedBatch):
    def c1_note_key(self, cs: ConstraintApi, slot: Slot, payee: Expr) -> Expr:
        return self.forged


class WithoutC2(ForgedBatch):
    def c2_note(self, cs: ConstraintApi, slot: Slot, inner: Expr) -> Expr:
        return self.forged


class WithoutC3(Batch):
    def c3_membership(self, cs: ConstraintApi, slot: Slot, note: Expr, nodes: Sequence[Expr]) -> None:
        pass


class WithoutC3Shared(Batch):
    def c3_shared(self, cs: ConstraintApi) -> Sequence[Expr]:
        return [child for children in self.top for child in children]


class WithoutC5(ForgedBatch):
    def c5_receipt(self, cs: ConstraintApi, slot: Slot, note: Expr) -> Expr:
        return self.forged


class WithoutC6(Batch):
    def c4_c6_signature(self, cs: ConstraintApi, slot: Slot, message: Expr) -> None:
        pass


class WithoutC7(Batch):
    def c7_volumes(self, cs: ConstraintApi, slot: Slot) -> None:
        pass


class WithoutC8Place(Batch):
    def c8_place(self, cs: ConstraintApi) -> None:
        pass


class WithoutC8Expiry(Batch):
    def c8_expiry(self, cs: ConstraintApi, slot: Slot) -> None:
        pass


class WithoutC9(ForgedBatch):
    def c9_nullifier(self, cs: ConstraintApi, slot: Slot, note: Expr) -> Expr:
        return self.forged


class WithoutC12(Batch):
    payee = private()

    def c12_node(self, cs: ConstraintApi) -> Expr:
        return self.payee


class WithoutB1(Batch):
    def b1_used(self, cs: ConstraintApi) -> None:
        pass


class WithoutB2Nullifier(Batch):
    def b2_count(self, cs: ConstraintApi, slot: Slot, nf: Expr) -> tuple[Expr, Expr]:
        return nf, super().b2_count(cs, slot, nf)[1]


class WithoutB2Amount(Batch):
    def b2_count(self, cs: ConstraintApi, slot: Slot, nf: Expr) -> tuple[Expr, Expr]:
        return super().b2_count(cs, slot, nf)[0], slot.amount


class WithoutB3(Batch):
    def b3_chain(self, cs: ConstraintApi, v: Sequence[Expr]) -> None:
        cs.mul(self.h, self.h)


class WithoutB4(Batch):
    def b4_evaluation(self, cs: ConstraintApi, v: Sequence[Expr]) -> None:
        cs.mul(self.alpha, self.e)


# the mutant, and attacks that must succeed on it
MUTANTS: dict[str, tuple[type[Batch], set[str]]] = {
    "C1": (WithoutC1, {"node_invents_client", "payee_swap"}),
    "C2": (WithoutC2, {"bytes_gt_cap"}),
    "C3": (WithoutC3, {"tree_of_its_own"}),
    "C3 shared": (WithoutC3Shared, {"unfunded_note", "tree_of_its_own"}),
    "C5": (WithoutC5, {"bytes_plus_one", "receipt_of_another_session"}),
    "C6": (WithoutC6, {"smallorder_A_8", "cheat_in_the_last_slot"}),
    "C7": (WithoutC7, {"amount_gt_bytes", "amount_zero", "batch_total_wrap"}),
    "C8 place": (WithoutC8Place, {"epoch_traded_for_venue"}),
    "C8 expiry": (WithoutC8Expiry, {"epoch_after_expiry"}),
    "C9": (WithoutC9, {"nullifier_changed"}),
    "C12": (WithoutC12, {"client_claims_own_note"}),
    "B1": (WithoutB1, {"slot_counted_twice", "used_slots_with_a_hole"}),
    "B2 nullifier": (WithoutB2Nullifier, {"batch_dummy_nonzero"}),
    "B2 amount": (WithoutB2Amount, {"batch_total_wrap"}),
    "B3": (WithoutB3, {"compression_forgery", "another_h"}),
    "B4": (WithoutB4, {"compression_forgery"}),
}


def without(group: str) -> Batch:
    return MUTANTS[group][0](SIZE, depth=DEPTH)
