"""The circuit ``open`` against circom-rln and zerokit, and, over a tiny field, against every assignment."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from open_world import OpenWorld
from tiny import F31, solutions

from zkrelay.algebra.poseidon import poseidon
from zkrelay.circuits.open import Open
from zkrelay.circuits.standard import standard_circuit
from zkrelay.errors import CircuitError, InvalidProof, UnsatisfiedConstraint
from zkrelay.formats import read_proof, read_public, read_verifying_key
from zkrelay.r1cs import Circuit, CompiledCircuit, ConstraintApi, compile_circuit, private, public, run
from zkrelay.relay.funding import FundingKey, funding_leaf
from zkrelay.relay.merkle import MerkleProof, empty_nodes
from zkrelay.relay.opening import OPEN_NAMES, OpenStatement
from zkrelay.relay.share import share_y
from zkrelay.relay.verifier import Groth16Verifier

FOLDER = Path(__file__).parent.parent / "vectors" / "rln"
VECTORS = json.loads((FOLDER / "open.json").read_text())


@pytest.fixture(scope="module")
def circuit() -> CompiledCircuit:
    return compile_circuit(Open())


def our_inputs(case: dict[str, Any]) -> dict[str, Any]:
    """circom-rln's inputs under our names; public values of a refused case as they would follow from the equations."""
    theirs = {
        name: [int(v) for v in value] if isinstance(value, list) else int(value)
        for name, value in case["inputs"].items()
    }
    a0, limit = theirs["identitySecret"], theirs["userMessageLimit"]
    node, path = poseidon([poseidon([a0]), limit]), []
    for sibling, bit in zip(theirs["pathElements"], theirs["identityPathIndex"], strict=True):
        path.append([sibling, node] if bit else [node, sibling])
        node = poseidon(path[-1])
    slope = poseidon([a0, theirs["externalNullifier"], theirs["messageId"]])
    return {
        "y": share_y(a0, slope, theirs["x"]),
        "root": node,
        "nf": poseidon([slope]),
        "x": theirs["x"],
        "ext": theirs["externalNullifier"],
        "a0": a0,
        "limit": limit,
        "ticket": theirs["messageId"],
        "path": path,
    }


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_zerokit_RLN_open_vector(circuit: CompiledCircuit, case: dict[str, Any]) -> None:
    """Same public signals in the same order, and the same verdict on tickets and limits at the edges."""
    inputs = our_inputs(case)
    if not case["accepted"]:
        with pytest.raises(UnsatisfiedConstraint) as caught:
            circuit.assign(inputs)
        assert "zkrelay.circuits" in caught.value.source
        return
    assignment = circuit.assign(inputs)
    theirs = [int(value) for value in case["public"]]
    ours = [int.from_bytes(assignment[32 * i : 32 * i + 32], "little") for i in range(1, 6)]
    assert ours == theirs
    assert [inputs[name] for name in ("y", "root", "nf", "x", "ext")] == theirs


def test_the_funding_tree_is_zerokit_s() -> None:
    given = VECTORS["merkle_proof"]
    leaf = funding_leaf(FundingKey(int(given["identity_secret"])).identity, given["limit"])
    empty = empty_nodes(2, given["depth"])
    path, position, node = [], given["position"], leaf
    for level in range(given["depth"]):
        children = (node, empty[level]) if position % 2 == 0 else (empty[level], node)
        path.append(children)
        node = MerkleProof(node, (children,)).root
        position //= 2
    assert MerkleProof(leaf, tuple(path)).root == int(given["root"])


def test_a_proof_of_circom_rln_is_an_opening_here() -> None:
    """Its five public signals are a statement of ours, in our order, under a key that nobody here made."""
    vk = read_verifying_key(FOLDER / "circom_rln.vkey.json")
    values, proof = read_public(FOLDER / "circom_rln.public.json"), read_proof(FOLDER / "circom_rln.proof.json")
    case = next(case for case in VECTORS["cases"] if case["name"].startswith("zerokit"))
    statement = OpenStatement.from_public_inputs(values)
    assert statement.public_inputs == [int(value) for value in case["public"]]
    verifier = Groth16Verifier(vk, len(OPEN_NAMES))
    verifier.verify(statement.public_inputs, proof)
    for name in OPEN_NAMES:
        changed = dataclasses.replace(statement, **{name: getattr(statement, name) ^ 1})
        with pytest.raises(InvalidProof):
            verifier.verify(changed.public_inputs, proof)


def test_names_constants_and_shapes() -> None:
    assert [d.name for d in Open.declared_inputs() if d.is_public] == ["y", "root", "nf", "x", "ext"]
    small = standard_circuit("open", depth=3, limit_bits=4)
    assert isinstance(small, Open) and (small.depth, small.limit_bits) == (3, 4)
    for constants in ({"depth": 0}, {"depth": 33}, {"limit_bits": 0}, {"limit_bits": 65}):
        with pytest.raises(CircuitError, match=r"not in 1\.\.32, 1\.\.64"):
            Open(**constants)


@pytest.mark.parametrize("depth", [3, 20])
def test_the_relay_s_openings_are_accepted(depth: int) -> None:
    world = OpenWorld(depth=depth)
    compile_circuit(Open(depth=depth)).assign(world.inputs())
    assert run(Open(depth=depth), world.inputs()) > 0


class Rules(Circuit):
    """O4 and O6 alone: what is left when the hashes, which no tiny field has, are inputs."""

    y = public()
    x = public()
    a0 = private()
    slope = private()
    limit = private()
    ticket = private()
    limit_bits = 2

    def define(self, cs: ConstraintApi) -> None:
        Open.o4_ticket(self, cs)  # type: ignore[arg-type]
        Open.o6_share(self, cs, self.slope)  # type: ignore[arg-type]


def test_ticket_and_share_over_a_tiny_field() -> None:
    """Every limit, ticket and point over the field of 31 elements: satisfied exactly when the statement is true."""
    p = F31.modulus
    compiled = compile_circuit(Rules(), F31)
    for limit in range(p):
        for ticket in range(p):
            inputs = {"a0": 3, "slope": 5, "x": 7, "y": (3 + 5 * 7) % p, "limit": limit, "ticket": ticket}
            found = list(solutions(compiled, inputs))
            assert len(found) == (ticket < 4 and 0 <= (limit - ticket - 1) % p < 4), (limit, ticket)
    for a0, slope, x in ((a, s, x) for a in range(0, p, 4) for s in range(0, p, 3) for x in range(0, p, 5)):
        inputs = {"a0": a0, "slope": slope, "x": x, "limit": 2, "ticket": 1}
        found = {z[1] for z in solutions(compiled, inputs, open_inputs=("y",))}
        assert found == {(a0 + slope * x) % p}
