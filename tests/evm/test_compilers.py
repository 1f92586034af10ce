"""The contract under other settings of the compiler, and at its largest."""

from __future__ import annotations

import pytest
from anvil import Anvil, compile_solidity

from zkrelay.curves import CURVES
from zkrelay.evm import render_verifier, verify_proof_call, verify_proofs_call
from zkrelay.evm.solidity import MAX_PUBLIC

from .conftest import NUM_PUBLIC, OnChain, statement_of

LARGEST_CODE_BYTES = 24_576


@pytest.mark.long
@pytest.mark.parametrize(("optimize", "via_ir"), [(False, False), (True, True)])
@pytest.mark.parametrize("num_public", [NUM_PUBLIC, MAX_PUBLIC])
def test_other_settings(chain: Anvil, num_public: int, optimize: bool, via_ir: bool) -> None:
    """Whatever the compiler makes of our assembly, true proofs pass, changed ones do not, and the code fits a chain."""
    sources = {curve: render_verifier(statement_of(curve, num_public).vk) for curve in CURVES}
    for curve, code in compile_solidity(sources, optimize=optimize, via_ir=via_ir).items():
        statement = statement_of(curve, num_public)
        on_chain = OnChain(chain, chain.deploy(code), statement)
        item = (statement.public, statement.proof)
        moved = [*statement.public[:-1], (statement.public[-1] + 1) % statement.r]
        assert code.runtime_bytes <= LARGEST_CODE_BYTES
        assert on_chain.reason(verify_proof_call(*item).data) == ""
        assert on_chain.reason(verify_proofs_call([item, item]).data) == ""
        assert on_chain.reason(verify_proof_call(moved, statement.proof).data) == "ProofInvalid"
        assert on_chain.reason(verify_proofs_call([item, (moved, statement.proof)]).data) == "ProofInvalid"
