"""A Solidity verifier for one verifying key: ``verify`` and ``verify_many`` of ``groth16``, on chain.

The contract checks  e(A, B) · e(α, -β) · e(Σ x_i·IC_i, -γ) · e(C, -δ) = 1  with the precompiles of EIP-196 and EIP-197,
or of EIP-2537 over BLS12-381, and reverts unless it holds.  The key's G2 points are negated here, once, so that a proof
goes into the pairing as it came.  It accepts what ``groth16.verify`` accepts and nothing else: see ``template``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..algebra.points import negate_g2
from ..errors import MalformedInput
from ..groth16.keys import VerifyingKey
from .keccak import selector
from .template import ADD_TERMS, CONTRACT, DEVELOPMENT_WARNING, ERRORS, MULTIPLY_TERMS
from .words import MACHINES, WORD_BYTES, Machine, basis, g1_words, g2_words, key_digest

MAX_PUBLIC = 100
"""Inputs of a contract: with 100 it stays below the 24,576 bytes that a chain takes, optimised or not."""
FIRST_FREE_BYTE = 0x80
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}")
DEFAULT_NAME = "Groth16Verifier"
_WORDING = {
    "bn254": {
        "curve": "BN254",
        "standard": "EIP-196 and EIP-197",
        "order": "x.c1, x.c0, y.c1, y.c0 (imaginary first)",
    },
    "bls12_381": {"curve": "BLS12-381", "standard": "EIP-2537", "order": "x.c0, x.c1, y.c0, y.c1 (real first)"},
}


def render_verifier(key: VerifyingKey, *, name: str = DEFAULT_NAME) -> str:
    """The source of the contract ``name`` for Solidity 0.8.20 and later.

    Raises:
        InvalidKey, InvalidPoint, NonCanonicalNumber: as ``VerifyingKey.check``.
        MalformedInput: the name is no word of letters and digits with a capital first, or is one of the contract's own
            errors; or the key has no public input, or more than ``MAX_PUBLIC``.
    """
    key.check()
    check_name(name)
    if not 1 <= key.num_public <= MAX_PUBLIC:
        raise MalformedInput(f"a contract takes 1 to {MAX_PUBLIC} public inputs, and this key has {key.num_public}")
    machine = MACHINES[key.curve]
    return CONTRACT.substitute(
        warning=DEVELOPMENT_WARNING if key.development else "",
        name=name,
        digest=f"0x{key_digest(key).hex()}",
        modulus=_hex(key.fr.modulus),
        num_public=key.num_public,
        has_infinity=_infinity_test(machine.coordinate_words),
        **_WORDING[key.curve],
        **_layout(machine, key.num_public),
        **_constants(key, machine),
        **{f"error_{error}": f"0x{selector(f'{error}()'):08x}" for error in ERRORS},
    )


def check_name(name: str, errors: Sequence[str] = ERRORS) -> None:
    """Raises ``MalformedInput`` for what no compiler would take, and for the contract's own ``errors``.

    No word of the language has a capital first.
    """
    if not _NAME.fullmatch(name) or name in errors:
        raise MalformedInput(
            f"{name!r} cannot be the contract's name: letters and digits, a capital first, and none of its errors"
        )


def _layout(machine: Machine, num_public: int) -> dict[str, str]:
    """Sizes and places in bytes, and the precompiles; ``template`` has the map."""
    inputs_bytes, pair_bytes = num_public * WORD_BYTES, machine.g1_bytes + machine.g2_bytes
    pairs_at = FIRST_FREE_BYTE + inputs_bytes
    numbers = {
        "inputs_bytes": inputs_bytes,
        "proof_bytes": machine.proof_words * WORD_BYTES,
        "g1_bytes": machine.g1_bytes,
        "sum_bytes": 2 * machine.g1_bytes,
        "term_bytes": machine.g1_bytes + WORD_BYTES,
        "pair_bytes": pair_bytes,
        "scalars": FIRST_FREE_BYTE,
        "alpha_at": pairs_at,
        "statement_at": pairs_at + pair_bytes,
        "c_at": pairs_at + 2 * pair_bytes,
        "proofs_at": pairs_at + 3 * pair_bytes,
        "add": machine.add,
        "multiply": machine.multiply,
        "pairing": machine.pairing,
    }
    return {"proof_words": str(machine.proof_words), **{name: _hex(number) for name, number in numbers.items()}}


def _constants(key: VerifyingKey, machine: Machine) -> dict[str, str]:
    """Statements that store the key's points, and those that have one line for each input."""
    constant, *points = basis(key)
    g2_points = (("ALPHA", key.beta_g2), ("STATEMENT", key.gamma_g2), ("C", key.delta_g2))
    negated = [(at, g2_words(negate_g2(point, key.curve), key.curve)) for at, point in g2_points]
    in_field = [f"ok := and(ok, lt(mload(add(SCALARS, {_hex(at)})), R))" for at in _offsets(key.num_public)]
    return {
        "in_field": _lines(in_field),
        "store_alpha": _lines(_stores("ALPHA", 0, g1_words(key.alpha_g1, key.curve))),
        "store_constant": _lines(_stores("STATEMENT", 0, g1_words(constant, key.curve))),
        "store_g2": _lines([line for at, words in negated for line in _stores(at, machine.g1_bytes, words)]),
        "add_inputs": _lines(_add_inputs(points, key.curve, machine)),
    }


