"""Files: ``.r1cs .sym .wtns .zkey .ptau .zkwp .zktb``, snarkjs's JSON, and arkworks's and gnark's bytes, as
docs/formats.md has them.

Every reader takes a path or a buffer, checks it once, and raises ``FormatError`` with file, section and offset.  Every
writer is atomic and replaces nothing unless ``overwrite=True``.
"""

from __future__ import annotations

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
from .open_prover import check_program_of, open_prover, r1cs_digest
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
