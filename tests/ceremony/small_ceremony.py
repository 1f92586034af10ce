"""Both phases of a small ceremony made by zkrelay alone, once a process and curve: files that tests read and damage."""

from __future__ import annotations

import functools
import itertools
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from zkrelay import ceremony, formats
from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import CURVES
from zkrelay.r1cs import R1CS

from ..groth16.small_circuits import random_satisfied

POWER = 4
BEACON = bytes(range(32))
ITERATIONS = 10


@dataclass(frozen=True)
class SmallCeremony:
    """Everything as bytes, so that no test can change what another one reads."""

    curve: str
    powers: tuple[bytes, ...]
    """New, three contributions, a beacon."""
    prepared: bytes
    r1cs: bytes
    keys: tuple[bytes, ...]
    """New, three contributions, a beacon."""
    assignment: bytes

    @property
    def system(self) -> R1CS:
        return formats.read_r1cs(self.r1cs, keep_order=True)


@functools.cache
def small_ceremony(curve: str) -> SmallCeremony:
    r1cs, assignment = random_satisfied(random.Random("ceremony"), 9, 2, 12, field=CURVES[curve].fr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        powers = [folder / f"{i}.ptau" for i in range(5)]
        ceremony.new_powers(powers[0], curve, POWER)
        for old, new in itertools.pairwise(powers[:4]):
            ceremony.contribute_to_powers(new, formats.read_ptau(old), name=f"from {old.stem}", entropy="typed")
        ceremony.apply_beacon_to_powers(powers[4], formats.read_ptau(powers[3]), BEACON, ITERATIONS, name="the end")
        prepared = folder / "prepared.ptau"
        ceremony.prepare_powers(prepared, formats.read_ptau(powers[4]))
        formats.write_r1cs(folder / "circuit.r1cs", r1cs)
        system = formats.read_r1cs(folder / "circuit.r1cs", keep_order=True)
        keys = [folder / f"{i}.zkey" for i in range(5)]
        ceremony.write_new_key(keys[0], ceremony.new_key(system, formats.read_ptau(prepared)))
        for old, new in itertools.pairwise(keys[:4]):
            key = formats.read_zkey(old, check=False)
            ceremony.contribute_to_key(new, key, name=f"from {old.stem}", entropy="typed")
        last = formats.read_zkey(keys[3], check=False)
        ceremony.apply_beacon_to_key(keys[4], last, BEACON, ITERATIONS, name="the end")
        return SmallCeremony(
            curve,
            tuple(path.read_bytes() for path in powers),
            prepared.read_bytes(),
            (folder / "circuit.r1cs").read_bytes(),
            tuple(path.read_bytes() for path in keys),
            pack_field(r1cs.field, assignment),
        )
