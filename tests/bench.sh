#!/usr/bin/env bash
# Times of each command on FracAtlas, and of the start alone: medians of several runs. `validate`
# is measured beside what it cannot do without: reading the annotations and the images' headers.
set -euo pipefail
program=$(realpath "$1")
runs=${RUNS:-11}
made=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")
trap 'rm -rf "$made"' EXIT

# median NAME COMMAND…: milliseconds, the median of $runs runs, each to a new NEW
median() {
    local name=$1
    shift
    local times=()
    for run in $(seq "$runs"); do
        local start end
        start=$(date +%s%N)
        "${@/#NEW/$made/new$run}" > /dev/null
        end=$(date +%s%N)
        times+=($((end - start)))
        rm -rf "$made/new$run"*
    done
    printf '%s\n' "${times[@]}" | sort -n | awk -v name="$name" \
        '{ t[NR] = $1 } END { printf "%-44s %9.2f ms\n", name, t[int((NR + 1) / 2)] / 1e6 }'
}

echo "median of $runs runs, $(nproc) cores"
median "another program's start (true)" /bin/true
median "start-up (annoconv --version)" "$program" --version
if [ -z "${FRACATLAS_DIR:-}" ]; then
    echo "FRACATLAS_DIR is not set: the conversions of FracAtlas are left out"
    exit 0
fi
images=$FRACATLAS_DIR/images
coco="$FRACATLAS_DIR/Annotations/COCO JSON/COCO_fracture_masks.json"
fracatlas=(--preset fracatlas)
"$program" coco2yolo "$coco" --images "$images" "${fracatlas[@]}" -o "$made/YOLO" --quiet
median "coco2yolo FracAtlas, sizes from COCO" "$program" coco2yolo "$coco" "${fracatlas[@]}" -o NEW
median "coco2yolo FracAtlas, with 768 images" "$program" coco2yolo "$coco" --images "$images" "${fracatlas[@]}" -o NEW
median "yolo2voc FracAtlas, with 768 images" "$program" yolo2voc "$made/YOLO" --images "$images" "${fracatlas[@]}" -o NEW
median "coco2vgg FracAtlas, with 768 images" "$program" coco2vgg "$coco" --images "$images" "${fracatlas[@]}" -o NEW.json

# Files as `cat` reads them, and of each image as much as holds its header.
reading() {
    find "$FRACATLAS_DIR/Annotations" "$FRACATLAS_DIR/dataset.csv" -type f -exec cat {} +
    find "$images" -type f -exec head -q -c 4096 {} +
}
median "validate FracAtlas" "$program" validate "$FRACATLAS_DIR" "${fracatlas[@]}" --fail-on never | tee "$made/validate"
median "cat of the annotations, head of the images" reading | tee "$made/reading"
awk '{ t[NR] = $(NF - 1) } END { printf "%-44s %9.2f\n", "validate / reading", t[1] / t[2] }' \
    "$made/validate" "$made/reading"
