//! Bounding boxes in the three spellings that formats use.

use super::Size;

/// An axis-parallel box in pixels, kept in the spelling in which it was stated.
///
/// COCO states a corner and a size, YOLO a centre and a size, Pascal VOC two corners. A change
/// of spelling can change the last bit of an `f64` (`(x + w) - x` is not always `w`). So a box
/// keeps its spelling until a writer asks for another one: a format that is read and written
/// again keeps its numbers.
///
/// The numbers may be anything that a file can state, negative sizes and NaN included; see
/// [`BBox::is_proper`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BBox {
    /// Left, top, right and bottom edge (Pascal VOC).
    Corners {
        /// Left edge.
        x_min: f64,
        /// Top edge.
        y_min: f64,
        /// Right edge.
        x_max: f64,
        /// Bottom edge.
        y_max: f64,
    },
    /// Left and top edge, then the size (COCO, VIA rect).
    Corner {
        /// Left edge.
        x: f64,
        /// Top edge.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
    /// Centre, then the size (YOLO, times the image's size).
    Centre {
        /// Centre, horizontally.
        cx: f64,
        /// Centre, vertically.
        cy: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
}

impl BBox {
    /// `[x_min, y_min, x_max, y_max]`.
    ///
    /// From a centre this is `cx - width / 2`, in this order of operations: the rule by which
    /// FracAtlas' Pascal VOC files were derived from its YOLO files.
    ///
    /// ```
    /// use annoconv::geometry::BBox;
    /// let bbox = BBox::Centre { cx: 5.0, cy: 4.0, width: 6.0, height: 2.0 };
    /// assert_eq!(bbox.corners(), [2.0, 3.0, 8.0, 5.0]);
    /// ```
    pub fn corners(&self) -> [f64; 4] {
        match *self {
            Self::Corners { x_min, y_min, x_max, y_max } => [x_min, y_min, x_max, y_max],
            Self::Corner { x, y, width, height } => [x, y, x + width, y + height],
            Self::Centre { cx, cy, width, height } => {
                [cx - width / 2.0, cy - height / 2.0, cx + width / 2.0, cy + height / 2.0]
            }
        }
    }

    /// `[x, y, width, height]`, x and y being the top-left corner.
    pub fn corner_and_size(&self) -> [f64; 4] {
        match *self {
            Self::Corners { x_min, y_min, x_max, y_max } => {
                [x_min, y_min, x_max - x_min, y_max - y_min]
            }
            Self::Corner { x, y, width, height } => [x, y, width, height],
            Self::Centre { cx, cy, width, height } => {
                [cx - width / 2.0, cy - height / 2.0, width, height]
            }
        }
    }

    /// `[cx, cy, width, height]`.
    ///
    /// From a corner and a size this is `x + width / 2`, in this order of operations: the rule
    /// by which FracAtlas' YOLO files were derived from its COCO file.
    pub fn centre_and_size(&self) -> [f64; 4] {
        match *self {
            Self::Corners { x_min, y_min, x_max, y_max } => {
                let (width, height) = (x_max - x_min, y_max - y_min);
                [x_min + width / 2.0, y_min + height / 2.0, width, height]
            }
            Self::Corner { x, y, width, height } => {
                [x + width / 2.0, y + height / 2.0, width, height]
            }
            Self::Centre { cx, cy, width, height } => [cx, cy, width, height],
        }
    }

    /// Whether all numbers are finite and both sides are longer than 0.
    pub fn is_proper(&self) -> bool {
        let [_, _, width, height] = self.corner_and_size();
        self.is_finite() && width > 0.0 && height > 0.0
    }

    /// Whether all numbers, in every spelling, are finite.
    #[inline]
    pub fn is_finite(&self) -> bool {
        let numbers = [self.corners(), self.corner_and_size(), self.centre_and_size()];
        numbers.as_flattened().iter().all(|number| number.is_finite())
    }

    /// Width times height, in square pixels.
    pub fn area(&self) -> f64 {
        let [_, _, width, height] = self.corner_and_size();
        width * height
    }

    /// Whether the box lies within an image of `size`, up to the rounding of floating point.
    ///
    /// Annotation tools compute corners by scaling. So an edge on the border of the image may be
    /// stated a little beyond it: `2880.0000000000005` in an image that is 2880 pixels high.
    pub fn is_inside(&self, size: Size) -> bool {
        let [x_min, y_min, x_max, y_max] = self.corners();
        let [slack_x, slack_y] = [rounding_slack(size.width), rounding_slack(size.height)];
        x_min >= -slack_x
            && y_min >= -slack_y
            && x_max <= f64::from(size.width) + slack_x
            && y_max <= f64::from(size.height) + slack_y
    }

    /// The part of the box that lies within an image of `size`; `None` if no part does.
    pub fn clip(&self, size: Size) -> Option<Self> {
        if !self.is_proper() {
            return None;
        }
        let [x_min, y_min, x_max, y_max] = self.corners();
        let clipped = Self::Corners {
            x_min: x_min.max(0.0),
            y_min: y_min.max(0.0),
            x_max: x_max.min(f64::from(size.width)),
            y_max: y_max.min(f64::from(size.height)),
        };
        clipped.is_proper().then_some(clipped)
    }
}

/// Sixteen units in the last place of `side`: the error that several scalings can add up to.
pub(crate) fn rounding_slack(side: u32) -> f64 {
    f64::from(side) * f64::EPSILON * 16.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: Size = Size { width: 100, height: 50 };

    fn corner(x: f64, y: f64, width: f64, height: f64) -> BBox {
        BBox::Corner { x, y, width, height }
    }

    #[test]
    fn clipping_keeps_the_inside_and_drops_the_outside() {
        let cases = [
            (corner(-5.0, 10.0, 10.0, 10.0), Some([0.0, 10.0, 5.0, 20.0])),
            (corner(90.0, 40.0, 20.0, 20.0), Some([90.0, 40.0, 100.0, 50.0])),
            (corner(100.0, 0.0, 5.0, 5.0), None),
            (corner(10.0, 10.0, -3.0, 5.0), None),
            (corner(f64::NAN, 10.0, 3.0, f64::INFINITY), None),
        ];
        for (bbox, expected) in cases {
            assert_eq!(bbox.clip(SIZE).map(|clipped| clipped.corners()), expected, "{bbox:?}");
        }
    }

    #[test]
    fn a_rounding_error_beyond_the_border_is_inside() {
        let tall = Size { width: 2304, height: 2880 };
        assert!(corner(0.0, 0.0, 10.0, 2880.0000000000005).is_inside(tall));
        assert!(!corner(0.0, 0.0, 10.0, 2880.001).is_inside(tall));
        assert!(!corner(-0.001, 0.0, 10.0, 10.0).is_inside(tall));
        assert!(!corner(f64::NAN, 0.0, 10.0, 10.0).is_inside(tall));
    }

    fn close(left: [f64; 4], right: [f64; 4]) -> bool {
        left.iter().zip(right).all(|(a, b)| (a - b).abs() <= 1e-9)
    }

    proptest! {
        #[test]
        fn a_spelling_is_its_own_exact_inverse(v in prop::array::uniform4(-1e4..1e4f64)) {
            let [a, b, c, d] = v;
            prop_assert_eq!(BBox::Corners { x_min: a, y_min: b, x_max: c, y_max: d }.corners(), v);
            prop_assert_eq!(corner(a, b, c, d).corner_and_size(), v);
            let centre = BBox::Centre { cx: a, cy: b, width: c, height: d };
            prop_assert_eq!(centre.centre_and_size(), v);
        }

        #[test]
        fn respelling_there_and_back_is_the_same_box(v in prop::array::uniform4(-1e4..1e4f64)) {
            let stated = corner(v[0], v[1], v[2], v[3]);
            let [cx, cy, width, height] = stated.centre_and_size();
            let centre = BBox::Centre { cx, cy, width, height };
            prop_assert!(close(centre.corner_and_size(), v));
            let [x_min, y_min, x_max, y_max] = stated.corners();
            let corners = BBox::Corners { x_min, y_min, x_max, y_max };
            prop_assert!(close(corners.corner_and_size(), v));
            prop_assert!(close(corners.centre_and_size(), stated.centre_and_size()));
        }

        #[test]
        fn a_clipped_box_is_inside(v in prop::array::uniform4(-200.0..200.0f64)) {
            if let Some(clipped) = corner(v[0], v[1], v[2], v[3]).clip(SIZE) {
                prop_assert!(clipped.is_inside(SIZE) && clipped.is_proper());
            }
        }
    }
}
