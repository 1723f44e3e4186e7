"""To and from `supervision.Detections`, by arrays."""

from importlib import import_module
from typing import Any, Optional, Sequence

from annoconv._annoconv import Annotation, Image
from annoconv._shapes import Mask


def to_supervision(image: Image) -> Any:
    """Detections of an image: boxes, masks where it has shapes, confidence, classes and their names."""
    import numpy as np

    # A checker of types need not have it.
    supervision: Any = import_module("supervision")
    annotations = image.annotations
    if not annotations:
        return supervision.Detections.empty()
    scores = [annotation.score for annotation in annotations]
    has_shapes = any(annotation.shape is not None for annotation in annotations)
    names = [annotation.category or "" for annotation in annotations]
    return supervision.Detections(
        xyxy=image.boxes("xyxy").astype(np.float64),
        mask=image.masks() if has_shapes else None,
        confidence=None if None in scores else np.array(scores, dtype=np.float64),
        class_id=image.classes,
        data={"class_name": np.array(names)},
    )


def from_supervision(
    cls: type,
    detections: Any,
    file_name: str,
    width: Optional[int],
    height: Optional[int],
    class_names: Optional[Sequence[str]],
) -> Image:
    """An image of detections; their masks are run lengths of the same pixels."""
    masks = detections.mask
    if masks is not None and len(masks):
        sides = masks[0].shape
        if (height or sides[0], width or sides[1]) != tuple(sides):
            found = f"masks of {sides[1]}x{sides[0]}"
            raise ValueError(f"size of image {file_name!r}: expected {width}x{height}, found {found}")
        height, width = (int(side) for side in sides)
    image: Image = cls(file_name, width, height)
    names = _names(detections, class_names)
    for number, (left, top, right, bottom) in enumerate(detections.xyxy.tolist()):
        annotation = Annotation(names[number], (left, top, right - left, bottom - top))
        if masks is not None:
            annotation.shape = Mask.from_array(masks[number])
        if detections.confidence is not None:
            annotation.score = float(detections.confidence[number])
        image.annotations.append(annotation)
    return image


def _names(detections: Any, class_names: Optional[Sequence[str]]) -> "list[str]":
    """The name of the class of each detection."""
    count = len(detections.xyxy)
    if not count:
        return []
    stated = detections.data.get("class_name")
    if class_names is None and stated is not None:
        return [str(name) for name in stated]
    if detections.class_id is None:
        only = list(class_names or ["object"])
        if len(only) != 1:
            raise ValueError(f"class_names: expected one, as there is no class_id, found {len(only)}")
        return only * count
    if class_names is None:
        raise ValueError("class_names: expected the names of the classes, found none in the detections")
    names = list(class_names)
    wrong = [int(place) for place in detections.class_id if not 0 <= place < len(names)]
    if wrong:
        raise ValueError(f"class_id: expected 0 to {len(names) - 1}, found {wrong[0]}")
    return [names[place] for place in detections.class_id]
