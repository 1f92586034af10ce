"""What a dishonest prover would put into the batch circuit: every attack on a claim, in a slot, and those on the batch.

The names are those of the protocol's adversary suite; each attack is a statement v that must be false, with the best
witness and the (h, alpha, e) that belong to v.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attacks import ATTACKS, Attack
from batch_world import alone, honest, in_slots, sealed, second_claim, slot_of
from claim_world import World

from zkrelay.algebra.compression import chain, challenge, evaluate
from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.curves import bn254
from zkrelay.relay.batch_statement import BATCH_NAMES

R = bn254.FR.modulus
AUX = BATCH_NAMES.index("aux")
NOT_IN_A_BATCH = {"commitment_changed"}  # there is no cc: h is the commitment

BATCH_ATTACKS: dict[str, Callable[[World], list[Attack]]] = {}


def attack(function: Callable[[World], list[Attack]]) -> Callable[[World], list[Attack]]:
    BATCH_ATTACKS[function.__name__] = function
    return function


def _in_a_slot(build: Callable[[World], list[Attack]]) -> Callable[[World], list[Attack]]:
    return lambda world: [Attack(alone(one.inputs), one.forged) for one in build(world)]


for _name, _build in ATTACKS.items():
    if _name not in NOT_IN_A_BATCH:
        BATCH_ATTACKS[_name] = _in_a_slot(_build)


def two(world: World) -> list[dict[str, Any]]:
    return [slot_of(world.inputs()), slot_of(dict(second_claim(world).inputs))]


@attack
def cheat_in_the_last_slot(world: World) -> list[Attack]:
    """An honest claim in front does not cover for the one behind it, used or not."""
    out = []
    for name in ("bytes_plus_one", "amount_gt_bytes", "bytes_gt_cap", "path_of_another_note"):
        honest_one = slot_of(dict(second_claim(world).inputs))
        for one in ATTACKS[name](world):
            bad = slot_of(one.inputs)
            out += [Attack(in_slots([honest_one, bad])), Attack(in_slots([honest_one, bad], [1, 0]))]
    return out


@attack
def batch_dummy_nonzero(world: World) -> list[Attack]:
    """A nullifier in a slot that is not counted: somebody's note would be spent for nothing."""
    first, second = two(world)
    return [Attack(in_slots([first, second], [1, 0], nullifiers=[first["nf"], nf])) for nf in (second["nf"], 1, R - 1)]


@attack
def used_slot_shows_zero(world: World) -> list[Attack]:
    """A claim that counts, and whose note is not spent: it could be paid again."""
    first, second = two(world)
    return [Attack(in_slots([first, second], nullifiers=nfs)) for nfs in ([first["nf"], 0], [0, second["nf"]], [0, 0])]


@attack
def nullifiers_exchanged(world: World) -> list[Attack]:
    first, second = two(world)
    return [Attack(in_slots([first, second], nullifiers=[second["nf"], first["nf"]]))]


@attack
def batch_total_wrap(world: World) -> list[Attack]:
    """Totals that no sum of the slots' amounts is: one more, the dummies' too, around r, by a negative amount."""
    first, second = two(world)
    total = first["amount"] + second["amount"]
    negative = {**second, "amount": R - 1}
    huge = {**second, "amount": (1 << 80) - first["amount"]}
    return [
        Attack(in_slots([first, negative])),
        Attack(in_slots([first, second], [1, 0], total=total)),
        Attack(in_slots([first, huge])),
        *(Attack(in_slots([first, second], total=value)) for value in (total + 1, 0, R - total, (1 << 80) - 1)),
    ]


@attack
def slot_counted_twice(world: World) -> list[Attack]:
    """``used`` is 0 or 1: with 2 one note would be paid twice, with 1/2 nobody's nullifier would show."""
    first, second = two(world)
    half = pow(2, -1, R)
    return [
        Attack(in_slots([first, second], used, nullifiers=nfs))
        for used in ([2, 0], [1, 2], [1, R - 1], [half, half])
        for nfs in ([first["nf"], second["nf"]], [used[0] * first["nf"] % R, used[1] * second["nf"] % R])
    ]


