"""Convert image annotations between formats exactly, and count every loss.

Example:
    >>> import annoconv
    >>> report = annoconv.convert("annotations.json", "via.json", to="vgg", images="images")
    >>> report.annotations_written
    5

The functions mirror the commands of the program ``annoconv``: `convert`, `validate`, `fix`, `formats` and
`explain`. `open` reads a dataset as objects and arrays, `write` writes such. What goes wrong is an `Error`, with file, line and column.
"""

from typing import TYPE_CHECKING

from annoconv._annoconv import VERSION as __version__
from annoconv._annoconv import Annotation, Dataset, Image
from annoconv._commands import (
    coco2vgg,
    coco2yolo,
    convert,
    explain,
    fix,
    formats,
    validate,
    yolo2voc,
)
from annoconv._data import from_coco, open, to_coco, write
from annoconv._errors import (
    Error,
    FileError,
    MalformedError,
    MissingError,
    RefusedError,
    StoppedError,
    UnknownError,
    UsageError,
)
from annoconv._shapes import (
    Category,
    Circle,
    Ellipse,
    Keypoint,
    Mask,
    Oriented,
    Points,
    Polygon,
    Polygons,
    Polyline,
    Shape,
)

if TYPE_CHECKING:
    from annoconv._reports import (
        Agreement,
        Difference,
        Finding,
        Fix,
        Format,
        Input,
        Left,
        Loss,
        Mended,
        Place,
        Report,
        Setting,
        Validation,
    )
else:
    # Reports are of dataclasses, which take longer to import than all else: they come when they are
    # asked for.
    def __getattr__(name):
        if name in __all__:
            from annoconv import _reports

            return getattr(_reports, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = [
    "Agreement",
    "Annotation",
    "Category",
    "Circle",
    "Dataset",
    "Difference",
    "Ellipse",
    "Error",
    "FileError",
    "Finding",
    "Fix",
    "Format",
    "Image",
    "Input",
    "Keypoint",
    "Left",
    "Loss",
    "MalformedError",
    "Mask",
    "Mended",
    "MissingError",
    "Oriented",
    "Place",
    "Points",
    "Polygon",
    "Polygons",
    "Polyline",
    "RefusedError",
    "Report",
    "Setting",
    "Shape",
    "StoppedError",
    "UnknownError",
    "UsageError",
    "Validation",
    "__version__",
    "coco2vgg",
    "coco2yolo",
    "convert",
    "explain",
    "fix",
    "formats",
    "from_coco",
    "open",
    "to_coco",
    "validate",
    "write",
    "yolo2voc",
]
