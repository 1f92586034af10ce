"""One chain, and over each curve a key with its contract on it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from anvil import Anvil, Compiled, Contract, Reverted, compile_solidity

from zkrelay import formats
from zkrelay.curves import CURVES
from zkrelay.evm import render_verifier, verify_proof_call
from zkrelay.evm.keccak import selector
from zkrelay.evm.words import pack_words, proof_words
from zkrelay.groth16 import Proof

from ..cross.conftest import TESTS, snarkjs
from ..cross.snarkjs_process import Snarkjs
from ..groth16.small_circuits import Statement, prove_statement, random_satisfied

__all__ = ["snarkjs"]
NUM_PUBLIC = 2


@dataclass(frozen=True)
class OnChain:
    """A statement, and the contract for its key."""

    chain: Anvil
    contract: Contract
    statement: Statement

    @property
    def calldata(self) -> bytes:
        """A call with the true proof."""
        return verify_proof_call(self.statement.public, self.statement.proof).data

    def unchecked(self, public: Sequence[int], proof: Proof | Sequence[int]) -> bytes:
        """A call of verifyProof with whatever it is given."""
        words = proof_words(proof) if isinstance(proof, Proof) else proof
        head = selector(f"verifyProof(uint256[{len(words)}],uint256[{len(public)}])").to_bytes(4, "big")
        return head + pack_words([*words, *public])

    def reason(self, calldata: bytes, gas: int | None = None) -> str:
        """ "" when the contract accepts; else why it reverts (``Contract.reason``)."""
        return self.reasons([calldata], gas)[0]

    def reasons(self, calldata: Sequence[bytes], gas: int | None = None) -> list[str]:
        outcomes = self.chain.calls(self.contract, calldata, gas)
        assert all(isinstance(outcome, Reverted) or outcome == b"" for outcome in outcomes), "a call returned something"
        return [self.contract.reason(outcome) for outcome in outcomes]


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    anvil = Anvil(tmp_path_factory.mktemp("anvil"))
    yield anvil
    anvil.close()


@cache
def statement_of(curve: str, num_public: int) -> Statement:
    rng = random.Random(f"evm {curve} {num_public}")
    return prove_statement(*random_satisfied(rng, 20, num_public, 12, field=CURVES[curve].fr))


def snarkjs_contract(snarkjs: Snarkjs, num_public: int, folder: Path) -> str:
    """What snarkjs writes for the key over BN254: that for BLS12-381 does not compile."""
    zkey = folder / f"{num_public}.zkey"
    formats.write_zkey(zkey, statement_of("bn254", num_public).pk)
    template = TESTS / "node_modules" / "snarkjs" / "templates" / "verifier_groth16.sol.ejs"
    return str(snarkjs.step("zKey", "exportSolidityVerifier", zkey, {"groth16": template.read_text()}))


@pytest.fixture(scope="session")
def compiled() -> dict[str, Compiled]:
    """By curve, with ``NUM_PUBLIC`` inputs."""
    return compile_solidity({curve: render_verifier(statement_of(curve, NUM_PUBLIC).vk) for curve in CURVES})


@pytest.fixture(scope="session", params=list(CURVES))
def on_chain(request: pytest.FixtureRequest, chain: Anvil, compiled: dict[str, Compiled]) -> OnChain:
    return OnChain(chain, chain.deploy(compiled[request.param]), statement_of(request.param, NUM_PUBLIC))
