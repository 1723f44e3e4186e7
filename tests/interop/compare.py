#!/usr/bin/env python3
"""Holds what annoconv finds in FracAtlas against what fracatlas.py does, which shares no code with it.

    compare.py PROGRAM DATASET_ROOT
"""
import json
import pathlib
import subprocess
import sys

# The rules that say what fracatlas.py calls otherwise.
RULES = {
    "file-length": {"length-differs"},
    "exif-upside-down": {"exif-flipped"},
    # It tells no missing end marker from one that other bytes follow.
    "truncated-image": {"truncated-image", "trailing-data"},
    "folder": {"image-folder"},
    # The splits are held against the table there; here the table's value is what is wrong.
    "split": {"table-value"},
}
# Warnings about the dataset as a whole, or this copy of it, that fracatlas.py does not look for.
OTHERS = {"zero-id", "zero-category-id", "truncated-coordinates", "background-missing", "table-logic"}


def main(program, root):
    script = pathlib.Path(__file__).with_name("fracatlas.py")
    proof = json.loads(subprocess.run([sys.executable, script, root], check=True, capture_output=True).stdout)
    run = subprocess.run([program, "validate", root, "--preset", "fracatlas", "--format", "json",
                          "--ignore", "subset-near-copy"], capture_output=True)
    assert run.returncode == 1, run.stderr
    findings = json.loads(run.stdout)["findings"]
    assert len(proof) > 40, f"only {len(proof)} proofs"
    failures = []
    explained = set()
    for entry in proof:
        rules = RULES.get(entry["kind"], {entry["kind"]})
        # A changed object is told at its place in the derived file, by its number there.
        named = None if entry["kind"] == "shape-changed" else entry["annotation"]
        fitting = [at for at, finding in enumerate(findings)
                   if finding["code"] in rules and finding.get("image") == entry["image"]
                   and (named is None or finding.get("annotation") == str(named))]
        explained.update(fitting)
        if not fitting:
            failures.append(f"not found: {entry}")
    for at, finding in enumerate(findings):
        if at not in explained and (finding["severity"] == "error" or finding["code"] not in OTHERS):
            failures.append(f"not proved: {finding}")
    print("\n".join(failures) or f"FracAtlas: {len(proof)} proofs, each found; "
          f"{sum(finding['severity'] == 'error' for finding in findings)} errors, each proved")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
