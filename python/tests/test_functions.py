"""The functions by themselves: what they give back, and the forms of their arguments."""

import inspect
import os
from pathlib import Path

import annoconv
import pytest
from conftest import files


def test_a_report_has_the_members_of_its_dictionary(bones):
    report = annoconv.convert("annotations.json", Path("labels"), to="yolo", images=Path("images"))
    members = report.to_dict()
    assert report.is_yes and report.from_format == members["from"] == "coco"
    assert (report.images, report.annotations_read, report.annotations_written) == (6, 6, 5)
    for name in ("command", "to", "input", "output", "files_written", "elapsed_seconds", "split"):
        assert getattr(report, name) == members[name], name
    assert [loss.count for loss in report.losses] == [row["count"] for row in members["losses"]]
    assert report.losses[0] == annoconv.Loss("crowd", 1, True, ("BONE0004.jpg#0",))
    dropped = sum(loss.count for loss in report.losses if loss.dropped)
    assert report.annotations_read == report.annotations_written + dropped
    assert report.classes == {"0": "fracture", "1": "hardware & screws"}
    assert report.negatives_added == 1
    assert str(report).startswith("convert: 6 images, 5 of 6 annotations, 7 files written to labels in ")
    assert len(os.listdir("labels")) > 0


def test_strict_and_check_answer_no_without_an_exception(bones):
    options = {"to": "yolo", "images": "images"}
    report = annoconv.convert("annotations.json", "labels", strict=True, **options)
    assert not report.is_yes and report.files_written == 0 and not Path("labels").exists()
    annoconv.convert("annotations.json", "labels", **options)
    assert annoconv.convert("annotations.json", "labels", check=True, **options).is_yes
    Path("labels/Fractured/BONE0001.txt").write_text("0 0 0 0 0\n")
    report = annoconv.convert("annotations.json", "labels", check=True, **options)
    [difference] = report.differences
    assert not report.is_yes and difference.kind == "changed"
    assert (difference.file, difference.line) == ("labels/Fractured/BONE0001.txt", 1)


def test_a_trial_writes_nothing(bones):
    report = annoconv.convert("annotations.json", "x.json", to="vgg", images="images", dry_run=True)
    assert report.is_yes and report.files_written == 1 and not Path("x.json").exists()


def test_names_of_classes_can_be_a_list_or_a_file(bones):
    names = ["hardware & screws", "fracture"]
    Path("names.txt").write_text("\n".join(names))
    for output, classes in [("a", names), ("b", "names.txt"), ("c", tuple(names))]:
        report = annoconv.coco2yolo("annotations.json", output, images="images", classes=classes)
        assert list(report.classes.values()) == names
    assert files("a") == files("b") == files("c")


def test_edits_take_dictionaries_and_texts(bones):
    common = {"to": "coco", "images": "images"}
    one = annoconv.convert(
        "annotations.json", "a", split={"train": 0.8, "val": 0.2}, rename={"fracture": "a=b"}, **common
    )
    assert "a=b" in one.classes.values() and one.split["subsets"][0]["name"] == "train"
    two = annoconv.convert(
        ["annotations.json"], "b", split="train=0.8,val=0.2", rename=["fracture=lesion"], **common
    )
    assert "lesion" in two.classes.values()
    images = "file_name\nBONE0001.jpg\n"
    Path("first.csv").write_text(images)
    by_name = annoconv.convert("annotations.json", "c", split_from={"train": "first.csv"}, **common)
    by_path = annoconv.convert("annotations.json", "d", split_from=Path("first.csv"), **common)
    assert by_name.split["given"] == by_path.split["given"] == 1
    assert [it["name"] for it in by_name.split["subsets"]] == ["train"]
    assert [it["name"] for it in by_path.split["subsets"]] == ["first"]


def test_settings_can_be_of_one_side(bones):
    annoconv.convert("annotations.json", "voc", to="voc", images="images", origin=1)
    annoconv.convert("voc", "same", to="voc", images="images", origin=1)
    annoconv.convert("voc", "moved", to="voc", images="images", read_origin=1, write_origin=0)
    assert files("voc") == files("same") != files("moved")
    annoconv.convert("annotations.json", "zero", to="voc", images="images")
    name = "Fractured/BONE0001.xml"
    assert files("moved")[name] == files("zero")[name]


def test_a_validation_has_findings_with_their_places(bones):
    validation = annoconv.validate("annotations.json")
    [finding] = validation.findings
    assert (finding.rule, finding.severity) == ("zero-id", "warning")
    assert (finding.file, finding.line, finding.column) == ("annotations.json", 11, 12)
    assert finding.image == "BONE0001.jpg" and finding.places == ()
    assert validation.is_ok() and not validation.is_ok("warning") and validation.is_ok("never")
    with pytest.raises(annoconv.UsageError, match="fail_on: expected error, warning or never"):
        validation.is_ok("warnings")
    assert validation.to_dict()["summary"] == {"errors": 0, "warnings": 1, "infos": 0}
    assert '"zero-id"' in validation.sarif() and "::warning" in validation.github()
    assert "<testsuite" in validation.junit() and str(validation) == validation.text()
    assert annoconv.validate("annotations.json", ignore=["zero-id"]).findings == ()
    assert annoconv.validate(coco="annotations.json", images="images").inputs[0].format == "coco"


def test_parts_can_be_named_by_each_format():
    parameters = inspect.signature(annoconv.validate).parameters
    assert all(format.name in parameters for format in annoconv.formats())


def test_fix_shows_writes_and_replaces(bones):
    before = Path("annotations.json").read_bytes()
    shown = annoconv.fix("annotations.json", diff=True)
    assert not shown.is_yes and shown.files_written == 0 and str(shown) == shown.diff
    assert shown.diff.startswith("--- a/annotations.json\n")
    assert Path("annotations.json").read_bytes() == before
    written = annoconv.fix("annotations.json", "fixed.json")
    assert written.is_yes and written.files_written == 1 and written.diff is None
    assert [(it.rule, it.count) for it in written.mended] == [("zero-id", 1)]
    assert Path("annotations.json").read_bytes() == before
    annoconv.fix("annotations.json", in_place=True)
    assert Path("annotations.json").read_bytes() == Path("fixed.json").read_bytes() != before
    with pytest.raises(annoconv.RefusedError):
        annoconv.fix("annotations.json", "fixed.json")


def test_settings_of_formats_are_keywords():
    voc = {format.name: format for format in annoconv.formats()}["voc"]
    assert "pascal-voc" in voc.aliases and "parts" in voc.holds
    settings = {setting.name: setting for setting in voc.settings}
    assert settings["far_edge"].choices == ("exclusive", "inclusive")
    assert settings["rounding"].side == "writing" and settings["origin"].values == "0..1"
    assert settings["origin"].default == "0" and settings["origin"].help
