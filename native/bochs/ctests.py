"""The C tests of the kernel x86_ifma on its real instructions, in an emulated machine (machine.py).

    ctests.py BUILD FOLDER [--only REGEX] [--limit SECONDS]

BUILD is a build of native/ for release with ZKR_BUILD_TESTS and ZKR_WITHOUT_ADX; FOLDER is for the image.  The tests
are ctest's, commands and environment too, but for those that have nothing to do with lanes.  A skipped test has failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from image import MachineError, Program
from machine import run_programs

# The emulation against the instructions, the lanes' templates, and each operation of the border against portable on the
# fuzzers' corpus.  The border's longest tests (vectors, ntt, groups, groth16, eddsa) are left to --only.
ONLY = r"^(emulation_equal|lanes.*|(programs|hashing)\.x86_ifma|replay_.*)$"


def tests_of(build: Path, only: str) -> list[Program]:
    command = ["ctest", "--test-dir", str(build), "--show-only=json-v1", "-R", only]
    listing = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603
    programs = []
    for test in listing["tests"]:
        if "command" not in test:
            raise MachineError(f"{test['name']} is not built in {build}")
        properties = {each["name"]: each["value"] for each in test["properties"]}
        programs.append(Program(test["name"], tuple(test["command"]), tuple(properties.get("ENVIRONMENT", ()))))
    if not programs:
        raise MachineError(f"{build} has no test that matches {only}")
    return programs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default=ONLY, metavar="REGEX")
    parser.add_argument("--limit", type=float, default=3600, metavar="SECONDS")
    options = parser.parse_args()
    passed, failed = [], []
    try:
        programs = tests_of(options.build, options.only)
        for outcome in run_programs(options.folder.resolve(), programs, limit_s=options.limit):
            (failed if outcome.status else passed).append(outcome.name)
            verdict = f"FAILED ({outcome.status})" if outcome.status else "passed"
            print(f"{outcome.name:<20} {verdict} {outcome.seconds:8.1f} s", flush=True)
            if outcome.status:
                print(outcome.output, flush=True)
    except MachineError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        print(f"{len(passed)} passed, {len(failed)} failed {' '.join(failed)}".rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
