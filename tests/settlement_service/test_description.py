"""The OpenAPI description is true: Schemathesis makes requests from it, good and bad, and holds the answers against it.

In this process, without a network.  What it sends follows from a fixed seed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fake_verifier import FakeVerifier
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import FailureGroup, load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance
from settlement.app import Access, Limits, bordered, make_app, openapi
from settlement.problems import codes

from .world import FUNDING, SLOTS, TOKEN, Keys, World, sqlite_service

load_all_checks()
LIMITS = Limits(commitments_a_second=1e6, commitment_burst=1_000_000)


@pytest.fixture(scope="module")
def app() -> Iterator[FastAPI]:
    """Every entry point is open, over a proof system that takes nothing."""
    everything = {
        "verifier": FakeVerifier(),
        "batch_verifiers": {SLOTS: FakeVerifier("batch")},
        "registration_verifier": FakeVerifier("registration"),
        "open_verifier": FakeVerifier("open"),
        "funding": FUNDING,
    }
    with sqlite_service(World(Keys()), **everything) as service:
        yield make_app(service, Access(TOKEN), LIMITS)


def hold_all(app: FastAPI, description: dict[str, Any], examples: int) -> set[str]:
    """Try every operation, and return their labels; raises ``FailureGroup`` for an answer that is not as described."""
    schema = schemathesis.openapi.from_dict(description)
    schema.app = bordered(app, LIMITS)
    labels = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        labels.add(operation.label)
        takes_something = operation.body or operation.path_parameters or operation.query
        modes = [GenerationMode.POSITIVE] + [GenerationMode.NEGATIVE] * bool(takes_something)
        for mode in modes:

            @seed(20261129)
            @settings(
                max_examples=examples,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def hold(case: Case) -> None:
                case.headers["Authorization"] = f"Bearer {TOKEN}"
                # 422 is also for what only the library can see: a point off its curve is good JSON
                case.call_and_validate(excluded_checks=[positive_data_acceptance])

            hold()
    return labels


@pytest.mark.parametrize("examples", [2, pytest.param(60, marks=pytest.mark.long)])
def test_answers_are_as_described(app: FastAPI, examples: int) -> None:
    description = openapi(app)
    labels = hold_all(app, description, examples)
    assert labels == {
        f"{method.upper()} {path}" for path, methods in description["paths"].items() for method in methods
    }
    assert len(labels) == 25


@pytest.mark.parametrize(
    "lie",
    [
        lambda schemas, paths: schemas["Health"]["properties"]["status"].update(const="well"),
        lambda schemas, paths: schemas["Sums"]["required"].append("gold"),
        lambda schemas, paths: paths["/v1/commitments"]["post"]["responses"].pop("422"),
    ],
)
def test_a_lie_in_the_description_is_found(app: FastAPI, lie: Any) -> None:
    description = copy.deepcopy(openapi(app))
    lie(description["components"]["schemas"], description["paths"])
    for path in set(description["paths"]) - {"/health", "/v1/balances", "/v1/commitments"}:
        description["paths"].pop(path)
    with pytest.raises(FailureGroup):
        hold_all(app, description, 5)


def test_what_the_description_says(app: FastAPI) -> None:
    description = openapi(app)
    assert description["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == codes()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert ("Idempotency-Key" in names) == (method == "post"), path
            assert all(
                "application/problem+json" in answer["content"]
                for status, answer in operation["responses"].items()
                if int(status) >= 400
            )
    authorised = [path for path, methods in description["paths"].items() if methods.get("post", {}).get("security")]
    assert sorted(authorised) == ["/v1/deposits", "/v1/leaves", "/v1/stakes"]
