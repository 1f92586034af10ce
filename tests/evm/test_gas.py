"""What a verification costs, held against the contracts that snarkjs and gnark write."""

from __future__ import annotations

import pytest
from anvil import Anvil, Compiled, compile_solidity

from zkrelay.curves import CURVES
from zkrelay.evm import render_verifier, verify_proof_call

from .conftest import NUM_PUBLIC, statement_of

# Gas of execution (of a transaction, less 21,000 and the calldata's) of the cheaper of snarkjs 0.7.6 and gnark, as
# solc 0.8.37 compiles both with 200 runs.  Calldata is left out: its price depends on how many of its bytes are zero.
# Ours has as many bytes as snarkjs's over BN254, and 64 more than gnark's over BLS12-381, nearly all of them zero.
BEST_OF_OTHERS = {
    ("bn254", 1): 188_707,
    ("bn254", 2): 195_189,
    ("bn254", 5): 214_780,
    ("bls12_381", 1): 192_941,
    ("bls12_381", 2): 200_805,
    ("bls12_381", 5): 224_758,
}
TRANSACTION_GAS = 21_000


def calldata_gas(data: bytes) -> int:
    return sum(16 if byte else 4 for byte in data)


@pytest.fixture(scope="module")
def execution_gas(chain: Anvil, compiled: dict[str, Compiled]) -> dict[tuple[str, int], int]:
    others = {case: render_verifier(statement_of(*case).vk) for case in BEST_OF_OTHERS if case[1] != NUM_PUBLIC}
    by_name = compile_solidity({f"{curve} {n}": text for (curve, n), text in others.items()})
    by_name |= {f"{curve} {NUM_PUBLIC}": code for curve, code in compiled.items()}
    found = {}
    for curve, n in BEST_OF_OTHERS:
        statement, contract = statement_of(curve, n), chain.deploy(by_name[f"{curve} {n}"])
        data = verify_proof_call(statement.public, statement.proof).data
        receipt = chain.send(contract, data, 2_000_000)
        assert receipt["status"] == "0x1"
        found[curve, n] = int(receipt["gasUsed"], 16) - TRANSACTION_GAS - calldata_gas(data)
    return found


def test_no_contract_is_cheaper(execution_gas: dict[tuple[str, int], int]) -> None:
    assert {case: gas for case, gas in execution_gas.items() if gas > BEST_OF_OTHERS[case]} == {}


@pytest.mark.parametrize("curve", CURVES)
def test_nothing_is_left_out(execution_gas: dict[tuple[str, int], int], curve: str) -> None:
    """No less than the precompiles' own prices: four pairings, and a product and a sum for one input."""
    floor = {"bn254": 45_000 + 4 * 34_000 + 6_000 + 150, "bls12_381": 37_700 + 4 * 32_600 + 12_000 + 375}[curve]
    assert floor < execution_gas[curve, 1] < floor + 2_000
