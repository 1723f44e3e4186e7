//! What was drawn around an object.

use crate::geometry::{BBox, Coord, Polygon, Rle};

/// What was drawn around an object, in pixels of the image from its top-left corner.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Shape {
    /// Nothing: the object has its bounding box alone.
    #[default]
    None,
    /// A shape that is there and was not read, as nobody asked for it
    /// ([`Wants::shapes`](crate::format::Wants::shapes)). A writer refuses it where it needs the points.
    Unread(Kind),
    /// The parts of one object.
    Polygons(Vec<Polygon>),
    /// A mask of the image's size.
    Mask(Rle),
    /// A rectangle that is turned about its centre.
    Oriented {
        /// The centre.
        centre: Coord<f64>,
        /// The side along x before the turn.
        width: f64,
        /// The side along y before the turn.
        height: f64,
        /// The turn in radians, clockwise as seen, as y grows downwards.
        angle: f64,
    },
    /// A line that is not closed.
    Polyline(Vec<Coord<f64>>),
    /// Points without an order.
    Points(Vec<Coord<f64>>),
    /// A circle: centre and radius.
    Circle {
        /// Centre.
        centre: Coord<f64>,
        /// Radius.
        radius: f64,
    },
    /// An ellipse: centre, radii and rotation.
    Ellipse {
        /// Centre.
        centre: Coord<f64>,
        /// Radius along x before the rotation.
        rx: f64,
        /// Radius along y before the rotation.
        ry: f64,
        /// Rotation in radians, as the source states it.
        theta: Option<f64>,
    },
}

/// The kind of a shape that was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Polygons.
    Polygons,
    /// A mask.
    Mask,
}

impl Shape {
    /// The corners of a turned rectangle, clockwise as seen from the top-left one before the turn.
    pub fn corners(&self) -> Option<[Coord<f64>; 4]> {
        let Self::Oriented { centre, width, height, angle } = self else { return None };
        let (sin, cos) = angle.sin_cos();
        let corner = |x: f64, y: f64| Coord {
            x: centre.x + x * cos - y * sin,
            y: centre.y + x * sin + y * cos,
        };
        let (x, y) = (width / 2.0, height / 2.0);
        Some([corner(-x, -y), corner(x, -y), corner(x, y), corner(-x, y)])
    }

    /// The smallest box around the shape; `None` where there is none, or it
    /// was not read.
    ///
    /// A rotated ellipse is bounded by its own extent, not by that of its rotated box.
    pub fn bounds(&self) -> Option<BBox> {
        use crate::geometry::polygon::bounds;
        let around = |centre: &Coord<f64>, half_width: f64, half_height: f64| BBox::Centre {
            cx: centre.x,
            cy: centre.y,
            width: half_width * 2.0,
            height: half_height * 2.0,
        };
        match self {
            Self::None | Self::Unread(_) => None,
            Self::Polygons(parts) => bounds(parts.iter().flat_map(|part| &part.exterior)),
            Self::Mask(mask) => mask.bounds(),
            Self::Polyline(points) | Self::Points(points) => bounds(points),
            Self::Oriented { .. } => bounds(&self.corners()?),
            Self::Circle { centre, radius } => Some(around(centre, *radius, *radius)),
            Self::Ellipse { centre, rx, ry, theta } => {
                let (sin, cos) = theta.unwrap_or(0.0).sin_cos();
                let (half_width, half_height) =
                    ((rx * cos).hypot(ry * sin), (rx * sin).hypot(ry * cos));
                Some(around(centre, half_width, half_height))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_ellipse_is_bounded_by_its_own_extent() {
        let quarter_turn = Shape::Ellipse {
            centre: Coord { x: 10.0, y: 20.0 },
            rx: 4.0,
            ry: 2.0,
            theta: Some(std::f64::consts::FRAC_PI_2),
        };
        let [x, y, width, height] = quarter_turn.bounds().unwrap().corner_and_size();
        for (found, expected) in [(x, 8.0), (y, 16.0), (width, 4.0), (height, 8.0)] {
            assert!((found - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn an_oriented_box_is_bounded_by_its_corners() {
        let centre = Coord { x: 10.0, y: 20.0 };
        let turned = |angle| Shape::Oriented { centre, width: 8.0, height: 2.0, angle };
        let quarter = std::f64::consts::FRAC_PI_2;
        for (angle, expected) in [(0.0, [6.0, 19.0, 8.0, 2.0]), (quarter, [9.0, 16.0, 2.0, 8.0])] {
            let found = turned(angle).bounds().unwrap().corner_and_size();
            for (found, expected) in found.into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{angle}: {found} {expected}");
            }
        }
    }
}
