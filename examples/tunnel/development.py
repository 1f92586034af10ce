"""Development keys of a circuit, and the files of a ledger that takes them: for demonstrations and measurements."""

from __future__ import annotations

from pathlib import Path

from zkrelay import compile_circuit, setup
from zkrelay.formats import write_verifying_key, write_zkey, write_zkwp
from zkrelay.r1cs import Circuit, CompiledCircuit
from zkrelay.relay.ledger_file import LEDGER_TYPE, LedgerFile
from zkrelay.relay.record import to_line

LEDGER_FILE, DOMAIN_FILE = "ledger.json", "domain.json"


def write_keys(folder: Path, name: str, circuit: Circuit, *, threads: int = 1) -> CompiledCircuit:
    """``name``.zkey, ``name``.zkwp and ``name``.vk.json in ``folder``, where none of them may be."""
    compiled = compile_circuit(circuit)
    key = setup(compiled.r1cs, threads=threads)
    write_zkey(folder / f"{name}.zkey", key)
    write_zkwp(folder / f"{name}.zkwp", compiled)
    write_verifying_key(folder / f"{name}.vk.json", key.verifying_key)
    return compiled


def write_ledger(folder: Path, ledger: LedgerFile) -> None:
    """``LEDGER_FILE`` and ``DOMAIN_FILE`` in ``folder``."""
    (folder / LEDGER_FILE).write_text(to_line(LEDGER_TYPE, ledger.to_dict()), encoding="utf-8")
    (folder / DOMAIN_FILE).write_text(to_line("zkrelay-domain", ledger.domain.to_strings()), encoding="utf-8")
