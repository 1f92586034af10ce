"""Choose the corpus to commit: few inputs that reach together what all inputs reach, found by native/fuzz/run.

    keep.py FOLDER [--most 48]     FOLDER is what native/fuzz/run was given

libFuzzer's merge tells the features (edges, and how often) of every input, committed ones and new ones; the input that
adds most features is taken until nothing is added or ``--most`` are taken, because every one costs time in every ctest.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"


def features_of(program: Path, folders: list[Path]) -> dict[Path, set[int]]:
    """Features by input, from the control file of a merge: the names of all files, then FT lines by their number."""
    with tempfile.TemporaryDirectory() as scratch:
        control, merged = Path(scratch, "control"), Path(scratch, "merged")
        merged.mkdir()
        options = ["-merge=1", f"-merge_control_file={control}", "-verbosity=0", "-timeout=60"]
        subprocess.run([program, *options, merged, *folders], check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        lines = control.read_text().splitlines()
    count = int(lines[0])
    paths = [Path(line) for line in lines[2 : 2 + count]]
    rows = (line.split() for line in lines[2 + count :] if line.startswith("FT "))
    return {paths[int(row[1])]: {int(feature) for feature in row[2:]} for row in rows}


def choose(features: dict[Path, set[int]], most: int) -> list[Path]:
    """Greedily; of equal gain the shorter input."""
    left, chosen = {path: set(found) for path, found in features.items()}, []
    while left and len(chosen) < most:
        path = max(left, key=lambda path: (len(left[path]), -path.stat().st_size, path.name))
        gained = left.pop(path)
        if not gained:
            break
        chosen.append(path)
        for found in left.values():
            found -= gained
    return chosen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=48)
    options = parser.parse_args()
    for program in sorted(options.folder.glob("build/fuzz/fuzz_*")):
        name = program.name.removeprefix("fuzz_")
        kept, new = CORPUS / name, options.folder / "corpus" / name
        features = features_of(program, [folder for folder in (kept, new) if folder.is_dir()])
        contents = [path.read_bytes() for path in choose(features, options.most)]
        for old in kept.glob("*"):
            old.unlink()
        kept.mkdir(parents=True, exist_ok=True)
        for content in contents:
            (kept / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
        total, size = len(set().union(*features.values())), sum(map(len, contents))
        print(f"{name}: {len(contents)} of {len(features)} inputs, {size} bytes, {total} features among all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
