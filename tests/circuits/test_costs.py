"""The committed row counts are those of the compiler, and ``claim`` stays within its target."""

from __future__ import annotations

import csv
import io
from importlib import resources

from zkrelay.circuits import costs

CLAIM_TARGET = 9_500
DOMAIN_2_13 = 1 << 13


def committed() -> str:
    return (resources.files("zkrelay.circuits") / "costs.csv").read_text(encoding="utf-8")


def test_costs_csv_is_current() -> None:
    assert committed() == costs.table(), "run: python -P -m zkrelay.circuits.costs > circuits/costs.csv"


def test_claim_is_within_its_target_and_in_the_smaller_domain() -> None:
    counts = {row["gadget"]: int(row["constraints"]) for row in csv.DictReader(io.StringIO(committed()))}
    assert counts["claim"] <= CLAIM_TARGET
    assert counts["claim"] + 7 + 1 <= DOMAIN_2_13
