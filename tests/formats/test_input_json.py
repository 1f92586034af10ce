"""``input.json``: integers only, by name, and no value in an error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.errors import FormatError
from zkrelay.formats import read_inputs
from zkrelay.formats.input_json import MAX_BYTES

from .samples import interop
from .test_snarkjs_json import dump

LEAVES = st.integers(0, 2**256)
NESTED = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


def test_a_circom_input_file() -> None:
    inputs = read_inputs(interop("claim.input.json"))
    assert inputs["epoch"] == 2026
    assert inputs["Ax"] == 13277427435165878497778222415993513565335242147425444199013288855685581939618
    assert len(inputs["sib"]) == 20


@given(st.dictionaries(st.sampled_from(["a", "b", "sib"]), NESTED), st.booleans())
def test_strings_and_integers_read_alike(inputs: dict[str, Any], strings: bool) -> None:
    def spelled(value: Any) -> Any:
        if isinstance(value, list):
            return [spelled(item) for item in value]
        return str(value) if strings or value >= 10**150 else value

    assert read_inputs(dump(spelled_object := {k: spelled(v) for k, v in inputs.items()})) == inputs, spelled_object


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"[]", "expected a JSON object"),
        (b'{"a": "0x10"}', "a: not a canonical decimal string"),
        (b'{"a": "-1"}', "a: not a canonical decimal string"),
        (b'{"a": "007"}', "a: not a canonical decimal string"),
        (b'{"a": ""}', "a: not a canonical decimal string"),
        (b'{"a": -1}', "a: negative numbers"),
        (b'{"a": -0}', "a: .* found no plain integer"),
        (b'{"a": 1.0}', "a: .* found no plain integer"),
        (b'{"a": 1e3}', "a: .* found no plain integer"),
        (b'{"a": NaN}', "a: .* found no plain integer"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a: .* found no plain integer"),
        (b'{"a": true}', "a: .* found a boolean"),
        (b'{"a": null}', "a: .* found null"),
        (b'{"a": {"b": 1}}', "a: .* found an object"),
        (b'{"a": [1, [2, true]]}', r"a\[1\]\[1\]: .* found a boolean"),
        (b'{"": 1}', "name 0: an input name is empty"),
        (b'{"a": 1, "b\\n": 1}', "name 1: an input name is empty, too long or not printable"),
        (b'{"\\ud800": 1}', "name 0"),
        (b'{"' + b"a" * 257 + b'": 1}', "name 0"),
        (b'{"a": 1, "a": 2}', "a key twice"),
        (b'{"a": ' + b"[" * 9 + b"]" * 9 + b"}", "nested more than 8 deep"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (b" " * MAX_BYTES + b"{}", "more than the limit"),
    ],
)
def test_malformed_is_refused(data: bytes, match: str) -> None:
    with pytest.raises(FormatError, match=match):
        read_inputs(data)


@given(st.text(min_size=1), st.lists(st.integers(), max_size=3))
def test_values_never_reach_an_error(text: str, before: list[int]) -> None:
    marker = "4815162342"
    for bad in (f"{marker}{text}x", f"-{marker}", f" {marker}", float(marker) + 0.5, -int(marker)):
        with pytest.raises(FormatError) as caught:
            read_inputs(dump({"secret": [*(abs(x) for x in before), bad]}))
        assert marker not in str(caught.value)
        assert caught.value.section == f"secret[{len(before)}]"
