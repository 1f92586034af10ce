"""From a file to a system: what is an input is never guessed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from named_rows import equal, r1cs_of

from zkrelay.audit.system import system_of, system_of_file
from zkrelay.errors import AuditError
from zkrelay.formats.r1cs import R1CSFile

R1CS = r1cs_of([equal({"y": 1, "h": -1}, {"a": 2, "b": 1})], outputs=["y"], public=["a"], private=["b"])
FILE = R1CSFile(R1CS, np.arange(R1CS.num_variables, dtype=np.uint64), R1CS.num_variables, 1)


def test_roles_follow_the_header() -> None:
    system = system_of_file(FILE)
    assert [system.name(w) for w in system.outputs] == ["y"]
    assert {system.name(w) for w in system.inputs} == {"a", "b"}


def test_a_private_input_without_a_wire_is_refused() -> None:
    with pytest.raises(AuditError, match=r"1 of 2 private inputs have no wire.*--O0"):
        system_of_file(dataclasses.replace(FILE, num_private_inputs=2))


@pytest.mark.parametrize("labels", [[0, 1, 2, 4, 3], [0, 1, 2, 9, 4]])
def test_another_signal_in_an_inputs_place_is_refused(labels: list[int]) -> None:
    """By position the hint h would pass for an input, and whatever it gives for determined."""
    with pytest.raises(AuditError, match="labels"):
        system_of_file(dataclasses.replace(FILE, wire_labels=np.array(labels, dtype=np.uint64)))


def test_too_many_constraints_are_refused() -> None:
    with pytest.raises(AuditError, match="limit of 0"):
        system_of(R1CS, max_constraints=0)
