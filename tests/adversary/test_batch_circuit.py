"""False statements about a batch: each is refused by the compiled circuit; and without any one of its constraint
groups a named attack goes through.
"""

from __future__ import annotations

from typing import Any

import pytest
from attacks import Attack
from batch_attacks import BATCH_ATTACKS, forgery_without_h, two
from batch_mutants import MUTANTS, without
from batch_world import SIZE, alone, batch_circuit, batch_world, honest, in_slots
from claim_world import World

from zkrelay.circuits.batch import SCALARS
from zkrelay.circuits.batch import Batch as BatchCircuit
from zkrelay.curves import bn254
from zkrelay.errors import DuplicateNullifier, MalformedInput, UnsatisfiedConstraint
from zkrelay.r1cs import CompiledCircuit, compile_circuit, run
from zkrelay.relay.batch import Batch
from zkrelay.relay.batch_statement import BATCH_NAMES, BatchStatement

R = bn254.FR.modulus
AS_IN_A_CLAIM = {"C1", "C2", "C3", "C5", "C6", "C7", "C9", "C12"}  # the claim's own mutants run in any case


@pytest.fixture(scope="module")
def shallow() -> World:
    return batch_world()


@pytest.fixture(scope="module")
def batch2() -> CompiledCircuit:
    return compile_circuit(batch_circuit())


@pytest.fixture(scope="module")
def attacks(shallow: World) -> dict[str, list[Attack]]:
    return {name: build(shallow) for name, build in BATCH_ATTACKS.items()}


def refused(circuit: CompiledCircuit, inputs: dict[str, Any]) -> None:
    with pytest.raises(UnsatisfiedConstraint) as caught:
        circuit.assign(inputs)
    assert caught.value.source.startswith("zkrelay.circuits.")


def test_the_honest_batch_is_accepted(batch2: CompiledCircuit, shallow: World) -> None:
    """Or the refusals below would mean nothing: two claims, one and a repeated slot, and in either order."""
    first, second = two(shallow)
    for inputs in (honest(shallow), alone(shallow.inputs()), in_slots([second, first], [1, 0])):
        batch2.assign(inputs)
        run(batch_circuit(), inputs)


@pytest.mark.parametrize("name", BATCH_ATTACKS)
def test_attack(name: str, batch2: CompiledCircuit, attacks: dict[str, list[Attack]]) -> None:
    assert attacks[name]
    for attack in attacks[name]:
        refused(batch2, attack.inputs)


@pytest.mark.parametrize(
    "group", [pytest.param(group, marks=pytest.mark.long if group in AS_IN_A_CLAIM else ()) for group in MUTANTS]
)
def test_without_the_group_an_attack_succeeds(group: str, attacks: dict[str, list[Attack]], shallow: World) -> None:
    """On the test engine, which needs no compilation: a variant of each named attack is accepted."""
    mutant = without(group)
    names = {declared.name for declared in mutant.declared_inputs()}
    for name in MUTANTS[group][1]:
        assert any(accepted(mutant, names, attack, shallow) for attack in attacks[name]), name


def accepted(mutant: BatchCircuit, names: set[str], attack: Attack, world: World) -> bool:
    extra = {"forged": attack.forged, "payee": world.node.payee}
    try:
        run(mutant, {**attack.inputs, **{name: extra[name] for name in extra if name in names}})
    except UnsatisfiedConstraint:
        return False
    return True


def test_the_test_engine_refuses_too(attacks: dict[str, list[Attack]]) -> None:
    for name in ("batch_total_wrap", "slot_counted_twice", "compression_forgery"):
        with pytest.raises(UnsatisfiedConstraint):
            run(batch_circuit(), attacks[name][0].inputs)


def test_batch_duplicate_nf(batch2: CompiledCircuit, shallow: World) -> None:
    """The circuit does not compare slots, so it accepts one note twice; the statement, which everybody sees, does not.

    No ledger's own atomic insertion depends on that check: it is there to say which slots.
    """
    first, _ = two(shallow)
    batch2.assign(in_slots([first, first]))
    with pytest.raises(DuplicateNullifier, match="slots 0 and 1"):
        Batch.build([shallow.claim, shallow.claim], SIZE)


