"""The functions that mirror the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional

from annoconv import _annoconv
from annoconv._types import (
    Classes,
    Copies,
    Edits,
    Keep,
    Lists,
    PathLike,
    Paths,
    Place,
    Progress,
    Renames,
    Shares,
    Stop,
    Texts,
)

if TYPE_CHECKING:
    from annoconv._reports import Fix, Format, Report, Validation


def convert(
    inputs: Paths,
    output: PathLike,
    *,
    to: Optional[str] = None,
    from_format: Optional[str] = None,
    trainer: Optional[str] = None,
    place: Optional[Place] = None,
    images: Optional[PathLike] = None,
    sizes: Optional[PathLike] = None,
    classes: Optional[Classes] = None,
    preset: Optional[str] = None,
    negatives: Optional[Keep] = None,
    missing_images: Stop = "stop",
    on_error: Stop = "stop",
    check: bool = False,
    dry_run: bool = False,
    overwrite: bool = False,
    prune: bool = False,
    strict: bool = False,
    keep: Texts = (),
    drop: Texts = (),
    rename: Renames = (),
    rename_from: Optional[PathLike] = None,
    keep_images: Texts = (),
    drop_images: Texts = (),
    images_from: Paths = (),
    min_area: Optional[float] = None,
    max_area: Optional[float] = None,
    min_side: Optional[float] = None,
    keep_empty: Optional[float] = None,
    sample: Optional[int] = None,
    split: Optional[Shares] = None,
    split_from: Lists = (),
    group: Optional[str] = None,
    copies: Optional[Copies] = None,
    subset: Optional[str] = None,
    seed: int = 0,
    edits: Edits = (),
    jobs: Optional[int] = None,
    progress: Optional[Progress] = None,
    **settings: Any,
) -> Report:
    """Converts annotations to another format.

    The output appears whole, or not at all. An exception, Ctrl-C and an exception of ``progress`` leave
    it as it was.

    Example:
        >>> import annoconv
        >>> report = annoconv.convert("annotations.json", "labels", to="yolo", images="images")
        >>> report.annotations_written, report.annotations_read
        (5, 6)
        >>> [(loss.reason, loss.count) for loss in report.losses if loss.dropped]
        [('crowd', 1)]

    Args:
        inputs: A file, folder or whole dataset; several are merged. A file may be compressed.
        output: What to write: a file, or a folder where the format has a file an image.
        to: The format to write; by default what the trainer reads. `formats` lists them.
        from_format: The format of the inputs; by default it is found out.
        trainer: Write all that this trainer loads, in its folders: ultralytics, rfdetr, detectron2,
            mmdetection, torchvision or hf.
        place: With ``trainer``: how images get there: copy (by default), reflink, hardlink, symlink or
            none.
        images: The folder of the image files; by default the folders of the dataset's own layout.
        sizes: Take the sizes of images from a file of annotations instead.
        classes: Names of classes in order: a list of them, or the path of a file.
        preset: The conventions of a published dataset: fracatlas.
        negatives: Images without annotations: keep or skip.
        missing_images: An image whose size is needed is not found: stop, or skip it, counted.
        on_error: A file or record cannot be read: stop, or skip it, counted.
        check: Write nothing; compare with what is there. ``report.differences`` has what differs.
        dry_run: Everything but the writing.
        overwrite: Replace files at the output.
        prune: With ``overwrite``: remove files there that this run does not make.
        strict: Write nothing if anything is lost. ``report.is_yes`` is False then.
        keep: Only these classes: names or patterns.
        drop: All but these classes.
        rename: New names of classes: ``{"old": "new"}``. Classes that get one name become one.
        rename_from: A file with such names.
        keep_images: Only images of these names or patterns.
        drop_images: All but images of these names or patterns.
        images_from: Only the images that these files name.
        min_area: Only objects of at least so many square pixels.
        max_area: Only objects of at most so many square pixels.
        min_side: Only objects whose box has no shorter side.
        keep_empty: Leave out images without objects until they are at most this share of all.
        sample: Only so many images, in which each class has its share.
        split: Share the images out to subsets: ``{"train": 0.8, "val": 0.2}``.
        split_from: Subsets from lists, ``{"train": "train.csv"}``, or from a dataset.
        group: With ``split``: images that stay together: a regular expression with a group in
            parentheses, or a member of their records.
        copies: With ``split``: which copies of one picture stay together: pictures (by default), bytes or
            none.
        subset: Only the images of this subset.
        seed: The number from which choices are made.
        edits: Callables that are called with each `Image`, in their order, once, after what the options
            above up to ``min_side`` select and change. They change its annotations in place; those that
            they take off the list, and images for which they return False, are left out, counted.
        jobs: How many threads; by default as many as cores. What is written never depends on it.
        progress: Is called with the work, how much is done, and of how much, always on this thread.
        **settings: Settings of the two formats: ``precision=4``. `formats` lists them.

    Returns:
        The report.

    Raises:
        annoconv.Error: Where it cannot be done, with file, line and column.
    """
    return _convert("convert", locals())


def coco2yolo(inputs: Paths, output: PathLike, **options: Any) -> Report:
    """Writes YOLO labels from COCO files.

    Example:
        >>> import annoconv
        >>> print(annoconv.coco2yolo("annotations.json", "out", images="images").classes)
        {'0': 'fracture', '1': 'hardware & screws'}

    Args:
        inputs: COCO files, or folders with such files.
        output: A folder.
        **options: Those of `convert`, but the formats.
    """
    return _pair("coco2yolo", "coco", "yolo", locals())


def yolo2voc(inputs: Paths, output: PathLike, **options: Any) -> Report:
    """Writes Pascal VOC files from YOLO labels.

    Args:
        inputs: Folders of labels or whole datasets, with their lists of classes.
        output: A folder.
        **options: Those of `convert`, but the formats.
    """
    return _pair("yolo2voc", "yolo", "voc", locals())


def coco2vgg(inputs: Paths, output: PathLike, **options: Any) -> Report:
    """Writes a VGG/VIA file from COCO files.

    Args:
        inputs: COCO files, or folders with such files.
        output: A file.
        **options: Those of `convert`, but the formats.
    """
    return _pair("coco2vgg", "coco", "vgg", locals())


def validate(
    paths: Paths = (),
    *,
    trainer: Optional[str] = None,
    images: Optional[PathLike] = None,
    classes: Optional[Classes] = None,
    preset: Optional[str] = None,
    select: Texts = (),
    ignore: Texts = (),
    coco: Paths = (),
    yolo: Paths = (),
    voc: Paths = (),
    vgg: Paths = (),
    hf: Paths = (),
    labelme: Paths = (),
    csv: Paths = (),
    splits: Paths = (),
    jobs: Optional[int] = None,
    progress: Optional[Progress] = None,
    **settings: Any,
) -> Validation:
    """Compares all formats of a dataset with each other, and judges each by itself.

    Example:
        >>> import annoconv
        >>> validation = annoconv.validate("annotations.json")
        >>> for finding in validation.findings:
        ...     print(f"{finding.file}:{finding.line}: {finding.rule}: {finding.message}")
        annotations.json:11: zero-id: the id is 0
        >>> validation.is_ok(), validation.is_ok(fail_on="warning")
        (True, False)

    Args:
        paths: A folder, below which every format is found and compared with the others, or files. A file
            may be compressed.
        trainer: Also what this trainer would drop, refuse or change.
        images: The folder of the image files; by default it is found.
        classes: Names of classes in order: a list of them, or the path of a file.
        preset: The conventions of a published dataset: fracatlas.
        select: Only these rules: codes and names of groups.
        ignore: All but these rules.
        coco: Files and folders of COCO: named instead of found.
        yolo: The same of YOLO.
        voc: The same of Pascal VOC.
        vgg: The same of VGG/VIA.
        hf: The same of Hugging Face.
        labelme: The same of LabelMe.
        csv: Tables with a column of images.
        splits: Lists of the images of a split.
        jobs: How many threads; by default as many as cores.
        progress: Is called with the work, how much is done, and of how much, always on this thread.
        **settings: Settings with which formats are read.

    Returns:
        What was found. Findings are no exception.

    Raises:
        annoconv.Error: Where the dataset cannot be judged.
    """
    options = _options(locals())
    from annoconv._reports import Validation

    return Validation._of(_annoconv.validate(options))


def fix(
    path: PathLike,
    output: Optional[PathLike] = None,
    *,
    in_place: bool = False,
    diff: bool = False,
    overwrite: bool = False,
    select: Texts = (),
    ignore: Texts = (),
    images: Optional[PathLike] = None,
    preset: Optional[str] = None,
    classes: Optional[Classes] = None,
    jobs: Optional[int] = None,
    progress: Optional[Progress] = None,
    **settings: Any,
) -> Fix:
    """Mends what needs no person's judgement.

    Single values are replaced; every other byte stays. Exactly one of ``output``, ``in_place`` and
    ``diff`` says what becomes of it.

    Example:
        >>> import annoconv
        >>> fix = annoconv.fix("annotations.json", "fixed.json", images="images")
        >>> [(mended.rule, mended.count) for mended in fix.mended]
        [('zero-id', 1)]
        >>> annoconv.validate("fixed.json").findings
        ()

    Args:
        path: A folder, a ``data.yaml`` or one file of annotations.
        output: Write a mended copy: of a file to a file, of a folder to a folder.
        in_place: Change the files themselves: all of them or none.
        diff: Write nothing; ``fix.diff`` has what would change.
        overwrite: Replace files at the output.
        select: Mend only breaches of these rules: codes and names of groups.
        ignore: All but these rules.
        images: The folder of the image files; by default it is found.
        preset: The conventions of a published dataset: fracatlas.
        classes: Names of classes in order: a list of them, or the path of a file.
        jobs: How many threads; by default as many as cores.
        progress: Is called with the work, how much is done, and of how much, always on this thread.
        **settings: Settings with which formats are read.

    Returns:
        What was mended and what is left.

    Raises:
        annoconv.Error: Where it cannot be done. Nothing has changed then.
    """
    options = _options(locals())
    from annoconv._reports import Fix

    return Fix._of(_annoconv.fix(options))


def formats() -> List[Format]:
    """The formats, with their settings.

    Example:
        >>> import annoconv
        >>> [format.name for format in annoconv.formats()]
        ['coco', 'yolo', 'voc', 'vgg', 'hf', 'labelme']
    """
    from annoconv._reports import Format

    return [Format._of(told) for told in _annoconv.formats()]


def explain(code: str) -> str:
    """What a rule of `validate` means, why it matters and how to mend it; or what a loss of `convert` is.

    Example:
        >>> import annoconv
        >>> print(annoconv.explain("zero-id").splitlines()[0])
        zero-id: an annotation id of 0, which evaluation takes for unmatched

    Args:
        code: The code of a rule or a loss. Of a group, ``losses`` or ``all`` it gives a table.
    """
    return _annoconv.explain(code)


def _options(stated: Dict[str, Any]) -> Dict[str, Any]:
    settings = stated.pop("settings")
    # None of them has the name of an option: it would have been taken as that.
    return {**stated, **settings}


def _convert(command: str, stated: Dict[str, Any]) -> Report:
    from annoconv._reports import Report

    return Report._of(*_annoconv.convert(command, _options(stated)))


def _pair(command: str, from_format: str, to: str, stated: Dict[str, Any]) -> Report:
    options = stated.pop("options")
    for name in ("from_format", "to"):
        if name in options:
            raise TypeError(f"{command}: {name} is fixed; convert takes it")
    return _convert(command, {**stated, "from_format": from_format, "to": to, "settings": options})
