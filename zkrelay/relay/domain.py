"""A domain: one note tree of one escrow on one chain under one version.  A claim lives inside one domain.

    domain = H2F("domain", chain_id, contract, tree_no, protocol_version, U, mode)

The domain is hashed into every note, hence into every receipt, nullifier and claim: nothing can be replayed elsewhere.
It holds no circuit hash: entry points pin their own verifying keys and share one nullifier set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from ..algebra.hash_to_field import PROTOCOL_VERSION, hash_to_field
from ..errors import MalformedInput
from .numbers import parse_decimals

CAP_BITS = 64
EPOCH_BITS = 32
SINGLE_VENUE, SEVERAL_VENUES = 0, 1  # modes
SINGLE_STORE_VENUE = 0  # the venue that every claim of a mode-0 domain names
MEBIBYTE = 1 << 20

_RANGES = {
    "chain_id": (0, 1 << 256),
    "contract": (0, 1 << 160),
    "tree_no": (0, 1 << 64),
    "unit": (1, 1 << 32),
    "mode": (0, 2),
    "price_per_unit": (1, 1 << 128),
    "arity": (2, 6),
    "depth": (1, 33),
}


@dataclass(frozen=True)
class Domain:
    """``contract`` is the escrow's 20-byte address as a number; ``unit`` is U in bytes; ``mode`` is 0 for one venue.

    ``price_per_unit`` (in the ledger's smallest coin), ``arity`` and ``depth`` belong to the domain, not to its hash:
    the escrow fixes the price; root and circuit fix the tree.
    """

    chain_id: int
    contract: int
    tree_no: int
    unit: int = MEBIBYTE
    mode: int = SINGLE_VENUE
    price_per_unit: int = 1
    arity: int = 4
    depth: int = 10
    protocol_version: int = PROTOCOL_VERSION

    def __post_init__(self) -> None:
        if self.protocol_version != PROTOCOL_VERSION:
            raise MalformedInput(f"protocol version {self.protocol_version} is not {PROTOCOL_VERSION}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value < high:
                raise MalformedInput(f"{name} of a domain must be an integer in [{low}, {high})")

    @classmethod
    def of_service(cls, service_public_key: bytes, tree_no: int, **settings: int) -> Domain:
        """A domain off any EVM: chain_id 0, contract = the first 20 bytes of SHA-256 of the service's public key."""
        contract = int.from_bytes(hashlib.sha256(service_public_key).digest()[:20], "big")
        return cls(chain_id=0, contract=contract, tree_no=tree_no, **settings)

    @cached_property
    def value(self) -> int:
        """The field element that notes and claims carry."""
        return hash_to_field(
            "domain", self.chain_id, self.contract, self.tree_no, self.protocol_version, self.unit, self.mode
        )

    @property
    def max_amount(self) -> int:
        """The largest amount of a claim: the circuit holds amount - 1 in 32 bits when U is at least 1 MiB, else 64."""
        return 1 << 32 if self.unit >= MEBIBYTE else (1 << 64) - 1

    def units(self, num_bytes: int) -> int:
        """Whole units in ``num_bytes``: what a receipt over so many bytes can claim, what a cap can pay."""
        return num_bytes // self.unit

    def price(self, amount: int) -> int:
        """Money for ``amount`` units."""
        return amount * self.price_per_unit

    def to_strings(self) -> dict[str, str]:
        """``to_dict`` with decimal strings, for files: a contract's address is no number to every JSON reader."""
        return {name: str(value) for name, value in self.to_dict().items()}

    @classmethod
    def from_strings(cls, data: object) -> Domain:
        """Inverse of ``to_strings``; raises ``MalformedInput`` for anything else."""
        return cls(**parse_decimals("a domain", data, (field.name for field in fields(cls))))

    def to_dict(self) -> dict[str, int]:
        """Plain numbers, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Domain:
        """Inverse of ``to_dict``; raises ``MalformedInput`` for unknown or missing names and bad ranges."""
        names = {field.name for field in fields(cls)}
        if set(data) != names:
            odd = sorted(set(data) ^ names)
            raise MalformedInput(f"a domain has exactly the fields {', '.join(sorted(names))}; check {', '.join(odd)}")
        return cls(**data)
