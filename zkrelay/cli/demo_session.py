"""One relayed session over loopback TCP: the node in a thread of its own, the client in the caller's."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

from .demo_client import Client, Received
from .demo_node import Node, Served
from .errors import CommandError, ExitCode
from .output import Progress


def relay(
    client: Client, node: Node, position: int, num_bytes: int, progress: Progress | None = None
) -> tuple[Received, Served]:
    """Move ``num_bytes`` from node to client, whose note is at ``position`` of the tree.

    The client runs in the caller's thread, so that Ctrl-C closes its socket and thereby ends the node's thread.

    Raises:
        CommandError: the sockets failed.
        Whatever the node or the client refuses about the other one.
    """
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1, "demo-node") as pool:
            serving = pool.submit(node.serve, listener, num_bytes)
            try:
                received = client.receive(listener.getsockname(), position, num_bytes, progress)
            except OSError:
                serving.result()  # the node's reason to hang up comes first
                raise
            return received, serving.result()
    except OSError as error:
        raise CommandError(ExitCode.ENVIRONMENT, f"the loopback connection failed: {error}") from error
