"""Every constraint group is needed: without it a named attack goes through.  Mechanical: compile without, attack
again.
"""

from __future__ import annotations

import pytest
from attacks import ATTACKS
from claim_world import World
from mutants import MUTANTS, without

from zkrelay.errors import UnderConstrained, UnsatisfiedConstraint
from zkrelay.r1cs import CompiledCircuit

KILLED_BY = {
    "C1": {"node_invents_client", "payee_swap"},
    "C2": {"bytes_gt_cap"},
    "C3": {"unfunded_note", "root_stale"},
    "C4": {"smallorder_A_1", "smallorder_A_2", "smallorder_A_4", "smallorder_A_8"},
    "C5": {"bytes_plus_one", "receipt_of_another_session"},
    "C6": {"bytes_plus_one", "S_plus_l", "mixed_order_R8", "offcurve_R8"},
    "C7": {"amount_gt_bytes", "amount_zero", "wrap_2_64"},
    "C8": {"epoch_after_expiry", "epoch_traded_for_venue"},
    "C9": {"nullifier_changed"},
    "C10": {"commitment_changed"},
    "C12": {"client_claims_own_note"},
}


def succeeds(name: str, mutant: CompiledCircuit, world: World) -> bool:
    """Whether at least one variant of the attack satisfies the mutant."""
    names = {spec.name for spec in mutant.program.inputs}
    for attack in ATTACKS[name](world):
        inputs = {**attack.inputs, **({"forged": attack.forged} if "forged" in names else {})}
        try:
            mutant.assign(inputs)
        except UnsatisfiedConstraint:
            continue
        return True
    return False


def test_every_group_has_a_mutant() -> None:
    assert set(MUTANTS) == {f"C{i}" for i in range(1, 13)} == set(KILLED_BY) | {"C11"}


@pytest.mark.parametrize("group", sorted(KILLED_BY))
def test_without_the_group_an_attack_succeeds(group: str, world: World) -> None:
    mutant = without(group)
    for name in KILLED_BY[group]:
        assert succeeds(name, mutant, world), name


def test_without_c11_the_compiler_refuses() -> None:
    """aux is used by nothing else: the check for unused public inputs catches it."""
    with pytest.raises(UnderConstrained, match="public input 'aux' is in no constraint"):
        without("C11")
