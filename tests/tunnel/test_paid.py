"""Sessions that are paid for: what is counted, signed, kept and acknowledged."""

from __future__ import annotations

import random
from pathlib import Path

from paid_world import paid_world
from tunnel.sessions import CLOSED
from tunnel_world import destination, echo, opened, run


def test_what_is_carried_is_signed_for_to_the_byte(tmp_path: Path) -> None:
    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            message = random.Random(1).randbytes(5_000_001)
            reader, writer = await opened(w, port)
            writer.write(message)
            writer.write_eof()
            assert await reader.read() == message
            writer.close()
            await w.front.stop()
            (stored,) = w.sessions.of_stage(CLOSED)
            assert stored.best is not None and stored.best.num_bytes == 2 * len(message)
            assert w.payer.signed_bytes == 2 * len(message)
            assert w.cashier.unpaid_bytes == 0

    run(test())
