"""Ceremonies: keys that nobody can forge proofs for, if one contributor forgot a secret (docs/howto-ceremony.md).

Phase 1 makes powers of tau for all circuits up to a size (``.ptau``), phase 2 a key of one circuit (``.zkey``).
Files and transcripts are those of snarkjs: either tool goes on where the other stopped.
"""

from __future__ import annotations

from .challenge_file import answer_challenge, export_challenge
from .contribute_key import apply_beacon_to_key, contribute_to_key
from .contribute_powers import PowersHashes, apply_beacon_to_powers, contribute_to_powers
from .import_powers import import_response
from .new_key import NewKey, new_key, write_new_key
from .new_powers import first_challenge, new_powers
from .prepare_powers import prepare_powers
from .transcript import shown
from .verify_key import KeyCeremony, verify_key
from .verify_powers import PowersCeremony, verify_powers

__all__ = [
    "KeyCeremony",
    "NewKey",
    "PowersCeremony",
    "PowersHashes",
    "answer_challenge",
    "apply_beacon_to_key",
    "apply_beacon_to_powers",
    "contribute_to_key",
    "contribute_to_powers",
    "export_challenge",
    "first_challenge",
    "import_response",
    "new_key",
    "new_powers",
    "prepare_powers",
    "shown",
    "verify_key",
    "verify_powers",
    "write_new_key",
]
