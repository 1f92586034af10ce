"""Openings that must be refused, and why each constraint group of ``open`` and X1 is there: without it one succeeds."""

from __future__ import annotations

import random

import pytest
from claim_world import World
from open_mutants import OPEN_ATTACKS, OPEN_MUTANTS, X1_ATTACKS, X1_MUTANTS, Attack, without
from open_world import OpenWorld

from zkrelay.circuits.claim_x1 import ClaimX1
from zkrelay.circuits.open import Open
from zkrelay.curves import bn254
from zkrelay.errors import MalformedInput, UnsatisfiedConstraint
from zkrelay.r1cs import CompiledCircuit, compile_circuit, run
from zkrelay.relay.domain import SEVERAL_VENUES, Domain
from zkrelay.relay.funding import MAX_LIMIT, FundingKey
from zkrelay.relay.opening import Ticket

R = bn254.FR.modulus
DEPTH = 4

KILLED_BY = {
    "O1": {"stolen_leaf"},
    "O2": {"limit_raised"},
    "O3": {"unfunded_leaf", "limit_raised", "stolen_leaf"},
    "O4": {"ticket_beyond_limit"},
    "O5": {"nullifier_of_another_tree"},
    "O6": {"share_changed", "message_swapped"},
    "O7": {"ticket_nullifier_changed"},
}
X1_KILLED_BY = {"x": {"same_point_at_two_venues"}, "y": {"point_of_another_secret"}}


@pytest.fixture(scope="module")
def opener() -> OpenWorld:
    return OpenWorld(depth=DEPTH)


@pytest.fixture(scope="module")
def opened() -> CompiledCircuit:
    return compile_circuit(Open(depth=DEPTH))


@pytest.fixture(scope="module")
def shared() -> World:
    return World(domain=Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, mode=SEVERAL_VENUES))


def successes(mutant: CompiledCircuit, attacks: dict[str, list[Attack]]) -> set[str]:
    """The attacks of which at least one variant satisfies the mutant."""
    names = {spec.name for spec in mutant.program.inputs}
    found = set()
    for name, variants in attacks.items():
        for attack in variants:
            try:
                mutant.assign({**attack.inputs, **({"forged": attack.forged} if "forged" in names else {})})
            except UnsatisfiedConstraint:
                continue
            found.add(name)
    return found


@pytest.mark.parametrize("name", OPEN_ATTACKS)
def test_dishonest_openings_are_refused(name: str, opened: CompiledCircuit, opener: OpenWorld) -> None:
    opened.assign(opener.inputs())
    for attack in OPEN_ATTACKS[name](opener):
        with pytest.raises(UnsatisfiedConstraint) as caught:
            opened.assign(attack.inputs)
        assert caught.value.source.startswith("zkrelay.circuits.")
        with pytest.raises(UnsatisfiedConstraint):
            run(Open(depth=DEPTH), attack.inputs)


@pytest.mark.parametrize("group", OPEN_MUTANTS)
def test_without_the_group_an_opening_succeeds(group: str, opener: OpenWorld) -> None:
    class Small(OPEN_MUTANTS[group]):  # type: ignore[misc]
        name = "open"

        def __init__(self) -> None:
            super().__init__(depth=DEPTH)

    assert KILLED_BY[group] <= successes(without(Small), {n: build(opener) for n, build in OPEN_ATTACKS.items()})


@pytest.mark.parametrize("part", X1_MUTANTS)
def test_without_half_of_x1_nobody_is_convicted(part: str, shared: World) -> None:
    attacks = {name: build(shared) for name, build in X1_ATTACKS.items()}
    assert X1_KILLED_BY[part] <= successes(without(X1_MUTANTS[part]), attacks)


def test_x1_refuses_them(shared: World) -> None:
    compiled = compile_circuit(ClaimX1())
    compiled.assign(shared.inputs())
    assert successes(compiled, {name: build(shared) for name, build in X1_ATTACKS.items()}) == set()


def test_tamper_every_input(opened: CompiledCircuit, opener: OpenWorld) -> None:
    """Every public and private value, one at a time."""
    honest = opener.opening.inputs
    for name in ("y", "root", "nf", "x", "ext", "a0", "limit", "ticket"):
        for other in (honest[name] + 1, honest[name] ^ 2, R - 1 - honest[name]):
            with pytest.raises(UnsatisfiedConstraint):
                opened.assign(opener.inputs(**{name: other % R}))
    for level in range(DEPTH):
        for index in range(2):
            inputs = opener.inputs()
            inputs["path"][level][index] += 1
            with pytest.raises(UnsatisfiedConstraint):
                opened.assign(inputs)
    for name in ("y", "nf", "a0", "ticket"):
        with pytest.raises(MalformedInput, match=name):
            opened.assign(opener.inputs(**{name: honest[name] + R}))


def test_completeness_random(opened: CompiledCircuit, opener: OpenWorld) -> None:
    rng = random.Random(100)
    for limit in [1, 2, MAX_LIMIT - 1, MAX_LIMIT, *(rng.randint(1, MAX_LIMIT) for _ in range(30))]:
        key = FundingKey(rng.randrange(1, R))
        world = OpenWorld(depth=DEPTH)
        position = world.fund(key, limit)
        for number in {0, limit - 1, rng.randrange(limit)}:
            message = world.make_message(inner=rng.randrange(R), expiry=rng.randrange(1 << 32))
            arguments = {"key": key, "ticket": Ticket(number, limit), "message": message}
            opened.assign(world.make_opening(**arguments, proof=world.tree.proof(position)).inputs)


def test_every_wire_is_pinned(opened: CompiledCircuit, opener: OpenWorld) -> None:
    """One bit flipped in any wire of the honest assignment breaks a row."""
    good = opened.assign(opener.inputs())
    for wire in range(1, opened.r1cs.num_variables, 3):
        bad = bytearray(good)
        bad[32 * wire] ^= 1
        with pytest.raises(UnsatisfiedConstraint):
            opened.r1cs.check(bad)


def test_the_order_of_children_matters(opened: CompiledCircuit, opener: OpenWorld) -> None:
    """A swapped pair is another parent: the path must be the tree's own."""
    for level in range(DEPTH):
        inputs = opener.inputs()
        inputs["path"][level].reverse()
        with pytest.raises(UnsatisfiedConstraint):
            opened.assign(inputs)
