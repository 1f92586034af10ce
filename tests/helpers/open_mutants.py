"""``open`` and ``claim_x1`` without one of their constraint groups, and what a dishonest prover would feed them.

As in ``mutants``: what a missing group computed becomes a free private input ``forged``; a public input that only the
missing group used is kept in a product, because the compiler refuses unused ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from claim_world import AMOUNT, World
from open_world import LIMIT, OpenWorld

from zkrelay.algebra.hash_to_field import TAGS
from zkrelay.algebra.poseidon import poseidon as native_poseidon
from zkrelay.circuits.claim_x1 import ClaimX1
from zkrelay.circuits.open import Open
from zkrelay.circuits.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.r1cs import CompiledCircuit, ConstraintApi, Expr, compile_circuit, private
from zkrelay.relay.funding import funding_leaf, ticket_slope
from zkrelay.relay.share import claim_slope, claim_x, share_y

R = bn254.FR.modulus


@dataclass(frozen=True)
class Attack:
    """``inputs`` of the circuit, and the value a prover would choose for the output of a missing group."""

    inputs: dict[str, Any]
    forged: int = 0


class ForgedOpen(Open):
    name = "open"
    forged = private()


class WithoutO1(ForgedOpen):
    def o1_identity(self, cs: ConstraintApi) -> Expr:
        return self.forged


class WithoutO2(ForgedOpen):
    def o2_leaf(self, cs: ConstraintApi, identity: Expr) -> Expr:
        return self.forged


class WithoutO3(Open):
    def o3_membership(self, cs: ConstraintApi, leaf: Expr) -> None:
        cs.mul(self.root, self.root)


class WithoutO4(Open):
    def o4_ticket(self, cs: ConstraintApi) -> None:
        pass


class WithoutO5(ForgedOpen):
    def o5_slope(self, cs: ConstraintApi) -> Expr:
        cs.mul(self.ext, self.ext)
        return self.forged


class WithoutO6(Open):
    def o6_share(self, cs: ConstraintApi, slope: Expr) -> None:
        cs.mul(self.x, self.y)


class WithoutO7(Open):
    def o7_nullifier(self, cs: ConstraintApi, slope: Expr) -> None:
        cs.mul(self.nf, self.nf)


class WithoutX(ClaimX1):
    """X1 without the hash: x is the prover's to choose."""

    name = "claim_x1"

    def x1_share(self, cs: ConstraintApi) -> None:
        slope = poseidon(cs, [cs.constant(TAGS["share"]), self.kn, self.nf])
        cs.assert_product(slope, self.x, self.y - self.kn)


class WithoutY(ClaimX1):
    """X1 without the line: y is the prover's to choose."""

    name = "claim_x1"

    def x1_share(self, cs: ConstraintApi) -> None:
        claimed = [self.nf, self.amount, self.venue, self.blind_x]
        poseidon(cs, [cs.constant(TAGS["claim-x"]), *claimed], output=self.x)
        cs.mul(self.y, self.y)


OPEN_MUTANTS: dict[str, type[Open]] = {
    "O1": WithoutO1,
    "O2": WithoutO2,
    "O3": WithoutO3,
    "O4": WithoutO4,
    "O5": WithoutO5,
    "O6": WithoutO6,
    "O7": WithoutO7,
}
X1_MUTANTS: dict[str, type[ClaimX1]] = {"x": WithoutX, "y": WithoutY}


def without(mutant: type[Open] | type[ClaimX1]) -> CompiledCircuit:
    return compile_circuit(mutant(), allow_loose=True)


def _own(world: OpenWorld, a0: int, ticket: int, limit: int = LIMIT, **changes: Any) -> dict[str, Any]:
    """Inputs with everything the prover computes itself made to fit another secret, ticket or limit."""
    honest = world.inputs()
    slope = ticket_slope(a0, honest["ext"], ticket)
    fitting = {"a0": a0, "ticket": ticket, "limit": limit, "nf": native_poseidon([slope])}
    return {**honest, **fitting, "y": share_y(a0, slope, honest["x"]), **changes}


