"""Whether powers of tau are powers, of secrets that proved contributions made ([BGM17] section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.domain import MAX_LOG_SIZE
from ..algebra.points import g1_generator, g2_generator
from ..curves import PairingCurve
from ..errors import CeremonyRefused, InvalidPoint, MalformedInput, NonCanonicalNumber
from ..formats.contribution_parameters import BEACON
from ..formats.ptau import (
    ALPHA_TAU_G1,
    BETA_G2,
    BETA_TAU_G1,
    G2_SECTIONS,
    LAGRANGE_OF,
    POWERS_SECTIONS,
    TAU_G1,
    TAU_G2,
    PowersOfTau,
)
from ..formats.ptau_contributions import PowersContribution
from ..groth16.setup import Progress
from ..kernel import current
from .knowledge import DEFAULT_PATIENCE_LOG2, repeated_beacon, same_ratio
from .multiply import chunks
from .new_powers import challenge_of, first_challenge
from .points import group_of
from .powers_key import (
    NAMES,
    challenge_point,
    draw_powers_key,
    response_of,
    split_public_key,
)
from .prepare_powers import domains_of, powers_for
from .transcript import challenge_after
from .weights import random_weights


@dataclass(frozen=True)
class PowersCeremony:
    """What verified powers came from: ``responses[i]`` is what the maker of ``entries[i]`` published."""

    entries: tuple[PowersContribution, ...]
    responses: tuple[bytes, ...]
    is_prepared: bool


@dataclass(frozen=True)
class _Standing:
    """τ, α and β in the exponent, and the challenge, between two contributions."""

    tau_g1: bytes
    tau_g2: bytes
    alpha_g1: bytes
    beta_g1: bytes
    beta_g2: bytes
    challenge: bytes


def verify_powers(
    ptau: PowersOfTau,
    *,
    patience_log2: int = DEFAULT_PATIENCE_LOG2,
    threads: int = 1,
    progress: Progress | None = None,
) -> PowersCeremony:
    """Accept what ``snarkjs powersoftau verify`` accepts, and less: points out of their groups, a secret of one, and
    powers to which no person contributed.

    Sums are random linear combinations with weights of 128 bits, so that what is wrong passes with probability below
    2^-127 a section and domain.

    Args:
        patience_log2: how many iterations of a beacon are gone through.

    Raises:
        CeremonyRefused: with the first thing that does not hold.
        NonCanonicalNumber, InvalidPoint: a point of a section is malformed.
        MalformedInput: a prepared file of more than 2^23, or a beacon above ``patience_log2``.
    """
    curve, report = ptau.curve, progress if progress is not None else lambda step, done, total: None
    if not ptau.contributions:
        raise CeremonyRefused("no contribution: tau, alpha and beta are one, and everybody knows them")
    if all(entry.maker.kind == BEACON for entry in ptau.contributions):
        raise CeremonyRefused("none but beacons contributed: tau, alpha and beta are known to whoever computes them")
    if ptau.is_prepared and ptau.power >= MAX_LOG_SIZE:
        raise MalformedInput(f"the Lagrange sections of more than 2^{MAX_LOG_SIZE - 1} cannot be verified here")
    steps = len(ptau.contributions) + len(POWERS_SECTIONS) + (len(LAGRANGE_OF) if ptau.is_prepared else 0)
    g1, g2 = g1_generator(curve.name), g2_generator(curve.name)
    standing = _Standing(g1, g2, g1, g1, g2, first_challenge(curve.name, ptau.ceremony_power))
    responses = []
    for index, entry in enumerate(ptau.contributions):
        report("contributions", index, steps)
        try:
            responses.append(_check_contribution(curve, standing, entry, patience_log2))
        except CeremonyRefused as error:
            name = f" ({entry.maker.name})" if entry.maker.name else ""
            raise CeremonyRefused(f"contribution {index + 1}{name}: {error}") from None
        standing = _Standing(
            entry.tau_g1, entry.tau_g2, entry.alpha_g1, entry.beta_g1, entry.beta_g2, entry.next_challenge
        )
    done = len(ptau.contributions)
    for section in POWERS_SECTIONS:
        report("powers", done, steps)
        _check_powers(ptau, section, standing, threads)
        done += 1
    is_whole = ptau.power == ptau.ceremony_power
    if is_whole and challenge_after(curve, responses[-1], chunks(ptau)) != challenge_of(ptau):
        raise CeremonyRefused("the points are not those that the last contribution's next challenge hashes")
    if ptau.is_prepared:
        for section in LAGRANGE_OF:
            report("Lagrange bases", done, steps)
            _check_lagrange(ptau, section, threads)
            done += 1
    report("done", steps, steps)
    return PowersCeremony(ptau.contributions, tuple(responses), ptau.is_prepared)


def _check_contribution(curve: PairingCurve, before: _Standing, entry: PowersContribution, patience_log2: int) -> bytes:
    """Returns the response's hash."""
    keys = split_public_key(curve, entry.public_key)
    in_g1 = [entry.tau_g1, entry.alpha_g1, entry.beta_g1, *(part for s, sx, _ in keys for part in (s, sx))]
    in_g2 = [entry.tau_g2, entry.beta_g2, *(spx for _, _, spx in keys)]
    try:
        group_of(curve.name, in_g2=False).check(b"".join(in_g1))
        group_of(curve.name, in_g2=True).check(b"".join(in_g2))
    except (InvalidPoint, NonCanonicalNumber) as error:
        raise CeremonyRefused(f"a point of it is in no group of the curve: {error}") from None
    if entry.maker.kind == BEACON:
        _check_beacon(curve, before, entry, patience_log2)
    points = []
    for index, (name, (s, sx, spx)) in enumerate(zip(NAMES, keys, strict=True)):
        if s == sx:
            raise CeremonyRefused(f"its secret {name} is one, so it changed nothing")
        sp = challenge_point(curve, index, before.challenge, s + sx)
        if not same_ratio(curve, s, sx, sp, spx):
            raise CeremonyRefused(f"the public key of {name} proves no knowledge: its ratios in G1 and G2 differ")
        points.append((s, sx, sp, spx))
    tau, alpha, beta = points
    followers = (
        ("tau in G1", (before.tau_g1, entry.tau_g1, tau[2], tau[3])),
        ("tau in G2", (tau[0], tau[1], before.tau_g2, entry.tau_g2)),
        ("alpha in G1", (before.alpha_g1, entry.alpha_g1, alpha[2], alpha[3])),
        ("beta in G1", (before.beta_g1, entry.beta_g1, beta[2], beta[3])),
        ("beta in G2", (beta[0], beta[1], before.beta_g2, entry.beta_g2)),
    )
    for what, (one, other, base, power) in followers:
        if not same_ratio(curve, one, other, base, power):
            raise CeremonyRefused(f"{what} was not multiplied by the secret of the public key")
    return response_of(curve, entry)


