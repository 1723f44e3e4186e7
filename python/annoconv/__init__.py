"""Convert image annotations between formats exactly, and count every loss.

Example:
    >>> import annoconv
    >>> report = annoconv.convert("annotations.json", "via.json", to="vgg", images="images")
    >>> report.annotations_written
    5

The functions mirror the commands of the program ``annoconv``: `convert`, `validate`, `fix`, `formats` and
`explain`. What goes wrong is an `Error`, with file, line and column.
"""

from annoconv._annoconv import VERSION as __version__
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

__all__ = [
    "Agreement",
    "Difference",
    "Error",
    "FileError",
    "Finding",
    "Fix",
    "Format",
    "Input",
    "Left",
    "Loss",
    "MalformedError",
    "Mended",
    "MissingError",
    "Place",
    "RefusedError",
    "Report",
    "Setting",
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
    "validate",
    "yolo2voc",
]
