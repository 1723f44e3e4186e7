"""Every file that names the version of annoconv names that of Cargo.toml: `versions.py [TAG]`; a tag is "v" and the version."""

import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A file, a pattern around each version in it, and how often it is there.
PLACES = [
    ("pyproject.toml", r'^version = "(.+)"$', 1),
    ("pyproject.toml", r'^dependencies = \["annoconv==(.+)"\]$', 1),
    ("CITATION.cff", r"^version: (.+)$", 1),
    ("action.yml", r'^  version:\n.*\n    default: "(.+)"$', 1),
    ("README.md", r"OWNER/annoconv@v([\w.]+)", 1),
    ("docs/validate.md", r"URL_OF_ANNOCONV\n    rev: v(.+)$", 1),
    ("docs/validate.md", r"OWNER/annoconv@v(.+)$", 2),
    ("docs/validate.md", r"pip install annoconv==([\w.]+)", 1),
]


def differences(version):
    for name, pattern, count in PLACES:
        found = re.findall(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        if len(found) != count:
            yield f"{name}: expected {count} places like {pattern!r}, found {len(found)}"
        yield from (f"{name}: expected {version}, found {it}" for it in found if it != version)


def main():
    version = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    wrong = list(differences(version))
    wrong += [f"the tag: expected v{version}, found {tag}" for tag in sys.argv[1:] if tag != f"v{version}"]
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"versions: {len(PLACES)} kinds of places name {version}")


main()
