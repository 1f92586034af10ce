"""The contracts for Poseidon, held against ours and against those that circomlibjs generates."""

from __future__ import annotations

import json
import random

import pytest
from anvil import Anvil, Compiled, Contract, Reverted

from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.errors import MalformedInput
from zkrelay.evm import poseidon_code
from zkrelay.evm.keccak import selector
from zkrelay.evm.poseidon import MAX_INPUTS
from zkrelay.evm.words import pack_words

from ..cross.conftest import Node, node

__all__ = ["node"]
R = bn254.FR.modulus
COUNTS = range(1, MAX_INPUTS + 1)
EDGES = (0, 1, 2, R - 1, R - 2, R // 2)
THEIRS = "evm/circomlibjs_poseidon.mjs"


def calldata(inputs: list[int]) -> bytes:
    return selector(f"poseidon(uint256[{len(inputs)}])").to_bytes(4, "big") + pack_words(inputs)


@pytest.fixture(scope="module")
def contracts(chain: Anvil) -> dict[int, Contract]:
    return {n: chain.deploy(Compiled(poseidon_code(n).hex(), 0, {}, {})) for n in COUNTS}


def test_the_code_fits_a_chain() -> None:
    assert all(len(poseidon_code(count)) <= 24_576 for count in COUNTS)


@pytest.mark.parametrize("count", COUNTS)
def test_it_is_our_hash(chain: Anvil, contracts: dict[int, Contract], count: int) -> None:
    rng = random.Random(f"poseidon on chain {count}")
    rows = [[edge] * count for edge in EDGES]
    rows += [[rng.choice(EDGES) for _ in range(count)] for _ in range(40)]
    rows += [[rng.randrange(R) for _ in range(count)] for _ in range(200)]
    outcomes = chain.calls(contracts[count], [calldata(row) for row in rows])
    assert outcomes == [poseidon(row).to_bytes(32, "big") for row in rows]


@pytest.mark.parametrize("count", COUNTS)
def test_what_is_refused(chain: Anvil, contracts: dict[int, Contract], count: int) -> None:
    contract, good = contracts[count], [7] * count

    def reason(data: bytes) -> str:
        return contract.reason(chain.calls(contract, [data])[0])

    for index in range(count):
        for alias in (R, R + 7, (1 << 256) - 1):
            assert reason(calldata([*good[:index], alias, *good[index + 1 :]])) == "no reason"
    assert reason(calldata(good) + b"\0") == "no reason"
    assert reason(calldata(good)[:-1]) == "no reason"
    assert reason(calldata([*good, 7])) == "no reason"


def test_circomlibjs_s_give_the_same_and_are_not_cheaper(
    chain: Anvil, contracts: dict[int, Contract], node: Node
) -> None:
    """The same call to both, and the gas of the whole transaction."""
    codes = json.loads(node(THEIRS, *map(str, COUNTS)).stdout)
    for count, code in zip(COUNTS, codes, strict=True):
        theirs = chain.deploy(Compiled(code.removeprefix("0x"), 0, {}, {}))
        data = calldata([R - 1 - index for index in range(count)])
        assert chain.calls(theirs, [data]) == chain.calls(contracts[count], [data])
        ours_gas, theirs_gas = (
            int(chain.send(contract, data, 1_000_000)["gasUsed"], 16) for contract in (contracts[count], theirs)
        )
        print(
            f"{count} inputs: {ours_gas:,} and circomlibjs {theirs_gas:,}, code {contracts[count].code.runtime_bytes:,}"
        )
        assert ours_gas < theirs_gas


@pytest.mark.parametrize("count", [0, MAX_INPUTS + 1, -1, True, "2", None])
def test_other_counts_are_refused(count: int) -> None:
    with pytest.raises(MalformedInput):
        poseidon_code(count)


def test_out_of_gas_reverts(chain: Anvil, contracts: dict[int, Contract]) -> None:
    for gas in (22_000, 25_000, 30_000):
        assert isinstance(chain.calls(contracts[4], [calldata([1, 2, 3, 4])], gas)[0], Reverted)
