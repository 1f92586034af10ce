"""Read pytest's JUnit report: nothing may have failed, and nothing may have been skipped or expected to fail.

Usage: check_report.py REPORT.xml [minimum number of tests].  The last line printed is "N passed, N failed".
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree


def main(path: str, minimum: int) -> int:

    cases = list(ElementTree.parse(path).getroot().iter("testcase"))  # noqa: S314
    passed, failed, skipped = 0, 0, 0
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print(f"failed:  {name}")
        elif skip is not None:
            skipped += 1
            print(f"skipped: {name}: {skip.get('message')}")
        else:
            passed += 1
    if passed < minimum:
        print(f"only {passed} tests passed, at least {minimum} were expected")
        failed += 1
    print(f"{passed} passed, {failed + skipped} failed" + (f" ({skipped} of them skipped)" if skipped else ""))
    return 1 if failed or skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1))
