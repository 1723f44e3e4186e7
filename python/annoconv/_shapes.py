"""What was drawn around an object: plain classes, in pixels of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Dict, Iterable, List, Optional, Sequence, Tuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Point = Sequence[float]
"""A point: x and y."""


class _Plain:
    """Values as attributes that can be changed."""

    __slots__: Tuple[str, ...] = ()
    # A changed shape would have another hash.
    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({values})"


class Shape(_Plain):
    """What was drawn around an object: one of the classes below."""

    __slots__ = ()


class Polygon(_Plain):
    """A part of an object: its outline, and the outlines of its holes."""

    __slots__ = ("exterior", "holes")

    def __init__(self, exterior: Iterable[Point], holes: Iterable[Iterable[Point]] = ()) -> None:
        self.exterior = list(exterior)
        self.holes = [list(hole) for hole in holes]


class Polygons(Shape):
    """The parts of one object. A part may be given as its outline alone."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[Any]) -> None:
        self.parts: List[Polygon] = [
            part if isinstance(part, Polygon) else Polygon(part) for part in parts
        ]


class Mask(Shape):
    """A mask as run lengths, as COCO has them: column by column, the first run is background.

    ``size`` is (height, width), as in COCO and as the shape of an array.
    """

    __slots__ = ("size", "counts")

    def __init__(self, size: Tuple[int, int], counts: Sequence[int]) -> None:
        self.size = (int(size[0]), int(size[1]))
        self.counts = list(counts)

    def to_array(self) -> "npt.NDArray[np.bool_]":
        """The mask as a NumPy array of bool, height x width."""
        from annoconv import _annoconv

        return _annoconv._mask_to_array(self)

    @classmethod
    def from_array(cls, array: Any) -> Mask:
        """A mask from an array, height x width; what is not 0 is set."""
        from annoconv import _annoconv

        return cls(array.shape, _annoconv._mask_from_array(array))


class Oriented(Shape):
    """A rectangle that is turned about its centre, by radians, clockwise as seen."""

    __slots__ = ("centre", "width", "height", "angle")

    def __init__(self, centre: Point, width: float, height: float, angle: float) -> None:
        self.centre, self.width, self.height, self.angle = centre, width, height, angle


class Polyline(Shape):
    """A line that is not closed."""

    __slots__ = ("points",)

    def __init__(self, points: Iterable[Point]) -> None:
        self.points = list(points)


class Points(Shape):
    """Points without an order."""

    __slots__ = ("points",)

    def __init__(self, points: Iterable[Point]) -> None:
        self.points = list(points)


class Circle(Shape):
    """A circle."""

    __slots__ = ("centre", "radius")

    def __init__(self, centre: Point, radius: float) -> None:
        self.centre, self.radius = centre, radius


class Ellipse(Shape):
    """An ellipse: radii along x and y before a turn by ``theta`` radians."""

    __slots__ = ("centre", "rx", "ry", "theta")

    def __init__(self, centre: Point, rx: float, ry: float, theta: Optional[float] = None) -> None:
        self.centre, self.rx, self.ry, self.theta = centre, rx, ry, theta


class Keypoint(_Plain):
    """A named point of an object; ``visibility`` as in COCO: 0 not labelled, 1 hidden, 2 visible."""

    __slots__ = ("x", "y", "visibility")

    def __init__(self, x: float, y: float, visibility: int = 2) -> None:
        self.x, self.y, self.visibility = x, y, visibility


class Category(_Plain):
    """A class of objects. ``id`` is the source's own number or name for it, not its index."""

    __slots__ = ("name", "id", "extra")

    def __init__(self, name: str, id: Any = None, extra: Optional[Dict[str, Any]] = None) -> None:
        self.name, self.id = name, id
        self.extra: Dict[str, Any] = {} if extra is None else extra


for _class in (
    Shape, Polygon, Polygons, Mask, Oriented, Polyline, Points, Circle, Ellipse, Keypoint, Category
):
    _class.__module__ = "annoconv"
