"""Every faster kernel gives exactly what ``portable`` gives: every size of vector, all kinds of scalars, points.

``portable`` itself is held against the reference kernel, on fewer inputs as that is slow, in the other files here.
"""

from __future__ import annotations

import pytest

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import FIELDS, PrimeField
from zkrelay.kernel import Kernel, available, get

from . import samples
from .samples import FR

CURVE = "bn254"
FAST = [name for name in available() if name not in ("portable", "reference")]
EVERY_SIZE = range(514)
MSM_SIZES = [*range(34), 63, 64, 65, 100, 255, 256, 257, 513, 1024, 1500, 3000]
NO_FAST_KERNEL = pytest.mark.skipif(not FAST, reason="this machine runs no kernel but portable")

fields = pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
pytestmark = NO_FAST_KERNEL


@pytest.fixture(params=FAST)
def fast(request: pytest.FixtureRequest) -> Kernel:
    return get(request.param)


@pytest.fixture
def portable() -> Kernel:
    return get("portable")


def hard_elements(field: PrimeField, count: int, *seed: object) -> bytes:
    """Edges, R mod p, limb patterns (all ones below p too) and random numbers, shuffled: any lane may get any."""
    generator = samples.rng("hard", field.name, count, *seed)
    patterns = samples.limb_patterns(field.modulus) if field.num_bytes == 32 else []
    numbers = [0, 1, field.modulus - 1, field.montgomery_r % field.modulus, *samples.edge_values(field.modulus)]
    numbers += generator.sample(patterns, min(len(patterns), count // 2))
    numbers += [generator.randrange(field.modulus) for _ in range(max(0, count - len(numbers)))]
    generator.shuffle(numbers)
    return pack_field(field, numbers[:count])


@fields
def test_vectors_of_every_size(fast: Kernel, portable: Kernel, field: PrimeField) -> None:
    size = field.num_bytes
    left = hard_elements(field, 600, "left")
    right = hard_elements(field, 600, "right")
    for n in EVERY_SIZE:
        start = n % 80 * size  # other elements in other lanes
        a, b = left[start : start + n * size], right[start : start + n * size]
        for name in ("vec_add", "vec_sub", "vec_mul"):
            assert getattr(fast, name)(field.name, a, b) == getattr(portable, name)(field.name, a, b), (name, n)
        for name in ("to_montgomery", "from_montgomery"):
            assert getattr(fast, name)(field.name, a) == getattr(portable, name)(field.name, a), (name, n)
        factor = right[:size]
        assert fast.vec_scale(field.name, a, factor) == portable.vec_scale(field.name, a, factor), n
        units = b"".join(a[i : i + size] for i in range(0, len(a), size) if any(a[i : i + size]))
        assert fast.vec_inverse(field.name, units) == portable.vec_inverse(field.name, units), n


@pytest.mark.parametrize("name", samples.SCALAR_FIELD_NAMES)
@pytest.mark.parametrize("log_size", range(15))
def test_transforms_of_every_size(fast: Kernel, portable: Kernel, name: str, log_size: int) -> None:
    field = FIELDS[name]
    values = hard_elements(field, 1 << log_size, "ntt")
    for shift in (None, samples.montgomery(field, [field.non_residue])):
        for inverse in (False, True):
            for threads in (1, 3):
                assert fast.ntt(name, values, inverse=inverse, shift=shift, threads=threads) == portable.ntt(
                    name, values, inverse=inverse, shift=shift
                )


def scalar_kinds(n: int) -> dict[str, list[int]]:
    generator, r = samples.rng("scalars", n), FR.modulus
    uniform = [generator.randrange(r) for _ in range(n)]
    return {
        "uniform": uniform,
        "small": [generator.randrange(1 << 16) for _ in range(n)],
        "bits": [generator.randrange(2) for _ in range(n)],
        "r - 1 and neighbours": [r - 1 - generator.randrange(3) for _ in range(n)],
        "zero": [0] * n,
        "one value": [uniform[0] if n else 0] * n,
        "mixed": [generator.choice((0, 1, 2, r - 1, r - 2, r // 2, 1 << 64, (1 << 128) - 1, u)) for u in uniform],
        "powers of two": [1 << generator.randrange(253) for _ in range(n)],
    }


def base_kinds(multiples: tuple[bytes, ...], n: int) -> dict[str, bytes]:
    """Distinct points; few points again and again with infinity among them; one point; a point and its opposite."""
    generator, last = samples.rng("bases", n), len(multiples) - 1
    point, half = multiples[1], len(multiples[1]) // 2
    y = [int.from_bytes(point[i : i + 32], "little") for i in range(half, 2 * half, 32)]
    opposite = point[:half] + b"".join((-part % samples.FP.modulus).to_bytes(32, "little") for part in y)
    return {
        "distinct": b"".join(multiples[1 + i % last] for i in range(n)),
        "few": b"".join(multiples[generator.randrange(4)] for _ in range(n)),
        "one": point * n,
        "opposite": b"".join(generator.choice((point, opposite)) for _ in range(n)),
        "infinity": bytes(len(point)) * n,
    }


@pytest.mark.parametrize("group", ["g1", "g2"])
def test_multi_scalar_multiplication(fast: Kernel, portable: Kernel, group: str) -> None:
    multiples = samples.g1_multiples(513) if group == "g1" else samples.g2_multiples(129)
    for n in MSM_SIZES[: None if group == "g1" else -3]:
        bases = base_kinds(multiples, n)
        for i, (kind, values) in enumerate(scalar_kinds(n).items()):
            scalars = samples.scalars(values)
            # all kinds of points with uniform and mixed scalars, one kind with the others
            chosen = list(bases) if kind in ("uniform", "mixed") and n < 300 else [list(bases)[(n + i) % len(bases)]]
            for points in chosen:
                results = {
                    getattr(kernel, f"{group}_msm")(CURVE, scalars, bases[points], threads=threads)
                    for kernel, threads in ((portable, 1), (fast, 1), (fast, 2))
                }
                assert len(results) == 1, (n, kind, points)


@pytest.mark.parametrize(("group", "n"), [("g1", 20_000), ("g2", 6_000)])
def test_large_multi_scalar_multiplication(fast: Kernel, portable: Kernel, group: str, n: int) -> None:
    multiples = samples.g1_multiples(513) if group == "g1" else samples.g2_multiples(129)
    bases, scalars = base_kinds(multiples, n), scalar_kinds(n)
    for kind, points in (("uniform", "distinct"), ("mixed", "opposite"), ("small", "few"), ("one value", "distinct")):
        results = {
            getattr(kernel, f"{group}_msm")(CURVE, samples.scalars(scalars[kind]), bases[points], threads=threads)
            for kernel, threads in ((portable, 2), (fast, 1), (fast, 2))
        }
        assert len(results) == 1, (kind, points)


@pytest.mark.parametrize("group", ["g1", "g2"])
def test_fixed_base_and_sums(fast: Kernel, portable: Kernel, group: str) -> None:
    multiples = samples.g1_multiples(513) if group == "g1" else samples.g2_multiples(129)
    for n in (0, 1, 2, 7, 8, 9, 33, 100, 300):
        for kind, values in scalar_kinds(n).items():
            for base in (multiples[3], multiples[0]):
                results = [
                    getattr(kernel, f"{group}_fixed_base")(CURVE, base, samples.scalars(values), threads=2)
                    for kernel in (fast, portable)
                ]
                assert results[0] == results[1], (n, kind)
        kinds = list(base_kinds(multiples, n).values())
        for left in kinds:
            for right in kinds:
                add = f"{group}_add"
                assert getattr(fast, add)(CURVE, left, right) == getattr(portable, add)(CURVE, left, right), n


def test_pairings(fast: Kernel, portable: Kernel) -> None:
    g1, g2 = samples.g1_multiples(513), samples.g2_multiples(129)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 128), (511, 3), (77, 78)):
        assert fast.pairing(CURVE, g1[i], g2[j]) == portable.pairing(CURVE, g1[i], g2[j]), (i, j)
    for n in range(10):
        left, right = b"".join(g1[n : 2 * n]), b"".join(g2[:n])
        assert fast.pairing_check(CURVE, left, right) == portable.pairing_check(CURVE, left, right), n
        mirrored = left + b"".join(map(samples.g1_negative, (left[64 * i : 64 * i + 64] for i in range(n))))
        assert fast.pairing_check(CURVE, mirrored, right * 2)


@pytest.mark.parametrize("width", [2, 3, 4, 5, 6, 9, 17])
def test_poseidon(fast: Kernel, portable: Kernel, width: int) -> None:
    full, partial = 8, 56
    constants = hard_elements(FR, (full + partial) * width, "constants")
    mds = hard_elements(FR, width * width, "mds")
    for n in (0, 1, 7, 8, 9, 33):
        inputs = hard_elements(FR, n * (width - 1), "inputs")
        arguments = ("bn254_fr", inputs, width, full, partial, constants, mds)
        assert fast.poseidon(*arguments) == portable.poseidon(*arguments), n


def test_matrices_and_programs(fast: Kernel, portable: Kernel) -> None:
    from .test_programs import random_program, tape

    table = hard_elements(FR, 40, "table")
    for rows, columns in ((0, 1), (1, 1), (9, 40), (513, 300)):
        matrix = samples.csr(samples.random_rows(rows, columns, 40, "equal"))
        z, weights = hard_elements(FR, columns, "z"), hard_elements(FR, rows, "weights")
        arguments = ("bn254_fr", matrix, table)
        assert fast.matrix_apply(*arguments, z) == portable.matrix_apply(*arguments, z)
        assert fast.matrix_apply_transposed(*arguments, weights, columns) == portable.matrix_apply_transposed(
            *arguments, weights, columns
        )
    for seed in range(20):
        words, num_registers = random_program(5, 60, "equal", seed)
        inputs = hard_elements(FR, 5, "inputs", seed)
        arguments = ("bn254_fr", tape(*words), table, inputs, num_registers, num_registers)
        assert fast.run_program(*arguments) == portable.run_program(*arguments), seed
