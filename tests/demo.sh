#!/bin/sh
# The main job on the fixture dataset: three conversions, then what was made.
set -eu
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/../fixtures/bones"
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
for line in \
    "coco2yolo coco/annotations.json --images images -o $made/YOLO" \
    "yolo2voc $made/YOLO --images images -o $made/VOC" \
    "coco2vgg coco/annotations.json --images images -o $made/VIA.json"; do
    echo "\$ annoconv $line"
    # shellcheck disable=SC2086 # words are meant
    "$program" $line
    echo
done
echo "made:"
(cd "$made" && find . -type f | sort)
echo
echo "YOLO/Fractured/BONE0001.txt:"
cat "$made/YOLO/Fractured/BONE0001.txt"
echo
echo "VOC/Fractured/BONE0002.xml (stored 60x40, EXIF orientation 6, displayed 40x60):"
cat "$made/VOC/Fractured/BONE0002.xml"
