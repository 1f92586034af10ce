"""What a verification costs, held against the contracts that snarkjs and gnark write, on the same proofs."""

from __future__ import annotations

import pytest
from anvil import Anvil, Compiled, Contract, compile_solidity

from zkrelay.curves import CURVES
from zkrelay.evm import render_verifier, verify_proof_call

from ..cross.snarkjs_process import Snarkjs
from .conftest import NUM_PUBLIC, snarkjs_contract, statement_of

COUNTS = (1, 2, 5)
# Gas of execution (of a transaction, less 21,000 and the calldata's) of the contracts of gnark 0.16.1, as solc 0.8.37
# compiles them with 200 runs; they have no branches that depend on the proof.  snarkjs's are measured here.
GNARK = {
    ("bn254", 1): 188_707,
    ("bn254", 2): 195_189,
    ("bn254", 5): 214_780,
    ("bls12_381", 1): 192_941,
    ("bls12_381", 2): 200_805,
    ("bls12_381", 5): 224_758,
}
TRANSACTION_GAS = 21_000
# Over BN254 gnark takes the proof as bytes, behind two words more than ours: an offset and a length.  Over BLS12-381
# its proof has 64 bytes less than ours, nearly all of them zero: there executions alone are compared.
GNARK_BYTES_GAS = 2 * (31 * 4 + 16)


def calldata_gas(data: bytes) -> int:
    return sum(16 if byte else 4 for byte in data)


def transaction_gas(chain: Anvil, contract: Contract, data: bytes) -> int:
    receipt = chain.send(contract, data, 2_000_000)
    assert receipt["status"] == "0x1"
    return int(receipt["gasUsed"], 16)


def call_of(curve: str, n: int) -> bytes:
    statement = statement_of(curve, n)
    return verify_proof_call(statement.public, statement.proof).data


@pytest.fixture(scope="module")
def ours(chain: Anvil, compiled: dict[str, Compiled]) -> dict[tuple[str, int], int]:
    others = {case: render_verifier(statement_of(*case).vk) for case in GNARK if case[1] != NUM_PUBLIC}
    by_name = compile_solidity({f"{curve} {n}": text for (curve, n), text in others.items()})
    by_name |= {f"{curve} {NUM_PUBLIC}": code for curve, code in compiled.items()}
    return {
        (curve, n): transaction_gas(chain, chain.deploy(by_name[f"{curve} {n}"]), call_of(curve, n))
        for curve, n in GNARK
    }


@pytest.fixture(scope="module")
def theirs(chain: Anvil, snarkjs: Snarkjs, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], int]:
    folder = tmp_path_factory.mktemp("snarkjs")
    texts = {str(n): snarkjs_contract(snarkjs, n, folder) for n in COUNTS}
    code, found = compile_solidity(texts, allow_warnings=True), {}
    for n in COUNTS:
        contract = chain.deploy(code[str(n)])
        (selector,) = contract.code.functions.values()  # their words stand as ours do
        found["bn254", n] = transaction_gas(chain, contract, selector + call_of("bn254", n)[4:])
    return found


def execution(case: tuple[str, int], transaction: int) -> int:
    return transaction - TRANSACTION_GAS - calldata_gas(call_of(*case))


def test_gnark_s_is_not_cheaper(ours: dict[tuple[str, int], int]) -> None:
    assert all(execution(case, gas) <= GNARK[case] for case, gas in ours.items())
    for case in GNARK:
        if case[0] == "bn254":
            theirs = TRANSACTION_GAS + calldata_gas(call_of(*case)) + GNARK_BYTES_GAS + GNARK[case]
            assert ours[case] <= theirs


def test_snarkjs_s_is_not_cheaper(ours: dict[tuple[str, int], int], theirs: dict[tuple[str, int], int]) -> None:
    assert {case: (ours[case], gas) for case, gas in theirs.items() if ours[case] > gas} == {}
    for case, gas in theirs.items():
        print(f"{case}: {ours[case]:,} and snarkjs {gas:,}, execution {execution(case, gas):,}")


@pytest.mark.parametrize("curve", CURVES)
def test_nothing_is_left_out(ours: dict[tuple[str, int], int], curve: str) -> None:
    """No less than the precompiles' own prices: four pairings, and a product and a sum for one input."""
    floor = {"bn254": 45_000 + 4 * 34_000 + 6_000 + 150, "bls12_381": 37_700 + 4 * 32_600 + 12_000 + 375}[curve]
    assert floor < execution((curve, 1), ours[curve, 1]) < floor + 2_000
