"""The funding tree: leaves that anybody buys, each good for ``limit`` tickets, each ticket good for one note.

    fdomain  = H2F("funding", chain_id, contract, funding_tree_no)        ext = H2F("open", fdomain)
    identity = P1(a0)                 leaf = P2(identity, limit)          bought for limit·D
    a1 = P3(a0, ext, ticket)          nf = P1(a1)                         0 <= ticket < limit

Everything but fdomain is RLN-v2's ([RLN-V2]).  ext holds no note tree: a ticket that was spent is spent in every note
tree of the deployment, and a funding tree is never shared between deployments or versions.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..algebra.hash_to_field import hash_to_field
from ..algebra.poseidon import poseidon, poseidon_many
from ..curves import bn254
from ..errors import NonCanonicalNumber
from .domain import CAP_BITS, Domain
from .key_file import read_key_file, write_key_file
from .merkle import MerkleTree
from .numbers import check_element, check_range

FUNDING_KEY_TYPE = "zkrelay-funding-key"
FUNDING_ARITY = 2
LIMIT_BITS = 16
MAX_LIMIT = 1 << LIMIT_BITS
_R = bn254.FR.modulus


@dataclass(frozen=True)
class FundingDomain:
    """One funding tree of one deployment.  ``ticket_bytes`` is D: what a ticket buys; ``fee_bytes`` of it are the fee.

    D, the fee and the depth are constants that the ledger fixes; the hash holds the deployment and the tree's number.

    Raises (on construction):
        MalformedInput: a number is out of range, or not 0 <= fee_bytes < ticket_bytes.
    """

    chain_id: int
    contract: int
    funding_tree_no: int
    ticket_bytes: int
    fee_bytes: int = 0
    depth: int = 20

    def __post_init__(self) -> None:
        check_range("chain_id", self.chain_id, 0, 1 << 256)
        check_range("contract", self.contract, 0, 1 << 160)
        check_range("funding_tree_no", self.funding_tree_no, 0, 1 << 64)
        check_range("ticket_bytes", self.ticket_bytes, 1, 1 << CAP_BITS)
        check_range("fee_bytes", self.fee_bytes, 0, self.ticket_bytes)
        check_range("depth", self.depth, 1, 33)

    @cached_property
    def value(self) -> int:
        """fdomain."""
        return hash_to_field("funding", self.chain_id, self.contract, self.funding_tree_no)

    @cached_property
    def ext(self) -> int:
        """The external nullifier of every ticket of this tree."""
        return hash_to_field("open", self.value)

    @property
    def cap(self) -> int:
        """The cap of an opened note: D less the fee, so that a fee never makes money."""
        return self.ticket_bytes - self.fee_bytes

    def price(self, limit: int, domain: Domain) -> int:
        """Money for a leaf of ``limit`` tickets: that many times the price of D in ``domain``.

        Every note tree that the tickets open notes in must have the same unit and price.
        """
        check_limit(limit)
        return limit * domain.price(domain.units(self.ticket_bytes))

    def tree(self) -> MerkleTree:
        """An empty funding tree, for one who follows the ledger's purchases."""
        return MerkleTree(FUNDING_ARITY, self.depth)


class FundingKey:
    """A client's funding secret a0 and the identity commitment that its leaf is bought for."""

    __slots__ = ("_secret", "identity")

    def __init__(self, secret: int) -> None:
        """Raises ``NonCanonicalNumber`` unless 1 <= secret < r."""
        if isinstance(secret, bool) or not isinstance(secret, int) or not 1 <= secret < _R:
            raise NonCanonicalNumber("a funding secret is a field element other than zero")
        self.identity: int = poseidon([secret])
        self._secret = secret

    @classmethod
    def generate(cls) -> FundingKey:
        """A fresh secret from the operating system's randomness."""
        return cls(1 + secrets.randbelow(_R - 1))

    @property
    def a0(self) -> int:
        """The secret itself: a witness of every opening.  Never log it."""
        return self._secret

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        write_key_file(path, FUNDING_KEY_TYPE, self._secret, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FundingKey:
        """Raises as ``read_key_file``, and ``NonCanonicalNumber`` for a secret out of range."""
        return cls(read_key_file(path, FUNDING_KEY_TYPE))

    def __repr__(self) -> str:
        return f"FundingKey(identity={self.identity})"


def check_limit(limit: int) -> None:
    """Raise ``MalformedInput`` unless 1 <= limit <= 2^16: more tickets than the circuit can count are money lost."""
    check_range("limit", limit, 1, MAX_LIMIT + 1)


def funding_leaf(identity: int, limit: int) -> int:
    """P2(identity, limit), computed by the ledger itself, so that the limit needs no proof.

    Raises:
        MalformedInput: the limit is not in [1, 2^16].
        NonCanonicalNumber: the identity is no field element.
    """
    check_element("identity", identity)
    check_limit(limit)
    return poseidon([identity, limit])


def ticket_slope(a0: int, ext: int, ticket: int) -> int:
    """a1 = P3(a0, ext, ticket); canonical inputs."""
    return poseidon([a0, ext, ticket])


def ticket_nullifiers(a0: int, ext: int, tickets: Sequence[int]) -> list[int]:
    """nf = P1(P3(a0, ext, ticket)) of each; canonical inputs."""
    slopes = poseidon_many([[a0, ext, ticket] for ticket in tickets])
    return poseidon_many([[slope] for slope in slopes])
