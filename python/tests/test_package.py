"""The package as it is installed."""

import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import annoconv
import pytest


def test_importing_needs_nothing_else():
    # Each of these takes longer to import than the package.
    others = ("numpy", "dataclasses", "json", "inspect", "asyncio")
    code = f"import sys, annoconv; print([it for it in {others} if it in sys.modules])"
    isolated = [sys.executable, "-S", "-c", "import sys; sys.path[:] = " + repr(sys.path) + "; " + code]
    printed = subprocess.run(isolated, capture_output=True, text=True, check=True)
    assert printed.stdout == "[]\n"


def test_reports_are_there_when_they_are_asked_for():
    assert annoconv.Report.__module__ == "annoconv._reports" and "Report" in dir(annoconv)
    with pytest.raises(AttributeError, match="has no attribute 'Reports'"):
        annoconv.Reports


def test_everything_public_is_there_and_documented():
    for name in annoconv.__all__:
        thing = getattr(annoconv, name)
        assert isinstance(thing, str) or thing.__doc__, name
        own = getattr(thing, "__module__", "annoconv")
        assert own.split(".")[0] == "annoconv", name


def test_the_metadata_says_what_it_is():
    about = importlib.metadata.metadata("annoconv")
    assert about["Version"] == annoconv.__version__
    assert about["Requires-Python"] == ">=3.9"
    assert about["License-Expression"] == "MIT OR Apache-2.0"
    assert sorted(about.get_all("License-File")) == ["LICENSE-APACHE", "LICENSE-MIT"]
    assert "doctest" not in (about["Description"] or "") and len(about.get_payload()) > 1000
    assert all(" extra == " in it for it in importlib.metadata.requires("annoconv") or [])


def test_the_types_and_the_licenses_are_in_the_wheel():
    names = {Path(str(it)).name for it in importlib.metadata.files("annoconv") or []}
    if "__init__.py" not in names:
        pytest.skip("it is installed in place, without a wheel")
    assert {"py.typed", "_annoconv.pyi", "LICENSE-APACHE", "LICENSE-MIT"} <= names


needs_mypy = pytest.mark.skipif(not importlib.util.find_spec("mypy"), reason="mypy is not installed")


def mypy(folder, *arguments):
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@needs_mypy
def test_the_types_are_right(tmp_path):
    done = mypy(tmp_path, "mypy", "--strict", "-p", "annoconv")
    assert done.returncode == 0, done.stdout + done.stderr


@needs_mypy
def test_the_types_are_those_of_what_is_there(tmp_path):
    # It takes names of Literal types for functions.
    (tmp_path / "passed").write_text(r"annoconv\._types\..*")
    done = mypy(tmp_path, "mypy.stubtest", "annoconv", "--allowlist", "passed", "--ignore-unused-allowlist")
    assert done.returncode == 0, done.stdout + done.stderr


USE = """
import annoconv
report = annoconv.convert("a.json", "b", to="yolo", precision=4)
reveal_type(report.losses[0].count)
reveal_type(annoconv.validate(".").findings[0].line)
annoconv.convert("a.json")
annoconv.convert("a.json", "b", to=3)
annoconv.convert("a.json", "b", to="yolo", place="copied")
"""


@needs_mypy
def test_a_checker_of_types_sees_mistakes(tmp_path):
    (tmp_path / "use.py").write_text(USE)
    lines = mypy(tmp_path, "mypy", "--strict", "use.py").stdout.splitlines()
    assert '"builtins.int"' in lines[0] or '"int"' in lines[0], lines
    assert "int" in lines[1] and "None" in lines[1]
    assert 'Missing positional argument "output"' in lines[2] and '"to"' in lines[3]
    assert '"place"' in lines[4] and len(lines) == 6
