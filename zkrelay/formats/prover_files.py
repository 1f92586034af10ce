"""A ``Prover`` from files: a ``.zkey``, the ``.zkwp`` of its circuit, and the ``.zktb`` of its multiples."""

from __future__ import annotations

from ..curves import curve_of
from ..errors import InvalidKey
from ..groth16 import Prover, ProvingKey
from ..groth16.qap import coefficient_records
from ..r1cs import R1CS, CompiledCircuit
from .coefficients import coefficients_digest
from .files import Source
from .zkey import read_zkey
from .zktb import read_zktb
from .zkwp_reader import read_zkwp


def open_prover(
    zkey: Source,
    zkwp: Source | None = None,
    zktb: Source | None = None,
    *,
    check_points: bool = False,
    threads: int = 1,
) -> Prover:
    """A prover over the mapped key, and with the program of ``zkwp`` one that takes inputs.

    Args:
        zktb: tables of the key's multiples, mapped too.
        check_points, threads: as for ``read_zkey``; check the points once for a key from elsewhere.

    Raises:
        FormatError: a file does not follow its format.
        NonCanonicalNumber, InvalidPoint, InvalidKey: what the checks of the key found.
        InvalidKey: the program is another circuit's.
        InvalidTables: the tables are another key's, or damaged.
    """
    key = read_zkey(zkey, check_points=check_points, threads=threads)
    circuit = None if zkwp is None else read_zkwp(zkwp)
    if circuit is not None:
        check_program_of(key, circuit, coefficients_digest(key))
    return Prover(key, circuit, tables=None if zktb is None else read_zktb(zktb))


def check_program_of(key: ProvingKey, circuit: CompiledCircuit, digest: str, key_name: str = "this key") -> None:
    """Raise ``InvalidKey`` unless the circuit has the key's field, number of variables, and A and B (``digest``)."""
    if circuit.r1cs.field != key.fr:
        raise InvalidKey(
            f"this witness program ({circuit.name}) is over {circuit.r1cs.field.name}, {key_name} over {key.fr.name}"
        )
    if circuit.r1cs.num_variables != key.num_variables or r1cs_digest(circuit.r1cs) != digest:
        raise InvalidKey(f"this witness program ({circuit.name}) is not that of the circuit of {key_name}")


def r1cs_digest(r1cs: R1CS) -> str:
    """What ``coefficients_digest`` gives for every key of this constraint system; "" over a field without keys."""
    return coefficients_digest(coefficient_records(r1cs)) if curve_of(r1cs.field) else ""
