#!/usr/bin/env bash
# What users install, and what runs elsewhere: the program's size, the crate, the hook, the action, the workflows, the Dockerfile, the community
# files. A virtual environment with pinned versions is made below target/.
# run.sh PROGRAM: the program of a release build.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
program=$(realpath "$1")
place="$root/target/packaging"
bin="$place/venv/bin"
mkdir -p "$place"
# shellcheck source=tests/packaging/datasets.sh
. "$here/datasets.sh"
if [ ! -x "$bin/python" ]; then
    python3 -m venv "$place/venv"
fi
"$bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$here/requirements.txt"

echo "== versions and size"
"$bin/python" "$here/versions.py"
bash "$here/size.sh" "$program"

echo "== workflows, action, forms, scripts"
cd "$root"
# actionlint runs shellcheck on the scripts of workflows, where it finds it.
PATH="$bin:$PATH" "$bin/actionlint" .github/workflows/*.yml
schema() {
    "$bin/check-jsonschema" --quiet --builtin-schema "vendor.$1" "${@:2}"
}
schema github-workflows .github/workflows/*.yml
schema github-actions action.yml
schema dependabot .github/dependabot.yml
schema github-issue-config .github/ISSUE_TEMPLATE/config.yml
schema github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
schema citation-file-format CITATION.cff
"$bin/zizmor" --offline --quiet --no-progress --config .github/zizmor.yml .github action.yml
"$bin/shellcheck" --external-sources "$here"/*.sh .ci/run
"$bin/hadolint" Dockerfile
"$bin/pre-commit" validate-manifest .pre-commit-hooks.yaml

echo "== crate and Dockerfile"
bash "$here/crate.sh"
"$bin/python" "$here/docker.py"

echo "== hook and action, with the wheel"
rm -rf "$place/wheels" "$place/datasets"
"$bin/maturin" build --quiet --manifest-path python/Cargo.toml --out "$place/wheels"
datasets "$program" "$place/datasets"
bash "$here/pre_commit.sh" "$place/venv" "$place/wheels" "$place/datasets"
"$bin/python" "$here/action.py" "$place/wheels" "$place/datasets"
