"""Types of arguments."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Iterable, Literal, Mapping, Optional, Union

if TYPE_CHECKING:
    from annoconv._annoconv import Image

PathLike = Union[str, "os.PathLike[str]"]
"""A path."""

Paths = Union[PathLike, Iterable[PathLike]]
"""One path or several."""

Texts = Union[str, Iterable[str]]
"""One text or several."""

Classes = Union[PathLike, Iterable[str]]
"""The names of classes in order: the path of a file that has them, or the names in a list.

One text is a path.
"""

Progress = Callable[[str, int, int], Any]
"""What is called with the work that is done, how much of it is done, and of how much."""

Renames = Union[Mapping[str, str], Texts]
"""Old and new names: a dictionary, or texts ``OLD=NEW``."""

Shares = Union[Mapping[str, float], str]
"""Subsets and their shares: a dictionary, or a text like ``train=0.8,val=0.2``."""

Lists = Union[Mapping[str, PathLike], Paths]
"""Subsets that are given: a dictionary of names and lists, or paths of lists or of a dataset."""

Edits = Union[Callable[["Image"], Optional[bool]], Iterable[Callable[["Image"], Optional[bool]]]]
"""Changes of images between reading and writing: a callable or several."""

Place = Literal["copy", "reflink", "hardlink", "symlink", "none"]
"""How an image gets to a trainer's folders."""

Copies = Literal["pictures", "bytes", "none"]
"""Which copies of one picture stay together in a split."""

Keep = Literal["keep", "skip"]
"""Whether something is written or left out."""

Stop = Literal["stop", "skip"]
"""Whether something stops the run or is left out, counted."""

FailOn = Literal["error", "warning", "never"]
"""The least severity of a finding that counts."""
