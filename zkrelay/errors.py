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


class ReceiptLength(InvalidReceipt):
    """A packed receipt does not have the length of its version."""


class ReceiptVersion(InvalidReceipt):
    """A packed receipt begins with a version that is not known here."""


class ReceiptForAnotherNote(InvalidReceipt):
    """A receipt names another note than the session's."""


class ReceiptOverCap(InvalidReceipt):
    """A receipt is for more bytes than its note can pay: no claim could show it."""


class ReceiptLower(InvalidReceipt):
    """A receipt is for fewer bytes than the one that is kept."""


class ReceiptConflict(InvalidReceipt):
    """A receipt is for as many bytes as the one that is kept, and says something else."""


class ReceiptReplayed(InvalidReceipt):
    """The receipt that is kept came again: harmless, as datagrams are repeated, and no progress."""


class ReceiptContextMismatch(InvalidReceipt):
    """A receipt signs another context than the one both sides hold."""


class InvalidBinding(MalformedInput):
    """A channel or identity binding has the wrong length or version, or is for a channel that was bound before."""


class NotBound(ZkrelayError):
    """A session was used before its client bound it to the channel."""


class InvalidClaim(MalformedInput):
    """The parts of a claim do not belong together, or break the predicate that its circuit proves."""


class InvalidBatch(MalformedInput):
    """The slots of a batch contradict each other or its totals, or its claims do not belong together."""


class DuplicateNullifier(InvalidBatch):
    """One note stands in two slots of a batch: the circuit allows it, and no ledger pays it twice."""


class InvalidEvidence(MalformedInput):
    """Two shares convict nobody: different nullifiers, the same point twice, or a secret that is not the accused's."""


class CeremonyRefused(ZkrelayError):
    """The transcript of a ceremony does not hold: a contribution, or what it left behind, is not as it says."""


class Equivocation(ZkrelayError):
    """What is to be signed contradicts what was written down before: to go on would give a secret away."""


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

    def __reduce__(self) -> tuple[object, ...]:
        """Between processes: by its parts, as the message is made of them."""
        return _unsatisfied, (self.index, self.source, self.left, self.right, self.signals)


class CalculatorRefused(ZkrelayError):
    """A foreign witness calculator gave no assignment: its circuit's assertions refused, it trapped, or hit a limit."""


def _unsatisfied(index: int, source: str, left: str, right: str, signals: tuple[str, ...]) -> UnsatisfiedConstraint:
    return UnsatisfiedConstraint(index, source=source, left=left, right=right, signals=signals)


class CircuitError(ZkrelayError):
    """A circuit cannot be compiled: constants out of range, mixed builders, a false constraint between constants."""


class UnderConstrained(CircuitError):
    """A prover would be free in something: a loose hint, an input that no constraint uses, no constraint at all."""


class AuditError(ZkrelayError, ValueError):
    """The circuit cannot be audited as it stands, or a derivation does not show what it claims."""


class KernelUnavailable(ZkrelayError, ValueError):
    """A kernel name is unknown, or this machine cannot run it."""


class KernelError(ZkrelayError):
    """The kernel refused a call that passed the border checks: out of memory or a broken program."""


class Closed(ZkrelayError, ValueError):
    """Something that was closed, a prover for example, is used again."""


class ProvingFailed(ZkrelayError):
    """One of many things to prove could not be proved: ``index`` names it, ``__cause__`` is why."""

    def __init__(self, index: int, reason: str) -> None:
        self.index = index
        self.reason = reason
        super().__init__(f"item {index}: {reason}")

    def __reduce__(self) -> tuple[object, ...]:
        return ProvingFailed, (self.index, self.reason)


class WorkerLost(ZkrelayError):
    """Processes or machines that were to prove something died, more often than was to be made up for."""


class Cancelled(ZkrelayError):
    """The work was ended because the caller asked for it."""


class NoteRefused(ZkrelayError):
    """A node will not serve this note: it could not be sure of being paid for it."""


class StoreError(ZkrelayError):
    """The settlement's database cannot be used: locked for too long, full, damaged, or written for another ledger."""


class SettlementRefused(ZkrelayError):
    """A settlement rule refused an operation; the ledger is unchanged."""


class NullifierSpent(SettlementRefused):
    """The note of this claim was already redeemed or refunded."""


class TicketSpent(SettlementRefused):
    """This ticket opened a note before, or was taken by slashing."""


class TokenSpent(SettlementRefused):
    """This blind token opened another note before."""


class UnknownRoot(SettlementRefused):
    """The tree never had this root."""


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


class DuplicateLeaf(SettlementRefused):
    """The identity has a leaf in the funding tree already."""


class OverCap(SettlementRefused):
    """An amount exceeds the cap or the range that the domain allows."""


class DevelopmentKeyRefused(SettlementRefused):
    """A key without ceremony contributions was offered where money moves."""


class TreeFull(SettlementRefused):
    """The tree has no free leaf: a new note tree is a new domain."""


class InsufficientEscrow(SettlementRefused):
    """The escrow holds less than the payment: impossible while the proof system and the rules are sound."""


class NotFinal(SettlementRefused):
    """The deposit behind a root or a note has not been in the ledger for long enough."""


class UnknownNote(SettlementRefused):
    """The ledger holds no such note."""


class NotYetRefundable(SettlementRefused):
    """A claim of this note may still come: refunds begin after expiry and window."""


class StillRedeemable(SettlementRefused):
    """A note of this domain may still be claimed or refunded, so that its nullifiers cannot be forgotten."""


class Retired(SettlementRefused):
    """The ledger was pruned and takes no more notes, or its tickets and tokens went to the next one."""


class EntryPointClosed(SettlementRefused):
    """The ledger was opened without what this operation needs: a verifying key, a funding tree, an issuer."""


class DuplicateStake(SettlementRefused):
    """The payee has a stake already."""


class UnknownStake(SettlementRefused):
    """The payee has no stake."""


class StakeTooSmall(SettlementRefused):
    """A stake is below the ledger's minimum."""


class StakeLocked(SettlementRefused):
    """A stake is held until its owner has asked for it and the lock has passed."""


class NotStaked(SettlementRefused):
    """The payee has not staked what claims need here, or has asked for its stake back."""


class IssuerUnfunded(SettlementRefused):
    """The issuer of a token has not paid in what the token is worth."""


class WrongEvidence(SettlementRefused):
    """What was revealed is not the secret of the payee that is to be slashed."""