@attack
def used_slots_with_a_hole(world: World) -> list[Attack]:
    """Used slots come first, or a ledger would take the wrong ones for used; and a batch of none pays nobody."""
    first, second = two(world)
    return [Attack(in_slots([first, second], used)) for used in ([0, 1], [0, 0])]


@attack
def count_changed(world: World) -> list[Attack]:
    first, second = two(world)
    return [Attack(in_slots([first, second], count=value)) for value in (0, 1, 3, R - 2)]


@attack
def tree_of_its_own(world: World) -> list[Attack]:
    """An unfunded note in a tree that the cheat made: with the shared level opened there, or under root."""
    inputs = ATTACKS["unfunded_note"](world)[0].inputs
    own = alone(inputs)
    return [Attack(own), Attack({**own, "top": [list(world.tree.proof(5).path[-1])]})]


def _vector(world: World, **v: int) -> list[int]:
    first, second = two(world)
    head = {**first, "total": first["amount"] + second["amount"], "count": 2, **v}
    return [*(head[name] for name in BATCH_NAMES), first["nf"], second["nf"]]


def _forged(world: World, alpha: int, lie: list[int]) -> tuple[dict[str, Any], list[int]]:
    """The honest batch with the aux that makes v'(alpha) = lie(alpha)."""
    true = _vector(world)
    true[AUX] = (true[AUX] + (evaluate(lie, alpha) - evaluate(true, alpha)) * pow(alpha, -AUX, R)) % R
    return {**honest(world), "aux": true[AUX]}, true


@attack
def compression_forgery(world: World) -> list[Attack]:
    """The ledger is shown a greater total; aux, which the circuit does not compute, makes up for it in e."""
    lie = _vector(world, total=1 << 40)
    h = chain(2, lie)
    alpha = challenge(h, lie)
    inputs, true = _forged(world, alpha, lie)
    other_h = chain(2, true)
    other_alpha = challenge(other_h, lie)
    return [
        Attack({**inputs, "h": h, "alpha": alpha, "e": evaluate(lie, alpha)}),
        Attack({**inputs, "h": other_h, "alpha": other_alpha, "e": evaluate(lie, other_alpha)}),
    ]


@attack
def another_h(world: World) -> list[Attack]:
    """v as it is, under an h that was recorded for something else: alpha and e are right for it."""
    v = _vector(world)
    out = []
    for h in (0, chain(2, v) + 1, chain(3, v)):
        alpha = challenge(h, v)
        out.append(Attack({**honest(world), "h": h, "alpha": alpha, "e": evaluate(v, alpha)}))
    return out


def forgery_without_h(world: World) -> dict[str, Any]:
    """What goes through when alpha is H2F("alpha", v): a true batch, for which such a ledger pays a greater total."""
    lie = _vector(world, total=1 << 40)
    alpha = hash_to_field("alpha", *lie)
    inputs, true = _forged(world, alpha, lie)
    return {**inputs, "h": chain(2, true), "alpha": alpha, "e": evaluate(lie, alpha)}


@attack
def any_public_value_changed(world: World) -> list[Attack]:
    """Every element of v: for another payee, epoch, venue, context, …, with the (h, alpha, e) that belong to it."""
    v = dict(zip((*BATCH_NAMES, 8, 9), _vector(world), strict=True))
    out = []
    for name in v:
        for value in ((v[name] + 1) % R, (v[name] - 1) % R, R - 1 - v[name]):
            changed = {**v, name: value}
            nullifiers = [changed.pop(8), changed.pop(9)]
            out.append(Attack(sealed(honest(world), **changed, nullifiers=nullifiers)))
    return out
