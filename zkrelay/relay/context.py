"""What the escrow acts on but the circuit does not compute: where the money goes and who carried the claim.

    aux = H2F("claim-ctx", payout_address, relayer, relayer_fee)

The proof is bound to aux and the escrow recomputes it from the call's own fields, so a relayer can change none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.hash_to_field import hash_to_field
from .numbers import check_range, parse_decimals

NO_RELAYER = 0
_NAMES = ("payout_address", "relayer", "relayer_fee")


@dataclass(frozen=True)
class ClaimContext:
    """Addresses are numbers below 2^256: 20-byte EVM addresses, or 32 bytes of anything off an EVM.

    ``relayer_fee`` comes out of the payment, in the ledger's smallest coin; the ledger refuses a fee above the payment.

    Raises (on construction):
        MalformedInput: a field is not in [0, 2^256).
    """

    payout_address: int
    relayer: int = NO_RELAYER
    relayer_fee: int = 0

    def __post_init__(self) -> None:
        for name in _NAMES:
            check_range(name, getattr(self, name), 0, 1 << 256)

    @property
    def aux(self) -> int:
        return hash_to_field("claim-ctx", self.payout_address, self.relayer, self.relayer_fee)

    def to_dict(self) -> dict[str, str]:
        """Decimal strings, for JSON."""
        return {name: str(getattr(self, name)) for name in _NAMES}

    @classmethod
    def from_dict(cls, data: object) -> ClaimContext:
        """Inverse of ``to_dict``; raises ``MalformedInput`` for anything else."""
        return cls(**parse_decimals("a claim's context", data, _NAMES))
