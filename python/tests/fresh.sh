#!/usr/bin/env bash
# A machine with Python and nothing else: the wheel in an environment of its own, without network where the
# system can do that, and without numpy. The main commands of the README and a session of ten lines run there.
# Usage: python/tests/fresh.sh WHEEL [PYTHON]
set -euo pipefail
wheel=$(realpath "$1")
python=${2:-python3}
bones=$(realpath "$(dirname "$0")/../../fixtures/bones")
if [ -z "${ANNOCONV_ALONE:-}" ] && unshare --map-root-user --net true 2>/dev/null; then
    ANNOCONV_ALONE="without network" exec unshare --map-root-user --net bash "$0" "$@"
fi
echo "fresh: $("$python" --version), ${ANNOCONV_ALONE:-with network: unshare is not allowed here}"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
# Nothing of the caller's environment.
alone() { env -i PATH="$place/venv/bin:/usr/bin:/bin" HOME="$place" PYTHONDONTWRITEBYTECODE=1 "$@"; }
alone pip --disable-pip-version-check install --quiet --no-index "$wheel"
cp -r "$bones/images" "$bones/coco/annotations.json" "$place"
cd "$place"

alone annoconv coco2yolo annotations.json --images images -o labels
alone annoconv yolo2voc labels --images images -o voc
alone annoconv coco2vgg annotations.json --images images -o via.json
alone annoconv convert annotations.json --to yolo --task segment --images images -o segments
alone annoconv convert via.json --to coco --images images -o from-via.json
alone annoconv convert annotations.json --images images --split train=0.8,val=0.2 --for ultralytics -o ready
alone annoconv validate ready --for ultralytics
alone annoconv fix annotations.json --images images -o fixed.json
alone annoconv explain zero-id >explained
alone annoconv coco2yolo annotations.json --images images -o labels --check --quiet
diff -r labels "$bones/golden/yolo"
diff via.json "$bones/golden/via2.json"

alone python - <<'SESSION'
import annoconv
report = annoconv.convert("annotations.json", "py", to="yolo", images="images", progress=print)
print(report)
dropped = sum(loss.count for loss in report.losses if loss.dropped)
assert report.annotations_read == report.annotations_written + dropped
assert annoconv.validate("ready", trainer="ultralytics").is_ok()
assert annoconv.fix("annotations.json", "mended.json").is_yes
try:
    annoconv.convert("nothing.json", "x.json", to="vgg")
except annoconv.FileError as error:
    print(type(error).__name__, error.file, error)
SESSION
diff -r py labels

# Python alone, and how long the package takes of its start.
alone python - <<'MEASURE'
import statistics, subprocess, sys

def seconds(line):
    code = f"import time; t = time.perf_counter(); {line}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)

times = sorted(seconds("import annoconv") for _ in range(21))
print(f"import annoconv: {statistics.median(times) * 1000:.1f} ms (median of {len(times)})")
MEASURE
echo "fresh: all is well"
