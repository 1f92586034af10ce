"""Poseidon and Merkle gadgets against the native definitions, and what they must refuse."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import Gadget

from zkrelay.algebra.poseidon import poseidon as native_poseidon
from zkrelay.circuits.merkle import assert_is_one_of, assert_merkle_member
from zkrelay.circuits.poseidon import poseidon
from zkrelay.curves import bls12_381, bn254
from zkrelay.errors import CircuitError, UnsatisfiedConstraint
from zkrelay.r1cs import Circuit, CompiledCircuit, ConstraintApi, compile_circuit, private, private_array, public, run

R = bn254.FR.modulus
elements = st.one_of(st.sampled_from([0, 1, R - 1]), st.integers(0, R - 1))
WIDTHS = (1, 2, 3, 4, 5, 16)


@functools.cache
def hash_of(n: int) -> CompiledCircuit:
    return compile_circuit(Gadget(n, 1, lambda cs, x: [poseidon(cs, x)]))


@pytest.mark.parametrize("n", WIDTHS)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_poseidon_equals_the_native_hash_and_nothing_else(n: int, data: st.DataObject) -> None:
    x = data.draw(st.lists(elements, min_size=n, max_size=n))
    h = native_poseidon(x)
    hash_of(n).assign({"x": x, "out": [h]})
    for other in ((h + 1) % R, 0, R - h):
        with pytest.raises(UnsatisfiedConstraint):
            hash_of(n).assign({"x": x, "out": [other]})


def test_circomlib_vectors() -> None:
    """Published in circomlib's own tests."""
    published = {
        (1, 2): 7853200120776062878684798364095072458815029376092732009249414926327459813530,
        (1, 2, 3, 4): 18821383157269793795438455681495246036402687001665670618754263018637548127333,
    }
    for x, h in published.items():
        hash_of(len(x)).assign({"x": list(x), "out": [h]})


def test_poseidon_over_bls12_381() -> None:
    compiled = compile_circuit(Gadget(2, 1, lambda cs, x: [poseidon(cs, x)]), bls12_381.FR)
    h = native_poseidon([1, 2], bls12_381.FR)
    compiled.assign({"x": [1, 2], "out": [h]})
    with pytest.raises(UnsatisfiedConstraint):
        compiled.assign({"x": [2, 1], "out": [h]})


@pytest.mark.parametrize("constant_first", [0, 12345])
def test_constant_inputs_are_folded_and_change_nothing(constant_first: int) -> None:
    compiled = compile_circuit(Gadget(1, 1, lambda cs, x: [poseidon(cs, [cs.constant(constant_first), x[0]])]))
    compiled.assign({"x": [7], "out": [native_poseidon([constant_first, 7])]})
    assert compiled.r1cs.num_constraints == 240 - 3 + 1


def test_every_internal_wire_of_the_permutation_is_pinned() -> None:
    """Changing any one wire of an honest assignment breaks a row."""
    compiled = hash_of(2)
    good = compiled.assign({"x": [1, 2], "out": [native_poseidon([1, 2])]})
    for wire in range(1, compiled.r1cs.num_variables):
        bad = bytearray(good)
        bad[32 * wire] ^= 1
        with pytest.raises(UnsatisfiedConstraint):
            compiled.r1cs.check(bad)


class Member(Circuit):
    root = public()
    leaf = private()
    path = private_array(lambda self: (self.depth, self.arity))

    def __init__(self, arity: int, depth: int) -> None:
        self.arity, self.depth = arity, depth

    def define(self, cs: ConstraintApi) -> None:
        assert_merkle_member(cs, self.leaf, self.path, self.root)


@pytest.mark.parametrize(("arity", "depth"), [(2, 3), (4, 2), (5, 1)])
def test_every_position_is_a_member_and_strangers_are_not(arity: int, depth: int) -> None:
    leaves = list(range(100, 100 + arity**depth))
    levels = [leaves]
    for _ in range(depth):
        below = levels[-1]
        levels.append([native_poseidon(below[i : i + arity]) for i in range(0, len(below), arity)])
    root = levels[-1][0]
    compiled, circuit = compile_circuit(Member(arity, depth)), Member(arity, depth)
    for index, leaf in enumerate(leaves):
        path, position = [], index
        for level in range(depth):
            position //= arity
            path.append(levels[level][position * arity : (position + 1) * arity])
        good = {"root": root, "leaf": leaf, "path": path}
        compiled.assign(good)
        run(circuit, good)
        swapped = [[*path[0][1:], path[0][0]], *path[1:]]
        for bad in ({"leaf": 99}, {"leaf": root}, {"root": root + 1}, {"leaf": 0}, {"path": swapped}):
            with pytest.raises(UnsatisfiedConstraint):
                compiled.assign({**good, **bad})
            with pytest.raises(UnsatisfiedConstraint):
                run(circuit, {**good, **bad})


def test_membership_in_nothing_is_refused() -> None:
    with pytest.raises(CircuitError, match="empty set"):
        compile_circuit(Gadget(1, 0, lambda cs, x: assert_is_one_of(cs, x[0], []) or []))