def _check_beacon(curve: PairingCurve, before: _Standing, entry: PowersContribution, patience_log2: int) -> None:
    maker = entry.maker
    rng = repeated_beacon(maker.beacon_hash, maker.iterations_log2, patience_log2)
    secrets, expected = draw_powers_key(rng, curve, before.challenge)
    secrets.wipe()
    if entry.public_key != expected:
        raise CeremonyRefused("the public key is not the one that its beacon makes")


def _check_powers(ptau: PowersOfTau, section: int, standing: _Standing, threads: int) -> None:
    """Each point is the one before it times τ, and the first (and second) are those of the contributions."""
    curve, in_g2 = ptau.curve, section in G2_SECTIONS
    group, points = group_of(curve.name, in_g2=in_g2), ptau.points[section]
    name = ptau.container.label(section)
    group.check(points, threads=threads)
    first = {
        TAU_G1: g1_generator(curve.name) + standing.tau_g1,
        TAU_G2: g2_generator(curve.name) + standing.tau_g2,
        ALPHA_TAU_G1: standing.alpha_g1,
        BETA_TAU_G1: standing.beta_g1,
        BETA_G2: standing.beta_g2,
    }[section]
    if points[: len(first)] != first:
        raise CeremonyRefused(f"section {name} does not begin as the contributions say")
    if section == BETA_G2:
        return
    weights = random_weights(len(points) // group.size - 1)
    low = group.msm(weights, points[: -group.size], threads=threads)
    high = group.msm(weights, points[group.size :], threads=threads)
    if in_g2:
        holds = same_ratio(curve, g1_generator(curve.name), standing.tau_g1, low, high)
    else:
        holds = same_ratio(curve, low, high, g2_generator(curve.name), standing.tau_g2)
    if not holds:
        raise CeremonyRefused(f"section {name} does not hold powers of tau")


def _check_lagrange(ptau: PowersOfTau, section: int, threads: int) -> None:
    """Σ ρ_i·τ^i = Σ f(ω^j)·L_j(τ) for the polynomial f with random coefficients ρ_i, over every domain."""
    target, fr, kernel = LAGRANGE_OF[section], ptau.curve.fr, current()
    group = group_of(ptau.curve.name, in_g2=section in G2_SECTIONS)
    group.check(ptau.points[target], allow_infinity=True, threads=threads)
    for log in domains_of(ptau, section):
        n = 1 << log
        weights = random_weights(n - 1) + bytes(fr.num_bytes) if log > ptau.power else random_weights(n)
        values = kernel.ntt(fr.name, kernel.to_montgomery(fr.name, weights), threads=threads)
        left = group.msm(weights, powers_for(ptau, section, log), threads=threads)
        right = group.msm(kernel.from_montgomery(fr.name, values), ptau.lagrange(target, log), threads=threads)
        if left != right:
            raise CeremonyRefused(f"section {ptau.container.label(target)} is not that of the powers, domain 2^{log}")
