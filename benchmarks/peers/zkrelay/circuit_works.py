"""Works on whole circuits, from the files that every peer reads (benchmarks/house/circuits.py writes them)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from work import Work, WrongResult

from zkrelay import verify as verify_once
from zkrelay.errors import InvalidProof
from zkrelay.formats import (
    read_inputs,
    read_proof,
    read_public,
    read_r1cs,
    read_verifying_key,
    read_wtns,
    read_zkey,
    read_zkwp,
    write_proof,
)
from zkrelay.groth16 import Proof, Prover, rerandomize
from zkrelay.groth16 import verify_many as verify_together


def prove(params: dict[str, Any], threads: int) -> Work:
    """Key loaded, witness computed."""
    prover, assignment = Prover(read_zkey(params["zkey"])), read_wtns(params["wtns"]).assignment
    made: list[Proof] = []

    def run() -> None:
        made[:] = [prover.prove(assignment, threads=threads)]

    def check() -> None:
        _accepted(params, made[0])

    return Work(run, check)


def prove_inputs(params: dict[str, Any], threads: int) -> Work:
    """Key and circuit loaded; from the inputs to the proof, with the check of every row in between."""
    prover, inputs = Prover(read_zkey(params["zkey"]), read_zkwp(params["zkwp"])), read_inputs(params["input"])
    made: list[Proof] = []

    def run() -> None:
        made[:] = [prover.prove_inputs(inputs, threads=threads).proof]

    def check() -> None:
        _accepted(params, made[0])

    return Work(run, check)


def _accepted(params: dict[str, Any], proof: Proof) -> None:
    try:
        verify_once(read_verifying_key(params["vkey"]), read_public(params["public"]), proof)
    except InvalidProof as error:
        raise WrongResult(str(error)) from None
    write_proof(params["proof_out"], proof, overwrite=True)


def witness(params: dict[str, Any], threads: int) -> Work:
    """The witness program, from inputs to an assignment; nothing is checked against the rows."""
    circuit, inputs = read_zkwp(params["zkwp"]), read_inputs(params["input"])
    expected = bytes(read_wtns(params["wtns"]).assignment)
    made: list[bytes] = []

    def run() -> None:
        made[:] = [circuit.program.run(inputs)]

    def check() -> None:
        if made[0] != expected:
            raise WrongResult("the assignment differs from the file's")

    return Work(run, check)


def check_witness(params: dict[str, Any], threads: int) -> Work:
    """Every row of a whole assignment."""
    r1cs, assignment = read_r1cs(params["r1cs"]), read_wtns(params["wtns"]).assignment

    def check() -> None:
        if r1cs.num_variables * r1cs.field.num_bytes != len(assignment):
            raise WrongResult("not all wires were checked")

    return Work(lambda: r1cs.check(assignment), check)


def verify(params: dict[str, Any], threads: int) -> Work:
    key, statement = read_verifying_key(params["vkey"]), read_public(params["public"])
    proof = read_proof(params["proof"])
    swapped = Proof(proof.c, proof.b, proof.a)

    def check() -> None:
        try:
            verify_once(key, statement, swapped)
        except InvalidProof:
            return
        raise WrongResult("a false proof was accepted")

    return Work(lambda: verify_once(key, statement, proof), check)


def verify_many(params: dict[str, Any], threads: int) -> Work:
    """``count`` proofs under one key; all different, since each is rerandomized."""
    key, statement = read_verifying_key(params["vkey"]), read_public(params["public"])
    proof = read_proof(params["proof"])
    items = [(statement, rerandomize(key, proof)) for _ in range(params["count"])]

    def run() -> None:
        if verify_together(key, items, threads=threads).refused:
            raise WrongResult("a true proof was refused")

    def check() -> None:
        spoiled, false = list(items), {1, params["count"] // 2, params["count"] - 1}
        for index in false:
            spoiled[index] = (statement, Proof(proof.c, proof.b, proof.a))
        if set(verify_together(key, spoiled, threads=threads).refused) != false:
            raise WrongResult("the false proofs were not named")

    return Work(run, check)


CIRCUIT_WORKS: dict[str, Callable[[dict[str, Any], int], Work]] = {
    "prove": prove,
    "prove_inputs": prove_inputs,
    "witness": witness,
    "check_witness": check_witness,
    "verify": verify,
    "verify_many": verify_many,
}
