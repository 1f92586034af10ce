"""A deeply nested JSON file killed the process (stack overflow in Python's C parser) once py_ecc was imported.

py_ecc sets the recursion limit of the whole process to 100,000; 100,000 brackets then overflow the C stack before the
limit is met.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from zkrelay.formats import read_inputs

PARSE_UNDER_A_HIGH_LIMIT = """
import sys
from zkrelay.errors import FormatError
from zkrelay.formats import read_proof
sys.setrecursionlimit(100_000)
for opening in (b"[", b'{"a":', b'[{"b":'):
    try:
        read_proof(opening * 150_000)
    except FormatError as error:
        print(error)
"""


def test_deep_nesting_is_refused_whatever_the_recursion_limit(tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", PARSE_UNDER_A_HIGH_LIMIT], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert found.returncode == 0, found.stderr[-500:]
    assert found.stdout.count("nested too deep: more than 64 levels") == 3


def test_the_second_opinion_leaves_the_recursion_limit_alone(tmp_path):
    pytest.importorskip("py_ecc")
    code = "import sys; a = sys.getrecursionlimit(); from zkrelay.groth16.second_opinion import _py_ecc; "
    code += "_py_ecc('bn254'); sys.exit(sys.getrecursionlimit() != a)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, timeout=60).returncode == 0


def test_brackets_inside_strings_do_not_count():
    name = "[{" * 50 + '\\"' + "[" * 100
    assert read_inputs(('{"' + name + '": "1", "path": [["2"], ["3"]]}').encode())["path"] == [[2], [3]]
