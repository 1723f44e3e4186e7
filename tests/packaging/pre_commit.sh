#!/usr/bin/env bash
# The hook as a user has it: installed by pre-commit from this repository, with the wheel of a folder instead of the package index's.
# It passes on a good dataset, fails on a bad one, and compiles nothing.
# pre_commit.sh VENV WHEELS FOLDER: the folder has the datasets.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
venv=$(realpath "$1") wheels=$(realpath "$2") datasets=$(realpath "$3")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export PRE_COMMIT_HOME="$place/cache" PIP_FIND_LINKS="$wheels" PIP_DISABLE_PIP_VERSION_CHECK=1
export GIT_CONFIG_GLOBAL="$place/gitconfig" GIT_CONFIG_NOSYSTEM=1
git config --global user.name "Nobody"
git config --global user.email "nobody@example.invalid"
git config --global init.defaultBranch main
# A compiler that is called has a name that does nothing but fail.
mkdir "$place/none"
for name in cargo rustc maturin cc gcc; do
    printf '#!/bin/sh\necho "the hook compiles: %s" >&2\nexit 1\n' "$name" > "$place/none/$name"
    chmod +x "$place/none/$name"
done
# The repository of the hook: the files of this one, as a commit of their own.
mkdir "$place/hook"
cp "$root/pyproject.toml" "$root/.pre-commit-hooks.yaml" "$place/hook"
cp -r "$root/python" "$root/src" "$root/Cargo.toml" "$place/hook"
git -C "$place/hook" init --quiet
git -C "$place/hook" add --all
git -C "$place/hook" commit --quiet --message "hook"

# Runs the hook in a repository with one of the datasets.
run() {
    cp -r "$datasets/$1" "$place/$1"
    git -C "$place/$1" init --quiet
    git -C "$place/$1" add --all
    (cd "$place/$1" && PATH="$place/none:$PATH" "$venv/bin/pre-commit" try-repo "$place/hook" annoconv-validate --all-files --verbose) \
        > "$place/$1.log" 2>&1
}

if ! run good; then
    cat "$place/good.log"
    echo "pre-commit: the hook fails on a good dataset" >&2
    exit 1
fi
grep -q "annoconv validate.*Passed" "$place/good.log"
if run bad; then
    cat "$place/bad.log"
    echo "pre-commit: the hook passes a bad dataset" >&2
    exit 1
fi
if ! grep -q "labels/Fractured/BONE0001.txt:1:" "$place/bad.log"; then
    cat "$place/bad.log"
    echo "pre-commit: the finding is not shown" >&2
    exit 1
fi
echo "pre-commit: the hook is installed without a compiler, passes a good dataset and stops a bad one"
