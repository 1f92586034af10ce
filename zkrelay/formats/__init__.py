"""Files: ``.r1cs .sym .wtns .zkey .ptau .zkwp .zktb``, snarkjs's JSON, and arkworks's and gnark's bytes, as
docs/formats.md has them.

Every reader takes a path or a buffer, checks it once, and raises ``FormatError`` with file, section and offset.  Every
writer is atomic and replaces nothing unless ``overwrite=True``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arkworks import (
        proof_to_arkworks,
        read_arkworks_proof,
        read_arkworks_verifying_key,
        verifying_key_to_arkworks,
    )
    from .coefficients import coefficients_digest
    from .container import Container, read_container, write_container
    from .contribution_parameters import Maker
    from .contributions import Contribution, Contributions, append_contribution, parse_contributions
    from .files import Source, write_bytes
    from .gnark import proof_to_gnark, read_gnark_proof, read_gnark_verifying_key, verifying_key_to_gnark
    from .input_json import read_inputs
    from .prover_files import check_program_of, open_prover, r1cs_digest
    from .ptau import PowersOfTau, read_ptau
    from .ptau_contributions import PowersContribution
    from .ptau_writer import write_ptau
    from .r1cs import R1CSFile, read_r1cs, read_r1cs_file
    from .r1cs_writer import write_r1cs
    from .snarkjs_json import (
        proof_to_json,
        public_to_json,
        read_proof,
        read_public,
        read_verifying_key,
        verifying_key_to_json,
        write_proof,
        write_public,
        write_verifying_key,
    )
    from .sym import Symbol, read_sym, symbols_of, with_names, with_names_of, write_sym
    from .wtns import Wtns, read_wtns, write_wtns
    from .zkey import contributions_of, read_zkey
    from .zkey_writer import write_zkey
    from .zktb import read_zktb, write_zktb
    from .zkwp import write_zkwp
    from .zkwp_reader import read_zkwp

# name -> module that defines it, loaded on first use: whoever proves needs five of the forty
_HOMES = {
    "Container": "container",
    "Contribution": "contributions",
    "Contributions": "contributions",
    "Maker": "contribution_parameters",
    "PowersContribution": "ptau_contributions",
    "PowersOfTau": "ptau",
    "R1CSFile": "r1cs",
    "Source": "files",
    "Symbol": "sym",
    "Wtns": "wtns",
    "append_contribution": "contributions",
    "check_program_of": "prover_files",
    "coefficients_digest": "coefficients",
    "contributions_of": "zkey",
    "open_prover": "prover_files",
    "parse_contributions": "contributions",
    "proof_to_arkworks": "arkworks",
    "proof_to_gnark": "gnark",
    "proof_to_json": "snarkjs_json",
    "public_to_json": "snarkjs_json",
    "r1cs_digest": "prover_files",
    "read_arkworks_proof": "arkworks",
    "read_arkworks_verifying_key": "arkworks",
    "read_container": "container",
    "read_gnark_proof": "gnark",
    "read_gnark_verifying_key": "gnark",
    "read_inputs": "input_json",
    "read_proof": "snarkjs_json",
    "read_ptau": "ptau",
    "read_public": "snarkjs_json",
    "read_r1cs": "r1cs",
    "read_r1cs_file": "r1cs",
    "read_sym": "sym",
    "read_verifying_key": "snarkjs_json",
    "read_wtns": "wtns",
    "read_zkey": "zkey",
    "read_zktb": "zktb",
    "read_zkwp": "zkwp_reader",
    "symbols_of": "sym",
    "verifying_key_to_arkworks": "arkworks",
    "verifying_key_to_gnark": "gnark",
    "verifying_key_to_json": "snarkjs_json",
    "with_names": "sym",
    "with_names_of": "sym",
    "write_bytes": "files",
    "write_container": "container",
    "write_proof": "snarkjs_json",
    "write_ptau": "ptau_writer",
    "write_public": "snarkjs_json",
    "write_r1cs": "r1cs_writer",
    "write_sym": "sym",
    "write_verifying_key": "snarkjs_json",
    "write_wtns": "wtns",
    "write_zkey": "zkey_writer",
    "write_zktb": "zktb",
    "write_zkwp": "zkwp",
}

__all__ = [
    "Container",
    "Contribution",
    "Contributions",
    "Maker",
    "PowersContribution",
    "PowersOfTau",
    "R1CSFile",
    "Source",
    "Symbol",
    "Wtns",
    "append_contribution",
    "check_program_of",
    "coefficients_digest",
    "contributions_of",
    "open_prover",
    "parse_contributions",
    "proof_to_arkworks",
    "proof_to_gnark",
    "proof_to_json",
    "public_to_json",
    "r1cs_digest",
    "read_arkworks_proof",
    "read_arkworks_verifying_key",
    "read_container",
    "read_gnark_proof",
    "read_gnark_verifying_key",
    "read_inputs",
    "read_proof",
    "read_ptau",
    "read_public",
    "read_r1cs",
    "read_r1cs_file",
    "read_sym",
    "read_verifying_key",
    "read_wtns",
    "read_zkey",
    "read_zktb",
    "read_zkwp",
    "symbols_of",
    "verifying_key_to_arkworks",
    "verifying_key_to_gnark",
    "verifying_key_to_json",
    "with_names",
    "with_names_of",
    "write_bytes",
    "write_container",
    "write_proof",
    "write_ptau",
    "write_public",
    "write_r1cs",
    "write_sym",
    "write_verifying_key",
    "write_wtns",
    "write_zkey",
    "write_zktb",
    "write_zkwp",
]


def __getattr__(name: str) -> Any:
    """Load a name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
