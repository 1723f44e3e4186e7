#!/usr/bin/env bash
# The program of a release build is below 8 MB on Linux with x86-64: size.sh PROGRAM. README.md states the size.
set -euo pipefail
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "size: not checked on $(uname -sm)"
    exit 0
fi
size=$(stat -c %s "$1")
if [ "$size" -ge 8000000 ]; then
    echo "size: $1 has $size bytes; expected less than 8000000. What grew: nm --size-sort of a build with strip=false" >&2
    exit 1
fi
echo "size: $size bytes"
