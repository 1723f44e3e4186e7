"""The exceptions of this package."""

from typing import Optional


class Error(Exception):
    """Something that this package cannot do, with its place.

    The text of it is ``file:line:column: thing: expected X, found Y``.

    Attributes:
        kind: Who must act: ``file``, ``malformed``, ``unknown``, ``missing``, ``usage``, ``refused``
            or ``stopped``.
        file: The file that it is about, if there is one.
        line: The line in the file, from 1, if it is known.
        column: The column in characters, from 1, if it is known.
        thing: The thing that is wrong.
        expected: What was expected; ``None`` where the system refused something.
        found: What was found instead; the system's words where it refused something.
    """

    kind = "error"

    def __init__(
        self,
        message: str,
        *,
        file: Optional[str] = None,
        line: Optional[int] = None,
        column: Optional[int] = None,
        thing: str = "",
        expected: Optional[str] = None,
        found: str = "",
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.column = column
        self.thing = thing
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return str(self.args[0])

    # An exception of a process of a pool is pickled, which would lose what is given by name.
    def __reduce__(self) -> "tuple[object, ...]":
        return (type(self), self.args, self.__dict__)


class FileError(Error, OSError):
    """A file cannot be read or written. It is an `OSError`, too, with ``errno`` where it is known."""

    kind = "file"

    def __reduce__(self) -> "tuple[object, ...]":
        return (type(self), self.args, {**self.__dict__, "errno": self.errno})


class MalformedError(Error, ValueError):
    """The input is not what its format says."""

    kind = "malformed"


class UnknownError(Error, LookupError):
    """The input or the call names something that is not there: a class, an image."""

    kind = "unknown"

    __str__ = Error.__str__


class MissingError(Error):
    """A needed image, size or list of classes was not given."""

    kind = "missing"


class UsageError(Error, ValueError):
    """The call cannot be carried out as it is made."""

    kind = "usage"


class RefusedError(Error):
    """The output would overwrite, collide or leave its folder."""

    kind = "refused"


class StoppedError(Error):
    """The run was stopped."""

    kind = "stopped"


for _class in (
    Error, FileError, MalformedError, UnknownError, MissingError, UsageError, RefusedError, StoppedError
):
    _class.__module__ = "annoconv"
