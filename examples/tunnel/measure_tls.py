"""What the tunnel is compared with: two relays that do nothing but copy between a plain and a TLS connection.

    program -- SOCKS --> tls-client  == TLS ==>  tls-node --> destination

Python's own ``ssl``, a certificate made for the occasion.  The client takes SOCKS without reading it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .measure_destination import BLOCK, HOST
from .measure_parts import script


def node(folder: Path, target: int) -> tuple[str, ...]:
    """Connects to ``target``."""
    return (*script("measure_tls"), "tls-node", str(folder), str(target))


def client(folder: Path, node_port: int) -> tuple[str, ...]:
    return (*script("measure_tls"), "tls-client", str(folder), str(node_port))


def _write_certificate(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "node")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    raw = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.pem").write_bytes(raw + pem)


async def _relay(folder: Path, role: str, port: int) -> None:
    """One TLS connection for each plain one: the client takes SOCKS, the node connects; both to ``port``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if role == "tls-node" else ssl.PROTOCOL_TLS_CLIENT)
    if role == "tls-node":
        _write_certificate(folder)
        context.load_cert_chain(folder / "tls.pem")
    else:
        context.load_verify_locations(folder / "tls.pem")
        context.check_hostname = False

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if role == "tls-client":
            await reader.readexactly(13)
            writer.write(b"\5\0\5\0\0\1" + bytes(6))
        far_reader, far_writer = await asyncio.open_connection(
            HOST, port, ssl=context if role == "tls-client" else None, limit=BLOCK
        )
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        far_writer.close()
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0, ssl=context if role == "tls-node" else None, limit=BLOCK)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(_relay(Path(sys.argv[2]), sys.argv[1], int(sys.argv[3])))
