"""Domains: the vectors' value, everything in the hash separates, everything else does not."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from zkrelay.errors import MalformedInput
from zkrelay.relay.domain import MEBIBYTE, Domain

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol" / "protocol-v1.json").read_text())
DOMAIN = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, unit=1)


def test_value_of_the_vectors() -> None:
    assert str(DOMAIN.value) == VECTORS["domain"]


@pytest.mark.parametrize(
    "change",
    [{"chain_id": 1}, {"contract": 0xC0FFED}, {"tree_no": 2}, {"unit": 2}, {"mode": 1}],
    ids=lambda c: next(iter(c)),
)
def test_each_part_separates(change: dict[str, int]) -> None:
    assert dataclasses.replace(DOMAIN, **change).value != DOMAIN.value


@pytest.mark.parametrize("change", [{"price_per_unit": 9}, {"arity": 2}, {"depth": 20}], ids=lambda c: next(iter(c)))
def test_price_and_tree_shape_are_not_hashed(change: dict[str, int]) -> None:
    assert dataclasses.replace(DOMAIN, **change).value == DOMAIN.value


def test_domain_of_a_service() -> None:
    domain = Domain.of_service(b"public key", 4, unit=2)
    assert domain.chain_id == 0
    assert domain.contract == int(hashlib.sha256(b"public key").hexdigest()[:40], 16)
    assert (domain.tree_no, domain.unit) == (4, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("chain_id", v) for v in (-1, 1 << 256)),
        *(("contract", v) for v in (-1, 1 << 160)),
        *(("unit", v) for v in (0, 1 << 32)),
        *(("mode", v) for v in (-1, 2, True)),
        *(("price_per_unit", v) for v in (0, 1 << 128)),
        *(("arity", v) for v in (1, 6)),
        *(("depth", v) for v in (0, 33, "10")),
        ("protocol_version", 2),
    ],
)
def test_ranges(name: str, value: object) -> None:
    with pytest.raises(MalformedInput, match=name.replace("_", ".")):
        dataclasses.replace(DOMAIN, **{name: value})


def test_amounts_and_prices() -> None:
    domain = Domain(0, 0, 0, price_per_unit=7)
    assert domain.unit == MEBIBYTE
    assert [domain.units(n) for n in (0, MEBIBYTE - 1, MEBIBYTE, 2 * MEBIBYTE + 1)] == [0, 0, 1, 2]
    assert domain.price(3) == 21
    assert domain.max_amount == 1 << 32
    assert DOMAIN.max_amount == (1 << 64) - 1


def test_dict_round_trip_is_strict() -> None:
    data = DOMAIN.to_dict()
    assert Domain.from_dict(json.loads(json.dumps(data))) == DOMAIN
    for broken in ({**data, "extra": 1}, {k: v for k, v in data.items() if k != "unit"}):
        with pytest.raises(MalformedInput, match="exactly the fields"):
            Domain.from_dict(broken)
