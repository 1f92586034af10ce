"""``precompute``, and the commands that use its tables: never wrong ones, never silently."""

from __future__ import annotations

import json
import shutil

import pytest

from zkrelay.formats import read_zkey, read_zktb, write_zktb


@pytest.fixture
def precomputed(cli, files):
    """The files, and u.zktb of factor 2 beside u.zkey."""
    outcome = cli("precompute", files / "u.zkey", "--factor", "2", "-t", "1", "--json")
    assert outcome.exit_code == 0
    assert outcome.json()["file_bytes"] == (files / "u.zktb").stat().st_size
    return files


def prove(cli, folder, *options):
    targets = (folder / "proof.json", folder / "public.json")
    return cli("prove", folder / "u.zkey", folder / "u.wtns", *targets, "-t", "1", *options)


def test_the_tables_are_the_key_s(cli, precomputed):
    tables = read_zktb(precomputed / "u.zktb")
    tables.check(read_zkey(precomputed / "u.zkey"), check_points=True)
    facts = cli("info", precomputed / "u.zktb", "--json").json()
    assert facts["format"] == "zktb" and facts["factor"] == tables.factor == 2
    assert facts["key_digest"] == tables.key_digest and facts["num_points"]["h"] == len(tables.h_multiples) // 64


def test_prove_and_bench_use_what_lies_beside_the_key(cli, precomputed):
    outcome = prove(cli, precomputed, "--json")
    assert outcome.exit_code == 0 and outcome.json()["factor"] == 2
    assert "tables of factor 2, from" in outcome.stderr
    verified = cli("verify", *(precomputed / name for name in ("verification_key.json", "public.json", "proof.json")))
    assert verified.exit_code == 0
    bench = ["bench", "prove", precomputed / "u.zkey", precomputed / "u.wtns", "--runs", "1", "-t", "1", "--json"]
    facts = cli(*bench).json()
    assert facts["factor"] == 2 and facts["tables_bytes"] == read_zktb(precomputed / "u.zktb").num_bytes
    facts = cli(*bench, "--no-tables").json()
    assert facts["factor"] == 1 and facts["tables_bytes"] == 0


def test_no_tables_and_named_tables(cli, precomputed):
    outcome = prove(cli, precomputed, "--no-tables", "--json")
    assert outcome.json()["factor"] == 1 and "tables of" not in outcome.stderr
    (precomputed / "u.zktb").rename(precomputed / "elsewhere")
    assert prove(cli, precomputed, "--json").json()["factor"] == 1
    assert prove(cli, precomputed, "--tables", precomputed / "elsewhere", "--json").json()["factor"] == 2
    assert prove(cli, precomputed, "--tables", precomputed / "elsewhere", "--no-tables").exit_code == 2
    assert prove(cli, precomputed, "--tables", precomputed / "nothing").exit_code == 3


def test_tables_of_another_key_are_an_error(cli, precomputed):
    before = (precomputed / "proof.json").read_bytes()
    assert cli("setup", precomputed / "u.r1cs", "--force").exit_code == 0  # the same circuit, another key
    outcome = prove(cli, precomputed, "--json")
    assert outcome.exit_code == 3 and outcome.json()["error"] == "InvalidTables"
    assert "u.zktb" in outcome.stderr and "another key" in outcome.stderr
    assert (precomputed / "proof.json").read_bytes() == before
    assert prove(cli, precomputed, "--no-tables").exit_code == 0
    assert cli("precompute", precomputed / "u.zkey", "--factor", "2", "--force").exit_code == 0
    assert prove(cli, precomputed).exit_code == 0


@pytest.mark.parametrize("damage", ["truncated", "a flipped bit", "a key", "empty", "a folder"])
def test_damaged_tables_are_an_error(cli, precomputed, damage):
    path = precomputed / "u.zktb"
    data = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    else:
        flipped = bytearray(data)
        flipped[-7] ^= 4
        key = (precomputed / "u.zkey").read_bytes()
        path.write_bytes({"truncated": data[:-1], "a flipped bit": flipped, "a key": key, "empty": b""}[damage])
    outcome = prove(cli, precomputed, "--json")
    assert outcome.exit_code == 3 and "u.zktb" in outcome.stderr
    assert prove(cli, precomputed, "--no-tables").exit_code == 0


def test_sealed_lies_are_found_by_the_proof(cli, precomputed):
    """Right sizes, right digests, wrong points: the proof is false, and is not written."""
    tables = read_zktb((precomputed / "u.zktb").read_bytes())
    object.__setattr__(tables, "a_multiples", bytes(len(tables.a_multiples)))
    write_zktb(precomputed / "u.zktb", tables, overwrite=True)
    before = (precomputed / "proof.json").read_bytes()
    outcome = prove(cli, precomputed, "--json")
    assert outcome.exit_code == 3 and outcome.json()["error"] == "InvalidTables"
    assert "u.zktb" in outcome.stderr and "damaged" in outcome.stderr
    assert (precomputed / "proof.json").read_bytes() == before


def test_the_size_chooses_the_factor(cli, made_once, tmp_path):
    shutil.copy(made_once / "u.zkey", tmp_path)
    sizes = {}
    for factor in (2, 3):
        outcome = cli("precompute", tmp_path / "u.zkey", "--factor", factor, "-o", tmp_path / f"{factor}", "--json")
        sizes[factor] = len((tmp_path / f"{factor}").read_bytes())
        assert outcome.json()["factor"] == factor
    row = sizes[3] - sizes[2]
    outcome = cli("precompute", tmp_path / "u.zkey", "--max-bytes", 2 * row, "--json")
    factor = outcome.json()["factor"]
    assert factor in sizes and (tmp_path / "u.zktb").read_bytes() == (tmp_path / str(factor)).read_bytes()
    outcome = cli("precompute", tmp_path / "u.zkey", "--max-bytes", row - 1, "--force")
    assert outcome.exit_code == 3 and "factor of 2 takes" in outcome.stderr


@pytest.mark.parametrize(
    "arguments", [["--factor", "1"], ["--factor", "33"], ["--factor", "2", "--max-bytes", "9"], ["--max-bytes", "0"]]
)
def test_usage(cli, files, arguments):
    assert cli("precompute", files / "u.zkey", *arguments).exit_code == 2
    assert not (files / "u.zktb").exists()


def test_nothing_is_replaced_without_force(cli, files):
    (files / "u.zktb").write_text("precious")
    outcome = cli("precompute", files / "u.zkey")
    assert outcome.exit_code == 2 and "--force" in outcome.stderr
    assert (files / "u.zktb").read_text() == "precious"
    assert cli("precompute", files / "u.zkey", "-o", files / "u.zkey", "--force").exit_code == 2
    assert cli("precompute", files / "u.wtns", "-o", files / "other.zktb").exit_code == 3


def test_the_key_s_points_are_checked(cli, files):
    data = bytearray((files / "u.zkey").read_bytes())
    at = data.index(bytes(read_zkey(files / "u.zkey").a_query[:64]))
    data[at] ^= 1
    (files / "u.zkey").write_bytes(data)
    outcome = cli("precompute", files / "u.zkey", "--json")
    assert outcome.exit_code == 3 and "a_query" in json.loads(outcome.stdout)["message"]
    assert not (files / "u.zktb").exists()
