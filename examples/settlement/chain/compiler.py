"""solc, or solc.js through node: from sources to the code that creates each contract."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from zkrelay.errors import MalformedInput

RUNS = 200
TIMEOUT_S = 300
SOLC = ("solc",)


def compile_contracts(sources: Mapping[str, str], command: Sequence[str] = SOLC) -> dict[str, bytes]:
    """By the name of the contract, without those that cannot be created.

    Args:
        sources: by file name; imports between them are relative.
        command: of the compiler, such as ("node", "node_modules/solc/solc.js").

    Raises:
        MalformedInput: the compiler is not there, does not end, or complains: a warning is an error.
    """
    job = {
        "language": "Solidity",
        "sources": {file: {"content": text} for file, text in sources.items()},
        "settings": {
            "optimizer": {"enabled": True, "runs": RUNS},
            "outputSelection": {"*": {"*": ["evm.bytecode.object"]}},
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        # files, because solc.js reads no pipe to its end, and leaves before a pipe has taken all that it writes
        given, made = Path(folder, "given.json"), Path(folder, "made.json")
        given.write_text(json.dumps(job), encoding="utf-8")
        try:
            with given.open("rb") as stdin, made.open("wb") as stdout:
                subprocess.run(  # noqa: S603
                    [*command, "--standard-json"], stdin=stdin, stdout=stdout, timeout=TIMEOUT_S, check=True
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise MalformedInput(f"the compiler {command[0]} is not there, or failed") from error
        printed = made.read_text(encoding="utf-8")
    try:
        found = json.loads(printed[printed.find("{") :])
        complaints = [entry["formattedMessage"] for entry in found.get("errors", ())]
        made_contracts = [] if complaints else [entry for file in found["contracts"].values() for entry in file.items()]
        codes = [(name, bytes.fromhex(contract["evm"]["bytecode"]["object"])) for name, contract in made_contracts]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedInput(f"{command[0]} does not answer as solc does") from error
    if complaints:
        raise MalformedInput("\n".join(complaints))
    by_name: dict[str, bytes] = {}
    for name, code in codes:
        if code and by_name.setdefault(name, code) != code:
            raise MalformedInput(f"two contracts have the name {name}")
    return by_name
