"""Records: one JSON object a line, with type and version; what else is in a file is refused without being quoted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.errors import FormatError
from zkrelay.relay.record import read_record, read_records, to_line, to_record

FIELDS = st.dictionaries(
    st.text(max_size=5).filter(lambda name: name not in ("type", "version")), st.text(max_size=9), max_size=4
)


@given(st.lists(FIELDS, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n", "\n\n", "\n  "]))
def test_lines_and_back(all_fields, end):
    text = end.join(to_line("note", fields) for fields in all_fields) + end
    assert list(read_records(text.encode(), "note", "claim")) == [("note", fields) for fields in all_fields]


@given(FIELDS)
def test_one_record_over_many_lines(fields):
    text = json.dumps(to_record("note", fields), indent=2)
    assert read_record(text.encode(), "note") == ("note", fields)


@given(st.binary(max_size=60))
def test_anything_else_is_refused(data):
    with pytest.raises(FormatError):
        list(read_records(data, "note"))


@given(st.data())
def test_a_record_cut_short_is_refused(data):
    text = to_line("note", {"a": "1", "b": {"c": ["2"]}}).encode()
    with pytest.raises(FormatError):
        read_record(text[: data.draw(st.integers(0, len(text) - 1))], "note")


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"claim","version":1}',
        '{"type":"note","version":2}',
        '{"type":"note","version":true}',
        '{"type":"note","version":1.0}',
        '{"type":"note"}',
        '{"version":1}',
        '{"type":["note"],"version":1}',
        '{"type":"note","version":1,"a":"1","a":"2"}',
        '[{"type":"note","version":1}]',
        '{"type":"note","version":1}{"type":"note","version":1}',
        '{"type":"note","version":1}\n[]',
        '{"type":"note","version":1,"a":' + "[" * 70 + "]" * 70 + "}",
    ],
)
def test_what_is_no_record(text):
    with pytest.raises(FormatError):
        list(read_records(text.encode(), "note"))


def test_two_records_where_one_is_expected():
    line = to_line("note", {})
    with pytest.raises(FormatError, match="expected one record, found 2"):
        read_record(f"{line}\n{line}".encode(), "note")


def test_errors_name_the_record_and_quote_nothing():
    text = to_line("note", {"rho": "123456789"}) + "\n" + to_line("note", {"rho": "987654321"})[:-3] + "}"
    with pytest.raises(FormatError, match="record 2") as caught:
        list(read_records(text.encode(), "note"))
    assert "987654321" not in str(caught.value)
    assert "987654321" not in repr(caught.value.__cause__)
