"""Why the tunnel refused something.  All are ``TunnelError``: whoever catches it drops one connection and goes on."""

from __future__ import annotations

from enum import IntEnum

from zkrelay.errors import ZkrelayError


class Reason(IntEnum):
    """Why a paid session ended, or did not begin, as it is told on the wire."""

    FINISHED = 0  # the client asked for it
    CAP = 1  # the note is used up
    EXPIRY = 2  # the note is too close to its expiry
    SILENT = 3  # the client signs no more
    REFUSED = 4  # the note is not acceptable
    USED = 5  # the note's session was ended before
    REPLACED = 6  # the client opened another session
    LATER = 7  # no answer of the ledger or the node's disk, or of another opening: the same note may be opened again


class TunnelError(ZkrelayError):
    """Root of what the tunnel refuses."""


class HandshakeRefused(TunnelError):
    """A handshake message is tampered with, of the wrong length, for another key, or names a point of low order."""


class HandshakeOrder(TunnelError):
    """A handshake was used out of its order, or after it had ended."""


class UnknownPeer(TunnelError):
    """The static key belongs to nobody whom this node serves."""


class DuplicatePeer(TunnelError):
    """The static key was added before."""


class RecordRefused(TunnelError):
    """A record is not the next of its stream: tampered with, replayed, reordered, or of a kind not expected here."""


class StreamTruncated(TunnelError):
    """The connection ended before its close record: what came is not all that was sent."""


class StreamReset(TunnelError):
    """The other end says that its connection broke off: what came is not all, and nothing follows either way."""


class Broken(TunnelError):
    """The plain connection behind a stream broke off."""


class StreamClosed(TunnelError):
    """Something was sent after the close record."""


class NonceExhausted(TunnelError):
    """A key has encrypted 2^64 - 1 messages; it may not encrypt one more."""


class InvalidAddress(TunnelError):
    """A destination is malformed: kind, length, name or port."""


class SocksRefused(TunnelError):
    """A SOCKS client asked for what there is not; ``reply`` is the code of the answer, None for no answer."""

    def __init__(self, message: str, reply: int | None) -> None:
        self.reply = reply
        super().__init__(message)


class ExitRefused(TunnelError):
    """The node opened no connection; ``reply`` is the SOCKS code that says why."""

    def __init__(self, message: str, reply: int) -> None:
        self.reply = reply
        super().__init__(message)


class Idle(TunnelError):
    """Nothing moved for too long: a peer that does not read, or a half-closed connection that nobody ends."""


class TooSlow(TunnelError):
    """A greeting, a connection or an answer did not come in its time."""


class TooMany(TunnelError):
    """A limit on connections is reached."""


class ChallengeRefused(TunnelError):
    """A bandwidth challenge is malformed, too large, or was not answered as it has to be."""


class UntrustedChallenger(TunnelError):
    """An attestation is by a challenger whom its reader did not name."""


class TestimonyRefused(TunnelError):
    """A testimony adds nothing to a reputation: not of this node, not paid, counted before, or not what was signed."""

    __test__ = False  # for pytest: no test


class InvalidRequest(TunnelError):
    """The first message of a stream is none of the requests that there are, or malformed."""


class NotARelay(TunnelError):
    """A circuit was brought by a peer that is no relay of this node, or a relay asked for something else."""


class TooManyHops(TunnelError):
    """A circuit would be longer than any may be."""


class InvalidCircuit(TunnelError):
    """A client's list of hops is empty, too long, names a node twice, or gives no way to the first."""


class ConflictingRoles(TunnelError):
    """A node was told to relay and to open destinations: it would see both ends."""


class InvalidCap(TunnelError):
    """A cap on bandwidth is too low to carry anything."""


class InvalidName(TunnelError):
    """A name of a block list is none."""


class LedgerUnavailable(TunnelError):
    """The ledger gave no answer: ask again later; whether it did what was asked, nobody knows yet."""


class ControlLength(TunnelError):
    """A message of a paid session is too short or too long for its kind."""


class ControlKind(TunnelError):
    """A message of a paid session is of a kind that does not exist, or that this end does not take."""


class ReceiptRefused(TunnelError):
    """A receipt is no better than the one that is kept, or none at all; ``__cause__`` is the library's own error."""


class AcknowledgementRefused(TunnelError):
    """The node acknowledged what was not signed, or its signature is false."""


class OpeningRefused(TunnelError):
    """A note, its place or its binding to the channel is not acceptable; ``__cause__`` is the library's own error."""


class NoteUsed(TunnelError):
    """The session of this note was ended before: its claim is made, and claims are final."""


class NoteBusy(TunnelError):
    """The session of this note is being opened on another connection, whose end the node may not have seen yet."""


class NoNote(TunnelError):
    """The wallet holds no note that this node would take."""


class SessionEnded(TunnelError):
    """The paid session is over; ``reason`` is what the other end is told."""

    def __init__(self, message: str, reason: Reason) -> None:
        self.reason = reason
        super().__init__(message)


class Unpaid(ExitRefused):
    """A connection was asked for without an open session."""


class StrangeReceipt(TunnelError):
    """The node shows a receipt that this client never signed."""


class JournalFailed(TunnelError):
    """The node cannot write its sessions down, and so counts nothing more."""


class DeviceError(TunnelError):
    """A tunnel device could not be made or configured, or does not answer as WireGuard's do."""


class FirewallError(TunnelError):
    """Firewall rules were asked for with a device, endpoint or resolver that is none, or nft does not take them."""