def test_compression_without_h_is_forgeable(batch2: CompiledCircuit, shallow: World) -> None:
    """Documents why alpha is a hash of h too: for a ledger with alpha = H2F("alpha", v) this proves a false total."""
    batch2.assign(forgery_without_h(shallow))


def test_batch_public_alias(batch2: CompiledCircuit, shallow: World) -> None:
    """x + r for x in v leaves h, alpha's place in the circuit and e as they are: only the border tells them apart."""
    inputs = honest(shallow)
    for name in ("h", "alpha", "e"):
        with pytest.raises(MalformedInput, match=name):
            batch2.assign({**inputs, name: inputs[name] + R})
    statement = Batch.build([shallow.claim], SIZE).statement
    for index in range(len(statement.vector)):
        vector = statement.vector
        vector[index] += R
        with pytest.raises(MalformedInput):
            BatchStatement.from_vector(vector, statement.h)


def test_tamper_every_public_input(batch2: CompiledCircuit, shallow: World) -> None:
    inputs = honest(shallow)
    for name in ("h", "alpha", "e"):
        for value in (inputs[name] + 1, inputs[name] - 1, R - 1 - inputs[name]):
            refused(batch2, {**inputs, name: value % R})


def test_tamper_every_witness_field(batch2: CompiledCircuit, shallow: World) -> None:
    """One field changed, and v, h, alpha and e adapted to it as far as anybody could.

    What is true with another value is left out: a smaller amount, an earlier epoch, another venue or context.
    """
    first, second = two(shallow)
    for slot in range(SIZE):
        for name in SCALARS:
            if name == "used":
                continue
            slots = [dict(first), dict(second)]
            value = slots[slot][name]
            worse = slots[slot]["bytes"] // (1 << 20) + 1
            for other in (worse, R - 1) if name == "amount" else (value + 1, value ^ 2, R - 1 - value):
                slots[slot][name] = other % R
                refused(batch2, in_slots(slots))
        for level in range(len(first["path"]) - 1):
            for child in range(4):
                inputs = honest(shallow)
                inputs["path"][slot][level] = [*inputs["path"][slot][level]]
                inputs["path"][slot][level][child] += 1
                refused(batch2, inputs)
    for child in range(4):
        inputs = honest(shallow)
        inputs["top"] = [[*inputs["top"][0]]]
        inputs["top"][0][child] += 1
        refused(batch2, inputs)
    for name in ("domain", "root"):
        slots = [{**slot, name: slot[name] + 1} for slot in (first, second)]
        refused(batch2, in_slots(slots))
    refused(batch2, in_slots([{**slot, "kn": slot["kn"] + 1} for slot in (first, second)]))


def test_what_is_true_with_another_value(batch2: CompiledCircuit, shallow: World) -> None:
    first, second = two(shallow)
    for change in ({"epoch": 0}, {"venue": 7}, {"aux": 0}):
        batch2.assign(in_slots([{**first, **change}, {**second, **change}]))
    batch2.assign(in_slots([{**first, "amount": 1}, second]))


def test_every_wire_is_pinned(batch2: CompiledCircuit, shallow: World) -> None:
    """One bit flipped in any wire of an honest assignment, dummies included, breaks a row (every 19th wire)."""
    good = batch2.assign(alone(shallow.inputs()))
    for wire in range(1, batch2.r1cs.num_variables, 19):
        bad = bytearray(good)
        bad[32 * wire] ^= 1
        with pytest.raises(UnsatisfiedConstraint):
            batch2.r1cs.check(bad)


def test_every_group_has_a_mutant() -> None:
    """C10 and C11 are no groups of a batch (h commits, and holds aux); C4 is inside C6."""
    assert {group.split()[0] for group in MUTANTS} == {
        *(f"C{i}" for i in (1, 2, 3, 5, 6, 7, 8, 9, 12)),
        *(f"B{i}" for i in range(1, 5)),
    }
    assert BATCH_NAMES[7] == "aux"
