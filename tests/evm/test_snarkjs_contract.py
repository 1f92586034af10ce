"""The contract that snarkjs writes for the same key gives the same verdicts."""

from __future__ import annotations

import pytest
from anvil import Anvil, Compiled, Reverted, compile_solidity

from zkrelay.evm.words import proof_words

from ..cross.snarkjs_process import Snarkjs
from .conftest import NUM_PUBLIC, OnChain, snarkjs_contract, statement_of
from .test_verifier import mutations


@pytest.fixture(scope="module")
def both(
    chain: Anvil, compiled: dict[str, Compiled], snarkjs: Snarkjs, tmp_path_factory: pytest.TempPathFactory
) -> tuple[OnChain, OnChain]:
    """(ours, snarkjs's)."""
    statement = statement_of("bn254", NUM_PUBLIC)
    text = snarkjs_contract(snarkjs, NUM_PUBLIC, tmp_path_factory.mktemp("snarkjs"))
    theirs = compile_solidity({"theirs": text}, allow_warnings=True)["theirs"]
    return tuple(OnChain(chain, chain.deploy(code), statement) for code in (compiled["bn254"], theirs))


def theirs_accepts(theirs: OnChain, calldata: bytes) -> bool:
    """Their words stand as ours do, behind a selector of their own; what they refuse returns false."""
    (selector,) = theirs.contract.code.functions.values()
    (outcome,) = theirs.chain.calls(theirs.contract, [selector + calldata[4:]])
    assert not isinstance(outcome, Reverted)
    return int.from_bytes(outcome, "big") == 1


def test_the_verdicts_are_the_same(both: tuple[OnChain, OnChain]) -> None:
    ours, theirs = both
    statement = ours.statement
    cases = {name: ours.unchecked(*item) for name, item in mutations(statement).items()}
    alias = [statement.public[0] + statement.r, *statement.public[1:]]
    off_curve = proof_words(statement.proof)
    off_curve[0] ^= 1
    cases |= {
        "true": ours.calldata,
        "alias": ours.unchecked(alias, statement.proof),
        "off the curve": ours.unchecked(statement.public, off_curve),
    }
    verdicts = {name: not ours.reason(data) for name, data in cases.items()}
    assert {name: theirs_accepts(theirs, data) for name, data in cases.items()} == verdicts
    assert [name for name, accepted in verdicts.items() if accepted] == ["rerandomised", "-A, -B", "true"]


def test_only_theirs_calls_a_true_proof_false_when_gas_is_short(both: tuple[OnChain, OnChain]) -> None:
    """The trap that reverting avoids, shown on a contract that has it."""
    ours, theirs = both
    (selector,) = theirs.contract.code.functions.values()
    answer = theirs.chain.call(theirs.contract, selector + ours.calldata[4:], gas=200_000)
    assert int.from_bytes(answer, "big") == 0
    assert ours.reason(ours.calldata, gas=200_000) in ("PrecompileFailed", "no reason")
