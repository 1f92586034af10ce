"""ZKA001 to ZKA003: wires that no row mentions."""

from __future__ import annotations

from collections.abc import Iterator

from ..report import Advice
from ..system import System
from .facts import Facts


def unused_signal(facts: Facts) -> Iterator[Advice]:
    """An output or an internal signal that no row mentions may have any value."""
    system = facts.system
    for wire in _unused(system):
        if wire not in system.inputs:
            what = "output" if wire in system.outputs else "signal"
            yield Advice(
                "ZKA001", f"{what} {system.name(wire)} is in no constraint: a prover may set it freely", (wire,)
            )


def unused_private_input(facts: Facts) -> Iterator[Advice]:
    system = facts.system
    for wire in _unused(system):
        if wire in system.inputs and wire > system.r1cs.num_public:
            yield Advice(
                "ZKA002",
                f"private input {system.name(wire)} is in no constraint: the statement says nothing about it",
                (wire,),
            )


def unused_public_input(facts: Facts) -> Iterator[Advice]:
    system = facts.system
    for wire in _unused(system):
        if wire in system.inputs and wire <= system.r1cs.num_public:
            yield Advice(
                "ZKA003",
                f"public input {system.name(wire)} is in no constraint: anyone may change it in a proof",
                (wire,),
            )


def _unused(system: System) -> Iterator[int]:
    return (wire for wire in system.signals if not system.occurrences[wire])
