"""Opening and writing datasets as objects of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, Mapping, Optional, Union

from annoconv import _annoconv
from annoconv._annoconv import Dataset, Image
from annoconv._shapes import Category
from annoconv._types import Classes, PathLike, Paths, Progress, Stop

if TYPE_CHECKING:
    from annoconv._reports import Report


def open(
    inputs: Paths,
    *,
    from_format: Optional[str] = None,
    images: Optional[PathLike] = None,
    sizes: Optional[PathLike] = None,
    classes: Optional[Classes] = None,
    preset: Optional[str] = None,
    shapes: bool = True,
    missing_images: Stop = "stop",
    on_error: Stop = "stop",
    jobs: Optional[int] = None,
    progress: Optional[Progress] = None,
    **settings: Any,
) -> Dataset:
    """Opens a dataset, whatever its format. Its images are read when they are asked for.

    Example:
        >>> import annoconv
        >>> dataset = annoconv.open("annotations.json")
        >>> len(dataset), dataset.class_names
        (5, ['fracture', 'hardware & screws'])
        >>> sum(len(image.annotations) for image in dataset)
        6

    Args:
        inputs: A file or a folder, or several, whose images are one after the other.
        from_format: The only format that is looked for; else it is found out.
        images: A folder of image files, for sizes and for images without annotations.
        sizes: A file of annotations that states the sizes of the images.
        classes: Names of classes in their order, or a file of them.
        preset: The conventions of a published dataset.
        shapes: Whether shapes and all members are read. Without them, boxes are read several times as
            fast; such images cannot be written.
        missing_images: ``"skip"`` leaves out images whose size is needed and not found.
        on_error: ``"skip"`` passes over what cannot be read; ``Dataset.unreadable`` counts it.
        jobs: How many threads read; all cores where it is not stated.
        progress: Is called with the kind of work, how much is done, and how much there is.
        settings: Settings of the format that is read, by their names.

    Raises:
        annoconv.Error: Where something cannot be read, with file, line and column.
    """
    options: Dict[str, Any] = dict(
        settings,
        inputs=inputs,
        from_format=from_format,
        images=images,
        sizes=sizes,
        classes=classes,
        preset=preset,
        shapes=shapes,
        missing_images=missing_images,
        on_error=on_error,
        jobs=jobs,
        progress=progress,
    )
    return _annoconv.open_dataset(options)


def write(
    records: Iterable[Image],
    output: PathLike,
    *,
    to: Optional[str] = None,
    trainer: Optional[str] = None,
    categories: Optional[Iterable[Union[str, Category]]] = None,
    **options: Any,
) -> Report:
    """Writes images with their annotations, in any format or for a trainer.

    All records are collected before anything is written. An exception in an iterable that makes them
    leaves the target as it was.

    Example:
        >>> import annoconv
        >>> images = [image for image in annoconv.open("annotations.json") if image.annotations]
        >>> annoconv.write(images, "via.json", to="vgg").images
        4

    Args:
        records: Images: a dataset, a list, a generator.
        output: A file or a folder.
        to: The format.
        trainer: The trainer whose folders and format are made.
        categories: The classes in their order, by name or as `Category`. Else they are those of the
            dataset that the records come from; else those of the records, in order of first appearance.
        options: As those of `convert`, but for its inputs and how these are read.

    Raises:
        annoconv.UnknownError: A class that is none of these.
        annoconv.Error: Where the target is refused or cannot be written. It is then as it was.
    """
    given = dict(options, output=output, to=to, trainer=trainer)
    for name in ("inputs", "from_format", "sizes", "classes", "edits", "on_error"):
        if options.get(name) is not None:
            raise TypeError(f"write() has no {name}=, as it reads nothing")
    from annoconv._reports import Report

    return Report._of(*_annoconv.write_records(records, categories, given))


def to_coco(
    records: Iterable[Image], *, categories: Optional[Iterable[Union[str, Category]]] = None
) -> Dict[str, Any]:
    """Images as pycocotools has them in COCO.dataset: the values that a COCO file of them would have.

    ``coco = COCO(); coco.dataset = to_coco(dataset); coco.createIndex()`` is as loading that file.

    Example:
        >>> import annoconv
        >>> coco = annoconv.to_coco(annoconv.open("annotations.json"))
        >>> len(coco["annotations"])
        6
    """
    import json

    coco: Dict[str, Any] = json.loads(_annoconv.coco_text(records, categories))
    return coco


def from_coco(coco: Mapping[str, Any], *, shapes: bool = True, on_error: Stop = "stop") -> Dataset:
    """A dataset of a dict as pycocotools has it in COCO.dataset.

    Numbers and arrays of NumPy may be in it, and counts of masks as bytes. Changes of the dict after this
    change nothing here. Errors name the place by its JSON pointer, as "/annotations/3".

    Example:
        >>> import annoconv
        >>> image = {"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}
        >>> box = {"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]}
        >>> coco = {"images": [image], "annotations": [box], "categories": [{"id": 7, "name": "cat"}]}
        >>> annoconv.from_coco(coco)[0].annotations
        [Annotation("cat", bbox=(1.0, 2.0, 3.0, 4.0))]
    """
    if on_error not in ("stop", "skip"):
        raise ValueError(f"on_error: expected stop or skip, found {on_error!r}")
    if not isinstance(coco, Mapping):
        raise TypeError(f"coco: expected a dict, found {type(coco).__name__}")
    import json

    text = json.dumps(coco, default=_plain, separators=(",", ":")).encode()
    return _annoconv.open_coco(text, shapes, on_error == "skip")


def _plain(value: Any) -> Any:
    """What JSON has no form for, as it has one for."""
    if isinstance(value, bytes):
        return value.decode("ascii")
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"coco: expected plain values, found {type(value).__name__}")


