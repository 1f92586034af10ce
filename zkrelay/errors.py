"""One exception tree for the whole package; this module imports nothing.

``ZkrelayError`` is the root.  The split that matters to callers:

* ``InvalidProof``: everything was well formed, and the proof is false;
* ``MalformedInput`` and its children: something from outside is not what it claims to be;
* ``UnsatisfiedConstraint``: the prover's own assignment does not satisfy the circuit;
* ``SettlementRefused`` and its children: a ledger rule said no, and nothing changed.

Argument errors also derive from ``ValueError`` so that generic code can catch them.
"""

from __future__ import annotations


class ZkrelayError(Exception):
    """Root of every error that zkrelay raises on purpose."""


class InvalidProof(ZkrelayError):
    """The pairing equation does not hold for this proof, key and public inputs."""


class InvalidSignature(ZkrelayError):
    """A receipt or binding signature does not verify under the key it names."""


class MalformedInput(ZkrelayError, ValueError):
    """Something from outside has the wrong length, range or structure."""


class NonCanonicalNumber(MalformedInput):
    """A number is not the least non-negative residue of its field."""


class InvalidPoint(MalformedInput):
    """A point is off its curve, outside its subgroup, or infinity where that is refused."""


class InvalidKey(MalformedInput):
    """A proving or verifying key cannot be sound, or two parts of it do not belong together."""


class InvalidTables(MalformedInput):
    """Precomputed multiples are not those of the proving key that they are used with, or are damaged."""


class InvalidReceipt(MalformedInput):
    """A receipt breaks the protocol's predicate (range, cap, order, version or length)."""


class InvalidClaim(MalformedInput):
    """The parts of a claim do not belong together, or break the predicate that its circuit proves."""


class FormatError(MalformedInput):
    """A file does not follow its format.

    ``source`` names the file, ``section`` its part and ``offset`` the byte (None when a text format has no offset).
    """

    def __init__(self, message: str, *, source: str = "", section: str = "", offset: int | None = None) -> None:
        self.source = source
        self.section = section
        self.offset = offset
        where = ", ".join(
            part
            for part in (source, f"section {section}" if section else "", "" if offset is None else f"offset {offset}")
            if part
        )
        super().__init__(f"{where}: {message}" if where else message)


class UnsatisfiedConstraint(ZkrelayError):
    """The first constraint that an assignment violates, with the line that stated it."""

    def __init__(
        self,
        index: int,
        *,
        source: str = "",
        left: str = "",
        right: str = "",
        signals: tuple[str, ...] = (),
    ) -> None:
        self.index = index
        self.source = source
        self.signals = signals
        self.left = left
        self.right = right
        lines = [f"constraint {index} is not satisfied"]
        if source:
            lines[0] += f" ({source})"
        if left or right:
            lines.append(f"  left side   {left}")
            lines.append(f"  right side  {right}")
        if signals:
            lines.append("  signals     " + ", ".join(signals))
        super().__init__("\n".join(lines))


class CircuitError(ZkrelayError):
    """A circuit cannot be compiled: constants out of range, mixed builders, a false constraint between constants."""


class UnderConstrained(CircuitError):
    """A prover would be free in something: a loose hint, an input that no constraint uses, no constraint at all."""


class KernelUnavailable(ZkrelayError, ValueError):
    """A kernel name is unknown, or this machine cannot run it."""


class KernelError(ZkrelayError):
    """The kernel refused a call that passed the border checks: out of memory or a broken program."""


class Closed(ZkrelayError, ValueError):
    """Something that was closed, a prover for example, is used again."""


class NoteRefused(ZkrelayError):
    """A node will not serve this note: it could not be sure of being paid for it."""


class StoreError(ZkrelayError):
    """The settlement's database cannot be used: locked for too long, full, damaged, or written for another ledger."""


class SettlementRefused(ZkrelayError):
    """A settlement rule refused an operation; the ledger is unchanged."""


class NullifierSpent(SettlementRefused):
    """The note of this claim was already redeemed or refunded."""


class UnknownRoot(SettlementRefused):
    """The note tree never had this root."""


class Expired(SettlementRefused):
    """The operation came after its epoch or window."""


class NotCommitted(SettlementRefused):
    """No commitment was recorded in time for this claim."""


class WrongDomain(SettlementRefused):
    """The claim belongs to another chain, contract, tree or version."""


class WrongVenue(SettlementRefused):
    """The claim names a venue that this ledger does not serve."""


class WrongContext(SettlementRefused):
    """Payout address, relayer or fee are not those the proof is bound to."""


class FeeTooHigh(SettlementRefused):
    """The relayer's fee is negative or exceeds the payment."""


class DuplicateNote(SettlementRefused):
    """The ledger already holds this note commitment."""


class OverCap(SettlementRefused):
    """An amount exceeds the cap or the range that the domain allows."""


class DevelopmentKeyRefused(SettlementRefused):
    """A key without ceremony contributions was offered where money moves."""


class TreeFull(SettlementRefused):
    """The note tree of this domain has no free leaf: a new tree is a new domain."""


class InsufficientEscrow(SettlementRefused):
    """The escrow holds less than the payment: impossible while the proof system and the rules are sound."""
