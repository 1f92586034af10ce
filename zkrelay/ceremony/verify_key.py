"""Whether a key is its circuit's, from these powers of tau, through contributions of which each is proved."""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.points import g1_generator, g2_generator
from ..curves import CURVES
from ..errors import CeremonyRefused, InvalidKey
from ..formats.container import Container
from ..formats.contributions import Contribution
from ..formats.ptau import PowersOfTau
from ..formats.zkey import contributions_of
from ..groth16.keys import ProvingKey
from ..groth16.setup import Progress
from ..kernel import Buffer, current
from ..r1cs import R1CS
from .key_transcript import check_contributions, contribution_hash
from .knowledge import DEFAULT_PATIENCE_LOG2, same_ratio
from .new_key import new_key, powers_of_h
from .points import group_of
from .weights import random_weights

_SAME = (
    ("alpha_g1", "alpha"),
    ("beta_g2", "beta in G2"),
    ("gamma_g2", "gamma"),
    ("gamma_abc_g1", "IC"),
)
_SAME_QUERIES = (
    ("beta_g1", "beta in G1"),
    ("coefficients", "the coefficients"),
    ("a_query", "A"),
    ("b_g1_query", "B1"),
    ("b_g2_query", "B2"),
)


@dataclass(frozen=True)
class KeyCeremony:
    """What a verified key came from: ``hashes[i]`` is what the maker of ``entries[i]`` published."""

    circuit_hash: bytes
    entries: tuple[Contribution, ...]
    hashes: tuple[bytes, ...]


def verify_key(
    key: ProvingKey,
    r1cs: R1CS,
    ptau: PowersOfTau,
    *,
    patience_log2: int = DEFAULT_PATIENCE_LOG2,
    threads: int = 1,
    progress: Progress | None = None,
) -> KeyCeremony:
    """Accept what ``snarkjs zkey verify`` accepts, and less: points out of their groups, and a key to which no person
    contributed.

    The powers of tau are taken as they are: ``verify_powers`` is for them.

    The sections that contributions leave alone must be those of ``new_key``.  C and H must be those of ``new_key``
    divided by one δ, which is held by random linear combinations with weights of 128 bits: what is wrong passes with
    probability below 2^-127.  H is held against the powers themselves, too.

    Args:
        key: as ``read_zkey(…, check=False)`` opened it.
        patience_log2: how many iterations of a beacon are gone through.

    Raises:
        CeremonyRefused: with the first thing that does not hold.
        MalformedInput: a beacon above ``patience_log2``; points of the file are malformed; or circuit and powers do not
            belong together (``new_key``).
    """
    if not isinstance(key.owner, Container):
        raise InvalidKey("only a key that was read from a .zkey can be verified: its transcript is in the file")
    transcript, curve = contributions_of(key.owner), CURVES[key.curve]
    if not transcript.entries:
        raise CeremonyRefused("no contribution: whoever likes can forge proofs for this key")
    if transcript.is_development:
        raise CeremonyRefused("none but beacons contributed: whoever computes their secrets can forge proofs")
    key.check_shape()
    made = new_key(r1cs, ptau, threads=threads, progress=progress)
    first = made.key
    if (key.curve, key.num_variables, key.num_public, key.log_domain) != (
        first.curve,
        first.num_variables,
        first.num_public,
        first.log_domain,
    ):
        raise CeremonyRefused("the key is for another circuit: curve, wires, public inputs or domain differ")
    if transcript.circuit_hash != made.circuit_hash:
        raise CeremonyRefused("the circuit hash is not that of this circuit with these powers of tau")
    delta = check_contributions(curve, transcript, g1_generator(curve.name), patience_log2)
    if bytes(key.delta_g1) != delta:
        raise CeremonyRefused("delta in G1 is not what the last contribution left behind")
    group_of(curve.name, in_g2=True).check(key.verifying_key.delta_g2)
    if not same_ratio(curve, g1_generator(curve.name), delta, g2_generator(curve.name), key.verifying_key.delta_g2):
        raise CeremonyRefused("delta in G2 is not delta in G1")
    for name, what in _SAME:
        if getattr(key.verifying_key, name) != getattr(first.verifying_key, name):
            raise CeremonyRefused(f"{what} is not what circuit and powers of tau make it")
    for name, what in _SAME_QUERIES:
        if memoryview(getattr(key, name)) != memoryview(getattr(first, name)):
            raise CeremonyRefused(f"{what} is not what circuit and powers of tau make it")
    _check_quotients(key, first, ptau, threads)
    return KeyCeremony(
        transcript.circuit_hash,
        transcript.entries,
        tuple(contribution_hash(curve, entry) for entry in transcript.entries),
    )


def _check_quotients(key: ProvingKey, first: ProvingKey, ptau: PowersOfTau, threads: int) -> None:
    curve, g1 = CURVES[key.curve], group_of(key.curve, in_g2=False)
    delta_g2 = key.verifying_key.delta_g2
    for name, query in (("C", "l_query"), ("H", "h_query")):
        after, before = getattr(key, query), getattr(first, query)
        g1.check(after, allow_infinity=True, threads=threads)
        weights = random_weights(len(after) // g1.size)
        sums = [g1.msm(weights, points, threads=threads) for points in (before, after)]
        if any(map(any, sums)) and not same_ratio(curve, sums[1], sums[0], g2_generator(curve.name), delta_g2):
            raise CeremonyRefused(f"{name} is not that of the circuit divided by delta")
    basis = powers_of_h(ptau, key.log_domain, threads)
    weights = random_weights(len(basis) // g1.size)
    from_powers = g1.msm(weights, basis, threads=threads)
    from_key = g1.msm(_odd_values(key, weights, threads), key.h_query, threads=threads)
    if not same_ratio(curve, from_key, from_powers, g2_generator(curve.name), delta_g2):
        raise CeremonyRefused("H is not that of the powers of tau divided by delta")


def _odd_values(key: ProvingKey, weights: Buffer, threads: int) -> bytes:
    """Σ ρ_i·X^i·(Xⁿ - 1) at the odd points of the 2n domain, where Xⁿ = -1: the weights of H that give the same."""
    fr, kernel = key.fr, current()
    minus_two = kernel.to_montgomery(fr.name, fr.to_bytes(fr.modulus - 2))
    eta = kernel.to_montgomery(fr.name, fr.to_bytes(fr.omega(key.log_domain + 1)))
    scaled = kernel.vec_scale(fr.name, kernel.to_montgomery(fr.name, weights), minus_two) + bytes(fr.num_bytes)
    return kernel.from_montgomery(fr.name, kernel.ntt(fr.name, scaled, shift=eta, threads=threads))
