#!/usr/bin/env bash
# The Python package as its users get it: the wheel is built, installed into a fresh virtual environment with
# nothing but what the tests need, and tested there. Usage: python/tests/run.sh PROFILE, a profile of cargo:
# release is what is published (the wheel's own profile is "wheel"), dev is built faster. All is made below
# target/python.
set -euo pipefail
profile=$1
cd "$(dirname "$0")/../.."
place=target/python
wheels=$place/wheels
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
case $profile in
    dev) export ANNOCONV_PROGRAM=$PWD/target/debug/annoconv of_wheel=dev ;;
    *) export ANNOCONV_PROGRAM=$PWD/target/$profile/annoconv of_wheel=wheel ;;
esac
cargo build --profile "$profile"

if [ ! -x $place/tools/bin/python ]; then
    python3 -m venv $place/tools
fi
tools=$PWD/$place/tools/bin
"$tools/pip" install --quiet -r python/tests/requirements.txt -r python/tests/requirements-tools.txt
rm -rf $wheels
"$tools/maturin" build --profile "$of_wheel" --manifest-path python/Cargo.toml --out $wheels
"$tools/maturin" sdist --manifest-path python/Cargo.toml --out $wheels
wheel=$(echo $wheels/*.whl)
"$tools/twine" check --strict $wheels/*

# What a user has.
python3 -m venv --clear $place/fresh
$place/fresh/bin/pip install --quiet "$wheel" -r python/tests/requirements.txt
$place/fresh/bin/python -m pytest python -p no:cacheprovider

# What a checker of types sees.
"$tools/pip" install --quiet --force-reinstall --no-deps "$wheel"
"$tools/python" -m pytest python/tests/test_package.py -k type -p no:cacheprovider

# A wheel made from the source distribution. In a target folder of its own: cargo would take what it has
# built here for what is to be built there.
rm -rf $place/sdist
mkdir $place/sdist
tar -xzf $wheels/*.tar.gz -C $place/sdist --strip-components 1
CARGO_TARGET_DIR=$PWD/$place/target "$tools/maturin" build --profile dev --locked \
    --manifest-path $place/sdist/python/Cargo.toml --out $place/sdist/wheels
bash python/tests/fresh.sh "$(echo $place/sdist/wheels/*.whl)"
bash python/tests/fresh.sh "$wheel"
