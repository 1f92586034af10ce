"""``zkrelay`` for many commands in a row, without the start of an interpreter for each.

A process that has every command imported forks one for each call.  What stands on the path is a client that hands over
its arguments, folder, environment and streams, and exits as the command does.  Where it is called with other settings
``ZKRELAY_...``, some of which are read by imports, the client runs the installed program instead.
"""

from __future__ import annotations

import array
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

CLIENT = """#!{python} -ISE
import array, json, os, socket, sys
if {{name: value for name, value in os.environ.items() if name.startswith("ZKRELAY_")}} != {settings!r}:
    os.execv({program!r}, ["zkrelay", *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    streams = array.array("i", [0, 1, 2])
    line.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
    told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    line.sendall(told)
    line.shutdown(socket.SHUT_WR)
    answer = line.recv(1)
sys.exit(answer[0] if answer else "the command died")
"""


class WarmProgram:
    """``folder`` / ``bin`` is to be first on the path of those who call it; ``environment`` is that of its imports."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.path, address = folder / "bin", folder / "socket"
        self.path.mkdir()
        client, program = self.path / "zkrelay", Path(sysconfig.get_path("scripts")) / "zkrelay"
        settings = {name: value for name, value in environment.items() if name.startswith("ZKRELAY_")}
        filled = CLIENT.format(python=sys.executable, program=str(program), address=str(address), settings=settings)
        client.write_text(filled)
        client.chmod(0o755)
        with socket.socket(socket.AF_UNIX) as listener:  # open before the process is, so that nobody calls too early
            listener.bind(str(address))
            listener.listen()
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(listener.fileno())],
                cwd=folder,
                env={
                    **environment,
                    "OPENBLAS_NUM_THREADS": "1",
                },  # as the program has it; threads do not survive a fork
                stdin=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )

    def close(self) -> None:
        """End it, and what it runs."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def serve(listener: socket.socket) -> None:
    """Fork for each caller.  The child reads what it is to do, so that a slow caller keeps nobody waiting."""
    alive = 0
    while True:
        caller, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            answer(caller)
        caller.close()
        alive += 1
        while alive and os.waitpid(-1, os.WNOHANG)[0]:
            alive -= 1


def answer(caller: socket.socket) -> None:
    """Be the command that the caller asks for, and tell it the exit code."""
    from zkrelay.cli import main

    streams = array.array("i")
    _, ((_, _, data),), _, _ = caller.recvmsg(1, socket.CMSG_SPACE(3 * streams.itemsize))
    streams.frombytes(data)
    with caller.makefile("rb") as told:
        arguments, folder, environment = json.loads(told.read())
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["zkrelay", *arguments]
    code: object = 1
    try:
        code = main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        caller.sendall(bytes([code if isinstance(code, int) else 0 if code is None else 1]))
        os._exit(0)


if __name__ == "__main__":
    from zkrelay.cli.app import COMMANDS, OnDemand

    commands = OnDemand()
    for name in COMMANDS:
        commands[name]
    import zkrelay.circuits.standard
    import zkrelay.formats
    import zkrelay.groth16
    import zkrelay.relay.settlement  # noqa: F401

    gc.collect()
    gc.freeze()  # a search for cycles in a child would copy the pages of all that was imported
    serve(socket.socket(fileno=int(sys.argv[1])))