def _add_inputs(points: Sequence[bytes], curve: str, machine: Machine) -> list[str]:
    """Adds Σ x_i·IC_i to what stands at STATEMENT: term by term, or by one sum where the precompile multiplies many."""
    term_bytes = machine.g1_bytes + WORD_BYTES
    lines: list[str] = []
    for index, point in enumerate(points):
        at = machine.g1_bytes + (index * term_bytes if machine.multiplies_many else 0)
        scalar = f"mload(add(SCALARS, {_hex(index * WORD_BYTES)}))"
        lines += [
            *_stores("STATEMENT", at, g1_words(point, curve)),
            f"mstore(add(STATEMENT, {_hex(at + machine.g1_bytes)}), {scalar})",
        ]
        if not machine.multiplies_many:
            is_last = index == len(points) - 1
            lines += [_called(MULTIPLY_TERMS.replace("$size", "TERM"), is_last), _called(ADD_TERMS, is_last)]
    if machine.multiplies_many:
        size = _hex(len(points) * term_bytes)
        lines += [_called(MULTIPLY_TERMS.replace("$size", size), True), _called(ADD_TERMS, True)]
    return lines


def _called(call: str, is_last: bool) -> str:
    """Keep whether a precompile succeeded; of its last call also, whether it returned anything and so is there."""
    # arguments in Yul are evaluated from the right: the call comes before the look at what it returned
    return f"ok := and(ok, and(eq(returndatasize(), G1), {call}))" if is_last else f"ok := and(ok, {call})"


def _infinity_test(coordinate_words: int) -> str:
    """Whether y = 0 in A, B or C of the proof at ``proof`` in the calldata."""
    w = coordinate_words
    tests = []
    for first, count in ((w, w), (4 * w, 2 * w), (7 * w, w)):  # y of A, of B, of C
        loads = [f"calldataload(add(proof, {_hex(WORD_BYTES * (first + i))}))" for i in range(count)]
        joined = loads[0]
        for load in loads[1:]:
            joined = f"or({joined}, {load})"
        tests.append(f"iszero({joined})")
    return f"or(or({tests[0]}, {tests[1]}), {tests[2]})"


def _stores(at: str, offset: int, words: Sequence[int]) -> list[str]:
    return [
        f"mstore(add({at}, {_hex(offset + i)}), {_hex(word)})"
        for i, word in zip(_offsets(len(words)), words, strict=True)
    ]


def _offsets(count: int) -> range:
    return range(0, count * WORD_BYTES, WORD_BYTES)


def _lines(lines: Sequence[str]) -> str:
    return ("\n" + "    " * 3).join(lines)


def _hex(value: int) -> str:
    """An even number of digits, for Solidity."""
    digits = f"{value:x}"
    return "0x" + digits.zfill(len(digits) + len(digits) % 2)
