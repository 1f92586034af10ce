"""Writing ``.zkey`` files that snarkjs and rapidsnark load (docs/formats.md, ".zkey")."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..curves import CURVES
from ..errors import InvalidKey
from ..groth16.keys import ProvingKey
from ..kernel import Buffer
from .container import Container, write_container
from .contributions import NO_CONTRIBUTIONS, parse_contributions
from .elements import field_header
from .zkey import (
    B1,
    B2,
    COEFFICIENTS,
    CONTRIBUTIONS,
    GROTH16,
    HEADER,
    IC,
    PROTOCOL,
    A,
    C,
    H,
)

ASCENDING = (PROTOCOL, HEADER, IC, COEFFICIENTS, A, B1, B2, C, H, CONTRIBUTIONS)
NEW_KEY_ORDER = (PROTOCOL, HEADER, COEFFICIENTS, IC, H, C, A, B1, B2, CONTRIBUTIONS)
"""The order in which ``snarkjs zkey new`` writes a key; once somebody has contributed it is ascending."""


def write_zkey(
    path: str | os.PathLike[str],
    key: ProvingKey,
    *,
    contributions: Buffer | None = None,
    order: Sequence[int] | None = None,
    overwrite: bool = False,
) -> None:
    """Write a proving key; a key from ``read_zkey`` gives back the contributions it came with.

    Args:
        contributions: payload of section 10; by default the one of the file that the key was read from, or none with a
            circuit hash of 64 zero bytes for a development key.
        order: of the sections; by default that of the file that the key was read from, or ascending.

    Raises:
        InvalidKey: the shapes do not fit, the key is no development key and its contributions are unknown, or
            ``contributions`` says otherwise than the key whether there is one by a person.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    key.check_shape()
    vk = key.verifying_key
    transcript = _transcript(key) if contributions is None else contributions
    if parse_contributions(transcript, key.curve).is_development != vk.development:
        raise InvalidKey(
            "a development key has no contribution by a person, any other key has at least one: these do not fit"
        )
    header = b"".join(
        (
            field_header(CURVES[key.curve].fp),
            field_header(key.fr),
            *(n.to_bytes(4, "little") for n in (key.num_variables, key.num_public, 1 << key.log_domain)),
            vk.alpha_g1,
            bytes(key.beta_g1),
            vk.beta_g2,
            vk.gamma_g2,
            bytes(key.delta_g1),
            vk.delta_g2,
        )
    )
    sections: dict[int, list[Buffer]] = {
        PROTOCOL: [GROTH16.to_bytes(4, "little")],
        HEADER: [header],
        IC: [vk.gamma_abc_g1],
        COEFFICIENTS: [key.num_coefficients.to_bytes(4, "little"), key.coefficients],
        A: [key.a_query],
        B1: [key.b_g1_query],
        B2: [key.b_g2_query],
        C: [key.l_query],
        H: [key.h_query],
        CONTRIBUTIONS: [transcript],
    }
    if order is None:
        order = tuple(key.owner.sections) if isinstance(key.owner, Container) else ASCENDING
    write_container(path, "zkey", 1, [(kind, sections[kind]) for kind in order], overwrite=overwrite)


def _transcript(key: ProvingKey) -> Buffer:
    if isinstance(key.owner, Container):
        return key.owner.sections[CONTRIBUTIONS]
    if key.verifying_key.development:
        return NO_CONTRIBUTIONS
    raise InvalidKey("this is no development key, and the contributions it comes from are unknown")
