"""What the tests share."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BONES = ROOT / "fixtures" / "bones"


@pytest.fixture
def bones(tmp_path, monkeypatch):
    """The current folder, with the COCO file of the fixture beside its images."""
    shutil.copytree(BONES / "images", tmp_path / "images")
    shutil.copy(BONES / "coco" / "annotations.json", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def program():
    """The program that is not of Python."""
    path = os.environ.get("ANNOCONV_PROGRAM", ROOT / "target" / "debug" / "annoconv")
    if not Path(path).is_file():
        pytest.skip("there is no program to compare with: cargo build, or ANNOCONV_PROGRAM")
    return str(Path(path).resolve())


@pytest.fixture(scope="session")
def fracatlas():
    """The published dataset."""
    path = os.environ.get("FRACATLAS_DIR")
    if not path:
        pytest.skip("FRACATLAS_DIR is not set")
    return Path(path).resolve()


def run(program, *arguments, folder=None):
    """Runs a program. Returns its exit status and what it printed."""
    command = [*([program] if isinstance(program, str) else program), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


def files(path):
    """The bytes of all files below a folder, by name; of a file, its own."""
    path = Path(path)
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {str(it.relative_to(path)): it.read_bytes() for it in path.rglob("*") if it.is_file()}
