"""The functions and the program do the same: the same bytes, the same reports."""

import json
import shlex
from pathlib import Path

import annoconv
import pytest
from conftest import BONES, ROOT, files, run

OTHER_NAMES = {"from": "from_format", "for": "trainer"}
NUMBERS = {"sample": int, "seed": int, "keep_empty": float}
FLAGS = {"--overwrite", "--prune", "--strict", "--check", "--dry-run", "--diff"}


def goldens():
    """Each command of the fixtures, with its folder."""
    for commands in sorted((ROOT / "fixtures").rglob("commands.txt")):
        for line in commands.read_text().splitlines():
            if not line.startswith("#"):
                target, command = line.split(": ", 1)
                yield pytest.param(commands.parent, target, shlex.split(command), id=target)


def call(command):
    """A command of the program as a call of a function: the function, its paths, its options."""
    name, *words = command
    paths, options = [], {}
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            paths.append(word)
            continue
        option = word[2:].replace("-", "_")
        value = True if word in FLAGS else words.pop(0)
        options[OTHER_NAMES.get(option, option)] = NUMBERS.get(option, lambda it: it)(value)
    return getattr(annoconv, name), paths, options


def timeless(report):
    """A report without the time that it took."""
    return {name: value for name, value in report.items() if name != "elapsed_seconds"}


def without_time(text):
    lines = text.splitlines()
    return [line.rsplit(" in ", 1)[0] if line.endswith(" s") else line for line in lines]


def compare_conversion(program, folder, command, name, scratch, monkeypatch):
    """Both ways write the same, and say the same."""
    monkeypatch.chdir(folder)
    own, other = scratch / "own" / name, scratch / "other" / name
    function, inputs, options = call(command)
    report = function(inputs, own, **options)
    status, printed, _ = run(program, *command, "-o", other, "--report", "json")
    assert status == (0 if report.is_yes else 1)
    assert files(own) == files(other)
    told, expected = timeless(report.to_dict()), timeless(json.loads(printed))
    assert (told.pop("output"), expected.pop("output")) == (str(own), str(other))
    told, expected = (json.dumps(it).replace(str(other), str(own)) for it in (told, expected))
    assert told == expected
    status, printed, _ = run(program, *command, "-o", other, "--check")
    checked = function(inputs, own, check=True, **options)
    shown = [line.replace(str(other), str(own)) for line in without_time(printed)]
    assert without_time(str(checked)) == shown and status == 0 and checked.is_yes
    return own


@pytest.mark.parametrize("folder, target, command", list(goldens()))
def test_fixtures(program, folder, target, command, tmp_path, monkeypatch):
    name = Path(target).name
    own = compare_conversion(program, folder, command, name, tmp_path, monkeypatch)
    assert files(own) == files(folder / target)


def test_the_walk_sees_every_fixture():
    assert {it.values[0] for it in goldens()} == {BONES}
    assert len(list(goldens())) == 26


COCO = "Annotations/COCO JSON/COCO_fracture_masks.json"
FRACATLAS = {
    "yolo": ["coco2yolo", COCO, "--images", "images", "--preset", "fracatlas"],
    "voc": ["yolo2voc", "LABELS", "--images", "images", "--preset", "fracatlas"],
    "vgg.json": ["coco2vgg", COCO, "--images", "images", "--preset", "fracatlas"],
    "segments": ["convert", COCO, "--to", "yolo", "--task", "segment", "--images", "images"],
    "coco.json": ["convert", COCO, "--to", "coco", "--sample", "50", "--seed", "3", "--images", "images"],
    "hf.jsonl": ["convert", COCO, "--to", "hf", "--keep-empty", "0.1", "--images", "images"],
    "split": [
        *["convert", COCO, "--to", "coco", "--split", "train=0.8,val=0.2", "--copies", "bytes"],
        *["--images", "images"],
    ],
}


@pytest.fixture(scope="session")
def labels(fracatlas, tmp_path_factory):
    """YOLO labels of it, with their list of classes."""
    folder = tmp_path_factory.mktemp("fracatlas") / "labels"
    annoconv.coco2yolo(fracatlas / COCO, folder, images=fracatlas / "images", preset="fracatlas")
    return str(folder)


@pytest.mark.parametrize("name", FRACATLAS)
def test_fracatlas(program, fracatlas, labels, name, tmp_path, monkeypatch):
    command = [labels if word == "LABELS" else word for word in FRACATLAS[name]]
    compare_conversion(program, fracatlas, command, name, tmp_path, monkeypatch)


VALIDATIONS = [
    ["validate", ".", "--preset", "fracatlas"],
    ["validate", COCO, "--for", "detectron2"],
    ["validate", ".", "--select", "geometry", "--ignore", "self-crossing"],
]


@pytest.mark.parametrize("command", VALIDATIONS, ids=lambda command: " ".join(command[1:]))
def test_fracatlas_is_judged_alike(program, fracatlas, command, monkeypatch):
    monkeypatch.chdir(fracatlas)
    compare_validation(program, command, forms=())


def compare_validation(program, command, forms=("sarif", "github")):
    """Both ways find the same, and say the same."""
    function, paths, options = call(command)
    validation = function(paths, **options)
    status, printed, _ = run(program, *command, "--format", "json")
    assert validation.to_dict() == json.loads(printed)
    assert status == (0 if validation.is_ok() else 1)
    _, printed, _ = run(program, *command)
    assert without_time(str(validation)) == without_time(printed)
    for form in forms:
        _, printed, _ = run(program, *command, "--format", form)
        assert getattr(validation, form)() == printed, form


@pytest.mark.parametrize(
    "command",
    [
        ["validate", "."],
        ["validate", "coco/annotations.json", "golden/yolo", "--for", "ultralytics"],
        ["validate", "golden/voc", "--images", "images", "--origin", "1"],
    ],
    ids=lambda command: " ".join(command[1:]),
)
def test_fixtures_are_judged_alike(program, command, monkeypatch):
    monkeypatch.chdir(BONES)
    compare_validation(program, command)


def test_fix_is_alike(program, bones):
    status, printed, _ = run(program, "fix", "annotations.json", "--diff", "--images", "images")
    shown = annoconv.fix("annotations.json", diff=True, images="images")
    assert (shown.diff, shown.is_yes) == (printed, status == 0)
    status, printed, _ = run(program, "fix", "annotations.json", "-o", "a.json", "--images", "images")
    fix = annoconv.fix("annotations.json", "b.json", images="images")
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    shown = [line.replace("a.json", "b.json") for line in without_time(printed)]
    assert without_time(str(fix)) == shown and fix.is_yes == (status == 0)


def test_explanations_are_alike(program):
    for code in ("zero-id", "parts-joined", "mask-size", "geometry", "losses", "all"):
        _, printed, _ = run(program, "explain", code)
        assert annoconv.explain(code) == printed


def test_packed_files_are_read_and_named_as_they_were_stated(program, bones):
    import gzip

    Path("a.json.gz").write_bytes(gzip.compress(Path("annotations.json").read_bytes()))
    command = ["coco2vgg", "a.json.gz", "--images", "images"]
    _, printed, _ = run(program, *command, "-o", "a.json", "--report", "json")
    report = annoconv.coco2vgg("a.json.gz", "b.json", images="images")
    assert timeless(json.loads(printed.replace('"a.json"', '"b.json"'))) == timeless(report.to_dict())
    Path("b.json.gz").write_bytes(gzip.compress(b"{"))
    with pytest.raises(annoconv.MalformedError) as caught:
        annoconv.convert("b.json.gz", "c.json", to="vgg", from_format="coco")
    assert caught.value.file == "b.json.gz"
