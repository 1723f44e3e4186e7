#!/usr/bin/env bash
# What we write, read by the programs that it is for: pycocotools, Ultralytics, torchvision, VIA, LabelMe,
# masks painted again by Ultralytics' code with OpenCV (masks.py), and what validate prints, checked against
# the schema of SARIF. trainers.py loads what --for writes with the code of each trainer; what validate --for says is compared with it on seeded faults (trainers_*.py).
# A virtual environment with pinned versions is made below target/; of Ultralytics, torchvision,
# LabelMe, RF-DETR and MMDetection only the wheels are fetched, whose loading code is taken out, so that no torch is needed.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
if [ -n "${FRACATLAS_DIR:-}" ]; then
    python3 "$here/compare.py" "$program" "$FRACATLAS_DIR"
else
    echo "FRACATLAS_DIR is not set: what validate finds there is not compared with a plain script"
fi
place=$(dirname "$(dirname "$program")")/interop
mkdir -p "$place/wheels"
if [ ! -x "$place/venv/bin/python" ]; then
    python3 -m venv "$place/venv"
fi
"$place/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
if ! "$place/venv/bin/python" "$here/check.py" --wheels "$place/wheels" --have "$here/wheels.txt"; then
    "$place/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
        --dest "$place/wheels" -r "$here/wheels.txt"
fi
"$place/venv/bin/python" "$here/masks.py" --wheels "$place/wheels" --program "$program"
for script in trainers_yolo trainers_coco trainers_voc; do
    "$place/venv/bin/python" "$here/$script.py" --wheels "$place/wheels" --program "$program"
done
"$place/venv/bin/python" "$here/labelme.py" --wheels "$place/wheels" --program "$program" \
    --fixtures "$here/../../fixtures"
"$place/venv/bin/python" "$here/sarif.py" --wheels "$place/wheels" --program "$program" \
    --fixtures "$here/../../fixtures"
"$place/venv/bin/python" -W ignore "$here/trainers.py" --wheels "$place/wheels" --program "$program"
exec "$place/venv/bin/python" "$here/check.py" --wheels "$place/wheels" --program "$program" \
    --fixtures "$here/../../fixtures"