def stolen_leaf(world: OpenWorld) -> list[Attack]:
    """Mallory's secret on somebody else's leaf."""
    return [Attack(_own(world, world.mallory.a0, 0), world.key.identity)]


def limit_raised(world: OpenWorld) -> list[Attack]:
    """A ticket beyond the limit that was paid for, under a larger limit than the leaf holds."""
    leaf = funding_leaf(world.key.identity, LIMIT)
    return [Attack(_own(world, world.key.a0, LIMIT, limit=LIMIT + 1), leaf)]


def unfunded_leaf(world: OpenWorld) -> list[Attack]:
    """A leaf that nobody bought: of a key of one's own, with a path that leads elsewhere, or with the path's root."""
    path = [[funding_leaf(world.mallory.identity, LIMIT), 0], *world.inputs()["path"][1:]]
    return [Attack(_own(world, world.mallory.a0, 0, path=path)), Attack(_own(world, world.mallory.a0, 0))]


def ticket_beyond_limit(world: OpenWorld) -> list[Attack]:
    """ticket = limit, limit + 1, 2^16, -1."""
    return [Attack(_own(world, world.key.a0, ticket)) for ticket in (LIMIT, LIMIT + 1, 1 << 16, R - 1)]


def nullifier_of_another_tree(world: OpenWorld) -> list[Attack]:
    """The same ticket under a slope of the prover's choice, as if it were another tree's: spent tickets revive."""
    honest = world.inputs()
    slope = ticket_slope(world.key.a0, honest["ext"] + 1, honest["ticket"])
    y = share_y(world.key.a0, slope, honest["x"])
    return [Attack({**honest, "nf": native_poseidon([slope]), "y": y}, slope)]


def share_changed(world: OpenWorld) -> list[Attack]:
    """A point off the line: two openings with one ticket would convict nobody."""
    y = world.inputs()["y"]
    return [Attack(world.inputs(y=other % R)) for other in (y + 1, 0, R - 1 - y)]


def message_swapped(world: OpenWorld) -> list[Attack]:
    """Another note under the opener's proof, with the y that was shown."""
    return [Attack(world.inputs(x=world.make_message(inner=666).x))]


def ticket_nullifier_changed(world: OpenWorld) -> list[Attack]:
    """A fresh nullifier for a spent ticket."""
    nf = world.inputs()["nf"]
    return [Attack(world.inputs(nf=other % R)) for other in (nf + 1, 0, R - 1 - nf)]


OPEN_ATTACKS: dict[str, Callable[[OpenWorld], list[Attack]]] = {
    function.__name__: function
    for function in (
        stolen_leaf,
        limit_raised,
        unfunded_leaf,
        ticket_beyond_limit,
        nullifier_of_another_tree,
        share_changed,
        message_swapped,
        ticket_nullifier_changed,
    )
}


def same_point_at_two_venues(world: World) -> list[Attack]:
    """The second claim shows the first one's point: nobody could ever be convicted."""
    second = world.make_claim(venue=1).inputs
    first = world.claim.inputs
    return [Attack({**second, "x": first["x"], "y": first["y"]})]


def point_of_another_secret(world: World) -> list[Attack]:
    """y on a line of the prover's choice: two claims would give a wrong secret, or somebody else's."""
    honest = world.claim.inputs
    x = claim_x(honest["nf"], AMOUNT, 0, honest["blind_x"])
    return [Attack({**honest, "y": share_y(5, claim_slope(5, honest["nf"]), x)}), Attack({**honest, "y": 0})]


X1_ATTACKS: dict[str, Callable[[World], list[Attack]]] = {
    "same_point_at_two_venues": same_point_at_two_venues,
    "point_of_another_secret": point_of_another_secret,
}
