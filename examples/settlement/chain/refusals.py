"""What a contract reverts with, as the error that ``zkrelay.relay.settlement`` raises for it.

The contracts' errors have the names of ours where there is one.
"""

from __future__ import annotations

from zkrelay import errors
from zkrelay.errors import (
    InvalidPoint,
    InvalidProof,
    MalformedInput,
    NonCanonicalNumber,
    SettlementRefused,
    ZkrelayError,
)
from zkrelay.evm.keccak import selector


class ChainError(ZkrelayError):
    """The chain's node cannot be reached, or does not answer as JSON-RPC and the contracts say."""


class RevertedWithoutReason(SettlementRefused):
    """Too little gas, or calldata that no function of the contract takes."""


_SAME_NAME = (
    "DuplicateNote",
    "DuplicateStake",
    "EntryPointClosed",
    "Expired",
    "FeeTooHigh",
    "InsufficientEscrow",
    "InvalidBatch",
    "InvalidSignature",
    "MalformedInput",
    "NonCanonicalNumber",
    "NotCommitted",
    "NotYetRefundable",
    "NullifierSpent",
    "OverCap",
    "StakeLocked",
    "StakeTooSmall",
    "TreeFull",
    "UnknownNote",
    "UnknownRoot",
    "UnknownStake",
    "WrongContext",
    "WrongDomain",
    "WrongEvidence",
    "WrongVenue",
)
_OTHERS: dict[str, type[ZkrelayError]] = {
    "WrongMoney(uint256)": MalformedInput,
    "WrongNotes()": MalformedInput,
    "MalformedSettings()": MalformedInput,
    "MalformedDepth()": MalformedInput,
    "NothingOwed()": SettlementRefused,
    "TransferFailed()": SettlementRefused,
    # of the verifiers
    "MalformedCalldata()": MalformedInput,
    "PublicInputNotInField()": NonCanonicalNumber,
    "ElementNotInField(uint256)": NonCanonicalNumber,
    "PointAtInfinity()": InvalidPoint,
    "PrecompileFailed()": InvalidPoint,
    "ProofInvalid()": InvalidProof,
}
_BY_SELECTOR: dict[int, tuple[str, type[ZkrelayError]]] = {
    selector(f"{name}()"): (name, getattr(errors, name)) for name in _SAME_NAME
} | {selector(signature): (signature.partition("(")[0], kind) for signature, kind in _OTHERS.items()}


def refusal(data: bytes) -> ZkrelayError:
    """The error of a revert with ``data``."""
    if not data:
        return RevertedWithoutReason("the contract reverted without a reason: too little gas, or no call that it knows")
    name, kind = _BY_SELECTOR.get(int.from_bytes(data[:4], "big"), ("", ChainError))
    return kind(f"the contract refused: {name}" if name else f"the contract reverted with 0x{data[:4].hex()}")
