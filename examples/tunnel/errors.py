"""Why the tunnel refused something.  All are ``TunnelError``: whoever catches it drops one connection and goes on."""

from __future__ import annotations

from zkrelay.errors import ZkrelayError


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
