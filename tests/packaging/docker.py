"""The Dockerfile's sources are there and are not ignored, and what it copies is enough to build: docker.py. No engine is used."""

import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def first_stage():
    """The instructions of the stage that builds, lines that go on joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)
    assert len(stages) == 3, "two stages"
    return stages[1].splitlines()


def is_sent(source, rules):
    """Whether a file at the top of the context is sent to the engine: the last rule that fits decides."""
    sent = True
    for rule in rules:
        if fnmatch.fnmatch(source, rule.lstrip("!")):
            sent = rule.startswith("!")
    return sent


def copied(folder):
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    copies = [line.split()[1:] for line in first_stage() if line.startswith("COPY ")]
    for *sources, _ in copies:
        for source in sources:
            assert (ROOT / source).exists(), f"Dockerfile: COPY {source}: no such file"
            assert is_sent(source, rules), f"Dockerfile: COPY {source}: .dockerignore leaves it out"
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("target", "corpus"))
            else:
                shutil.copy(ROOT / source, folder / source)
    return sum(len(it) - 1 for it in copies)


def main():
    command = next(line.removeprefix("RUN ") for line in first_stage() if line.startswith("RUN cargo "))
    assert command.split()[:4] == ["cargo", "build", "--release", "--locked"], command
    with tempfile.TemporaryDirectory() as folder:
        count = copied(pathlib.Path(folder))
        # Checked, not built: the same sources, features and lock file, in a minute less.
        check = ["cargo", "check", "--quiet", *command.split()[3:]]
        done = subprocess.run(check, cwd=folder, env=os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target")})
    if done.returncode:
        sys.exit(f"Dockerfile: what it copies does not pass {' '.join(check)}")
    print(f"Dockerfile: {count} sources are there, and enough for {command}; the image itself was not built")


main()
