#!/usr/bin/env bash
# The crate: what is in it, and that what cargo unpacks can be installed and works.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cargo package --package annoconv --list --allow-dirty > "$place/list"
# Sources, the manifest, and what people read. The tests of single modules lie beside them in src; their data does not.
# The other targets are those that the manifest names.
allowed='^(src/.*\.rs|examples/dist\.rs|benches/parts\.rs|tests/(cases|exports|fixtures|fracatlas|pages)\.rs|docs/.*\.md|Cargo\.(toml|toml\.orig|lock)|README\.md|LICENSE-(MIT|APACHE)|CITATION\.cff|(CODE_OF_CONDUCT|CONTRIBUTING|SECURITY)\.md|\.cargo_vcs_info\.json)$'
if grep -vE "$allowed" "$place/list"; then
    echo "crate: these files do not belong into the package" >&2
    exit 1
fi
for needed in src/lib.rs src/main.rs docs/rules.md docs/changelog.md README.md LICENSE-MIT LICENSE-APACHE Cargo.lock; do
    if ! grep -qxF "$needed" "$place/list"; then
        echo "crate: $needed is missing from the package" >&2
        exit 1
    fi
done
# Links of the README lead to files that the package has.
grep -oE '\]\([^)#:]+' README.md | cut -c3- | sort -u | while read -r link; do
    if ! grep -qE "^$link(\$|/)" "$place/list"; then
        echo "crate: README.md links to $link, which the package does not have" >&2
        exit 1
    fi
done
cargo package --quiet --package annoconv --locked --allow-dirty --no-verify
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
tar -xzf "target/package/annoconv-$version.crate" -C "$place"
# The dependencies that the tests have built are used again; a release differs by its optimisation only.
cd "$place/annoconv-$version"
CARGO_TARGET_DIR="$root/target" cargo install --quiet --path . --locked --debug --root "$place/installed"
program="$place/installed/bin/annoconv"
test "$("$program" --version)" = "annoconv $version"
bones="$root/fixtures/bones"
"$program" coco2yolo "$bones/coco/annotations.json" --images "$bones/images" -o "$place/yolo" --quiet
diff -r "$bones/golden/yolo" "$place/yolo"
echo "crate: $(wc -l < "$place/list") files, $(stat -c %s "$root/target/package/annoconv-$version.crate") bytes; installed from it, the program works"
