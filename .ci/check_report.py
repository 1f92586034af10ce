"""Read pytest's JUnit reports: nothing may have failed, and nothing may have been skipped or expected to fail.

Usage: check_report.py REPORT.xml...  The last line printed is "N passed, N failed".
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree


def main(paths: list[str]) -> int:
    passed, failed, skipped = 0, 0, 0
    for path in paths:
        before = passed
        for case in ElementTree.parse(path).getroot().iter("testcase"):  # noqa: S314 (our own pytest wrote it)
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
        if passed == before:
            failed += 1
            print(f"{path}: no test passed")
    print(f"{passed} passed, {failed + skipped} failed" + (f" ({skipped} of them skipped)" if skipped else ""))
    return 1 if failed or skipped or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
