"""The committed row counts are those of the compiler, and ``claim`` stays within its target."""

from __future__ import annotations

import csv
import io
from importlib import resources

import pytest

from zkrelay.circuits import costs

LARGE = ("batch8", "batch16", "batch64")  # the digest of batch8's coefficients is in cli/test_vectors.py every day
CLAIM_TARGET = 9_500
DOMAIN_2_13 = 1 << 13


def committed() -> str:
    return (resources.files("zkrelay.circuits") / "costs.csv").read_text(encoding="utf-8")


def counts() -> dict[str, int]:
    return {row["gadget"]: int(row["constraints"]) for row in csv.DictReader(io.StringIO(committed()))}


@pytest.mark.long
def test_costs_csv_is_current() -> None:
    assert committed() == costs.table(), "run: python -P -m zkrelay.circuits.costs > circuits/costs.csv"


def test_costs_csv_is_current_but_for_large_circuits() -> None:
    found = dict(costs.rows(skip=LARGE))
    assert {name: count for name, count in counts().items() if name not in LARGE} == found


def test_claim_is_within_its_target_and_in_the_smaller_domain() -> None:
    assert counts()["claim"] <= CLAIM_TARGET
    assert counts()["claim"] + 7 + 1 <= DOMAIN_2_13
