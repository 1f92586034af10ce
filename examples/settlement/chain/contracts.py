"""The sources of all contracts: ours, and the verifiers that zkrelay writes for the keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zkrelay.evm import render_compressed_verifier, render_verifier
from zkrelay.groth16 import VerifyingKey
from zkrelay.relay.batch_statement import BATCH_NAMES

FOLDER = Path(__file__).resolve().parent.parent / "contracts"
CLAIM_VERIFIER = "ClaimVerifier"
REGISTRATION_VERIFIER = "RegistrationVerifier"


def sources(
    claim_key: VerifyingKey,
    batch_keys: Mapping[int, VerifyingKey] | None = None,
    registration_key: VerifyingKey | None = None,
) -> dict[str, str]:
    """By file name, for ``compile_contracts``; raises as ``render_verifier`` and ``render_compressed_verifier``."""
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sol"))}
    found[f"{CLAIM_VERIFIER}.sol"] = render_verifier(claim_key, name=CLAIM_VERIFIER)
    for num_slots, key in (batch_keys or {}).items():
        verifier, vector = batch_names(num_slots)
        length = vector_length(num_slots)
        found[f"{vector}.sol"] = render_verifier(key, name=verifier) + render_compressed_verifier(
            key, length, verifier=verifier, name=vector
        )
    if registration_key is not None:
        found[f"{REGISTRATION_VERIFIER}.sol"] = render_verifier(registration_key, name=REGISTRATION_VERIFIER)
    return found


def batch_names(num_slots: int) -> tuple[str, str]:
    """Of the key's verifier, and of the contract that asks it about a vector."""
    return f"Batch{num_slots}Verifier", f"Batch{num_slots}Vector"


def vector_length(num_slots: int) -> int:
    return len(BATCH_NAMES) + num_slots
