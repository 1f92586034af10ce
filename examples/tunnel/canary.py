"""Canary probes: does the node carry what it is paid for, and how fast, asked at moments that it cannot guess.

    client -> canary, through the node     nonce 32
    canary -> client                       Ed25519 signature of "zkrelay/v1/canary" | nonce, 64 bytes

A canary is a server somewhere beyond the exit.  To the node a probe is one connection among others, and it is paid for
as they are; without the canary's key the node cannot answer in its place.  The exit does see where the connection goes:
a canary that is nothing else can be served better than the rest, so let it share its address with something that people
use.

Each result goes into the context that the next receipt signs, in order (``ReceiptContext.with_result``):

    challenge = H2F("canary", canary's key, nonce)      value = microseconds from opening to answer, LOST without one
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from nacl.signing import SigningKey

from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.errors import InvalidSignature
from zkrelay.relay.binding import verify_ed25519
from zkrelay.relay.receipt_context import MAX_CHALLENGES, ChallengeResult

from .address import Address
from .errors import TunnelError
from .layer import Layer
from .listener import Limits, Listener, log, within
from .stream import SecureStream, read_exactly

NONCE_BYTES, ANSWER_BYTES = 32, 64
LOST = (1 << 64) - 1
_PREFIX = b"zkrelay/v1/canary"


@dataclass(frozen=True)
class Canary:
    """Where a canary listens, as an exit reaches it, and the Ed25519 key that it answers with."""

    address: Address
    public_key: bytes


class CanaryServer(Listener[tuple[bytes, asyncio.StreamWriter]]):
    """Answers probes; knows nothing of who asks."""

    def __init__(self, key: SigningKey, *, host: str, port: int = 0, limits: Limits | None = None) -> None:
        self._key = key
        super().__init__("canary", self._read_nonce, self._answer, limits, host=host, port=port)

    async def _read_nonce(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[bytes, asyncio.StreamWriter]:
        return await read_exactly(reader, NONCE_BYTES), writer

    async def _answer(self, greeted: tuple[bytes, asyncio.StreamWriter]) -> None:
        nonce, writer = greeted
        writer.write(self._key.sign(_PREFIX + nonce).signature)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


class Prober:
    """Probes through one tunnel, at random moments, for as long as ``run`` runs."""

    def __init__(
        self,
        open_stream: Callable[[Address], Awaitable[SecureStream]],
        canaries: Sequence[Canary],
        record: Callable[[ChallengeResult], None],
        *,
        mean_s: float = 30.0,
        patience_s: float = 10.0,
    ) -> None:
        """``open_stream`` is ``TunnelClient.open``; ``record`` gets each result, in order.

        Seconds between probes are distributed exponentially around ``mean_s``: whatever the node has seen, the next
        probe is as likely now as ever.  Without an answer for ``patience_s`` a probe is lost.
        """
        if not canaries:
            raise ValueError("there is no canary to ask")
        self._open, self._canaries, self._record = open_stream, canaries, record
        self._mean_s, self._patience_s = mean_s, patience_s
        self._random = secrets.SystemRandom()

    async def run(self) -> None:
        """Until it is cancelled, or a context holds no more results."""
        for _ in range(MAX_CHALLENGES):
            await asyncio.sleep(self._random.expovariate(1 / self._mean_s))
            self._record(await self.probe(self._random.choice(self._canaries)))
        log.warning("client: no more probes: a receipt's context holds %d", MAX_CHALLENGES)

    async def probe(self, canary: Canary) -> ChallengeResult:
        """One probe now.  Nothing that the node does raises: what is not answered, or wrongly, is lost."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            answer = await within(self._patience_s, "a canary's answer", self._ask(canary, nonce))
            verify_ed25519(canary.public_key, _PREFIX + nonce, answer, "not the canary's answer")
            value = min(int((loop.time() - begun) * 1e6), LOST - 1)
        except (TunnelError, OSError, InvalidSignature) as error:
            log.warning("client: a probe was lost: %s: %s", type(error).__name__, error)
            value = LOST
        return ChallengeResult(canary_challenge(canary.public_key, nonce), value)

    async def _ask(self, canary: Canary, nonce: bytes) -> bytes:
        stream = await self._open(canary.address)
        try:
            layer = Layer(stream)
            layer.write(nonce)
            await layer.drain()
            await stream.close_sending()
            answer = b""
            while len(answer) <= ANSWER_BYTES and (data := await layer.read(ANSWER_BYTES + 1)):
                answer += data
            await stream.close()
        finally:
            stream.abort()
        return answer


def canary_challenge(public_key: bytes, nonce: bytes) -> int:
    """H2F("canary", key, nonce): what a result in a context names its probe by."""
    return hash_to_field("canary", int.from_bytes(public_key, "big"), int.from_bytes(nonce, "big"))


@dataclass(frozen=True)
class ProbeSummary:
    """Delays in microseconds; None where no probe was answered."""

    num_probes: int
    num_lost: int
    median_us: int | None
    worst_us: int | None

    @classmethod
    def of(cls, results: Iterable[ChallengeResult]) -> ProbeSummary:
        values = [result.value for result in results]
        delays = [value for value in values if value != LOST]
        return cls(
            len(values),
            len(values) - len(delays),
            statistics.median_low(delays) if delays else None,
            max(delays, default=None),
        )
