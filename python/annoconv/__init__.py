"""Convert image annotations between formats exactly, and count every loss."""

from annoconv._annoconv import convert
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

__all__ = [
    "Error",
    "FileError",
    "MalformedError",
    "MissingError",
    "RefusedError",
    "StoppedError",
    "UnknownError",
    "UsageError",
    "convert",
]
