# shellcheck shell=bash
# Two datasets for the checks: "good", a COCO file and the labels that follow from it, and "bad", with one number of a label changed.
# datasets PROGRAM FOLDER
datasets() {
    local bones
    bones="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/fixtures/bones"
    mkdir -p "$2/good"
    cp "$bones/coco/annotations.json" "$2/good"
    cp -r "$bones/images" "$2/good"
    "$1" coco2yolo "$2/good/annotations.json" --images "$2/good/images" -o "$2/good/labels" --quiet
    cp -r "$2/good" "$2/bad"
    local label="$2/bad/labels/Fractured/BONE0001.txt"
    sed '1s/ 0\.[0-9]* / 0.111111 /' "$label" > "$label.new"
    ! cmp -s "$label" "$label.new"
    mv "$label.new" "$label"
}
