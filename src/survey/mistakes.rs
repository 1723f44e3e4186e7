//! The known mistakes of scripts: what they make of right coordinates.
//!
//! Each is a function from an object's right coordinates to the wrong ones, as a reader takes them.
//! If it turns one side of a comparison into the other, number for number, it is what happened.

use crate::geometry::{BBox, Coord, Size};
use crate::model::{Annotation, Shape};
use crate::numbers::at_most;
use crate::rules::Rule;

/// A change of all coordinates of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mistake {
    /// Another place of each point.
    Points(Motion),
    /// Other numbers of the box, the same shape.
    Boxes(Misreading),
}

/// What happens to each point. Points are in pixels of the image as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Motion {
    /// x and y exchanged.
    Exchanged,
    /// The same of fractions.
    ExchangedFractions,
    /// Fractions of a width that is the height, and the other way.
    SidesOfImage,
    /// Divided by the width and height, as if the format had fractions.
    Fractions,
    /// Percent of the width and height.
    Percent,
    /// Pixels, or percent, where fractions belong.
    PixelsForFractions,
    PercentForFractions,
    /// Left and right exchanged, or top and bottom, or both.
    Flipped {
        left_right: bool,
        top_bottom: bool,
    },
    /// Turned by a quarter to the right, or to the left; in pixels, or as fractions.
    Quarter {
        is_right: bool,
        is_fractions: bool,
    },
    /// Multiplied, then moved.
    Affine {
        scale: [f64; 2],
        shift: [f64; 2],
    },
    /// Made on a copy of the image of this side, stretched, or with bars around.
    Resized {
        side: f64,
        has_bars: bool,
        is_fractions: bool,
    },
}

/// What is written where other numbers of a box belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misreading {
    SidesExchanged,
    CornersAsSize,
    SizeAsCorners,
    CornerAsCentre,
    CentreAsCorner,
}

/// The sides of images that models take.
const SIDES: [f64; 10] = [224.0, 256.0, 300.0, 320.0, 416.0, 512.0, 608.0, 640.0, 800.0, 1024.0];

/// All mistakes that have no numbers of their own.
pub fn known(is_fractions: bool) -> Vec<Mistake> {
    let mut motions = vec![Motion::Exchanged, Motion::SidesOfImage];
    match is_fractions {
        true => motions.extend([
            Motion::ExchangedFractions,
            Motion::PixelsForFractions,
            Motion::PercentForFractions,
        ]),
        false => motions.extend([Motion::Fractions, Motion::Percent]),
    }
    for (left_right, top_bottom) in [(true, false), (false, true), (true, true)] {
        motions.push(Motion::Flipped { left_right, top_bottom });
    }
    for is_right in [true, false] {
        motions.push(Motion::Quarter { is_right, is_fractions });
    }
    for side in SIDES {
        motions.push(Motion::Resized { side, has_bars: true, is_fractions });
        // Fractions do not depend on the side, and not on stretching.
        if is_fractions {
            break;
        }
        motions.push(Motion::Resized { side, has_bars: false, is_fractions });
    }
    let misreadings = [
        Misreading::CornersAsSize,
        Misreading::SizeAsCorners,
        Misreading::CornerAsCentre,
        Misreading::CentreAsCorner,
        Misreading::SidesExchanged,
    ];
    let motions = motions.into_iter().map(Mistake::Points);
    misreadings.into_iter().map(Mistake::Boxes).chain(motions).collect()
}

impl Mistake {
    /// The mistakes of one factor, or one distance, that these pairs of a right box and a found one
    /// suggest. Two pairs suggest none: some factor or distance always fits one of them.
    pub fn suggested(pairs: &[(BBox, BBox)]) -> Vec<Self> {
        let mut found = Vec::new();
        if pairs.len() < 3 {
            return found;
        }
        if let Some(scale) = scale_of(pairs) {
            found.push(Self::Points(Motion::Affine { scale, shift: [0.0, 0.0] }));
        }
        for shift in shifts_of(pairs) {
            found.push(Self::Points(Motion::Affine { scale: [1.0, 1.0], shift }));
        }
        found
    }

    /// What the mistake makes of an object of an image of a size. `None` where it cannot be made of
    /// it. `like` is the spelling of the box in the wrong format.
    pub fn of(&self, right: &Annotation, size: Size, like: Option<&BBox>) -> Option<Annotation> {
        let bbox = match self {
            Self::Points(motion) => right.bbox.map(|bbox| motion.of_box(&bbox, size)),
            Self::Boxes(misreading) => {
                let bbox = right.bbox.or_else(|| right.shape.bounds())?;
                Some(misreading.of(&bbox, like?, size)?)
            }
        };
        let shape = match (self, &right.shape) {
            (Self::Points(motion), Shape::Polygons(_) | Shape::Polyline(_) | Shape::Points(_)) => {
                moved(&right.shape, |point| motion.of(point, size))
            }
            _ => Shape::None,
        };
        (bbox.is_some() || shape != Shape::None).then(|| Annotation {
            bbox,
            shape,
            ..right.clone()
        })
    }

    /// The rule that it breaks.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Boxes(Misreading::SidesExchanged) => Rule::SidesSwapped,
            Self::Boxes(Misreading::CornersAsSize) => Rule::CornersAsSize,
            Self::Boxes(Misreading::SizeAsCorners) => Rule::SizeAsCorners,
            Self::Boxes(Misreading::CornerAsCentre) => Rule::CornerAsCentre,
            Self::Boxes(Misreading::CentreAsCorner) => Rule::CentreAsCorner,
            Self::Points(motion) => motion.rule(),
        }
    }

    /// What happened, in words that follow "with".
    pub fn words(&self) -> String {
        match self {
            Self::Boxes(Misreading::SidesExchanged) => "width and height exchanged".to_owned(),
            Self::Boxes(Misreading::CornersAsSize) => {
                "the right and bottom edges where width and height belong".to_owned()
            }
            Self::Boxes(Misreading::SizeAsCorners) => {
                "width and height where the right and bottom edges belong".to_owned()
            }
            Self::Boxes(Misreading::CornerAsCentre) => {
                "the left top corner where the centre belongs".to_owned()
            }
            Self::Boxes(Misreading::CentreAsCorner) => {
                "the centre where the left top corner belongs".to_owned()
            }
            Self::Points(motion) => motion.words(),
        }
    }
}

impl Motion {
    fn of(&self, point: Coord<f64>, size: Size) -> Coord<f64> {
        let Coord { x, y } = point;
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let (x, y) = match *self {
            Self::Exchanged => (y, x),
            Self::ExchangedFractions => (y / height * width, x / width * height),
            Self::SidesOfImage => (x / height * width, y / width * height),
            Self::Fractions => (x / width, y / height),
            Self::Percent => (x / width * 100.0, y / height * 100.0),
            Self::PixelsForFractions => (x * width, y * height),
            Self::PercentForFractions => (x * 100.0, y * 100.0),
            Self::Flipped { left_right, top_bottom } => {
                (if left_right { width - x } else { x }, if top_bottom { height - y } else { y })
            }
            Self::Quarter { is_right, is_fractions } => {
                let (x, y) = if is_right { (height - y, x) } else { (y, width - x) };
                let scale = |number: f64, from: f64, to: f64| match is_fractions {
                    true => number / from * to,
                    false => number,
                };
                (scale(x, height, width), scale(y, width, height))
            }
            Self::Affine { scale, shift } => (x * scale[0] + shift[0], y * scale[1] + shift[1]),
            Self::Resized { side, has_bars: false, .. } => (x / width * side, y / height * side),
            Self::Resized { side, is_fractions, .. } => {
                let scale = (side / width).min(side / height);
                let bars = [(side - width * scale) / 2.0, (side - height * scale) / 2.0];
                let (x, y) = (x * scale + bars[0], y * scale + bars[1]);
                if is_fractions { (x / side * width, y / side * height) } else { (x, y) }
            }
        };
        Coord { x, y }
    }

    /// A box keeps its spelling. Its size is the distance of its corners after the motion.
    fn of_box(&self, bbox: &BBox, size: Size) -> BBox {
        let [left, top, right, bottom] = bbox.corners();
        let one = self.of(Coord { x: left, y: top }, size);
        let other = self.of(Coord { x: right, y: bottom }, size);
        let corners =
            [one.x.min(other.x), one.y.min(other.y), one.x.max(other.x), one.y.max(other.y)];
        let [x_min, y_min, x_max, y_max] = corners;
        BBox::Corners { x_min, y_min, x_max, y_max }
    }

    fn rule(&self) -> Rule {
        match self {
            Self::Exchanged | Self::ExchangedFractions => Rule::AxesSwapped,
            Self::SidesOfImage => Rule::SidesSwapped,
            Self::Fractions
            | Self::Percent
            | Self::PixelsForFractions
            | Self::PercentForFractions => Rule::WrongUnit,
            Self::Flipped { left_right: true, top_bottom: true } | Self::Quarter { .. } => {
                Rule::Turned
            }
            Self::Flipped { .. } => Rule::Mirrored,
            Self::Affine { scale, .. } if *scale == [1.0, 1.0] => Rule::Shifted,
            Self::Affine { .. } | Self::Resized { .. } => Rule::Scaled,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Exchanged | Self::ExchangedFractions => "x and y exchanged".to_owned(),
            Self::SidesOfImage => "width and height of the image exchanged".to_owned(),
            Self::Fractions => "fractions where pixels belong".to_owned(),
            Self::Percent => "percent where pixels belong".to_owned(),
            Self::PixelsForFractions => "pixels where fractions belong".to_owned(),
            Self::PercentForFractions => "percent where fractions belong".to_owned(),
            Self::Flipped { left_right: true, top_bottom: true } => {
                "the image turned by half".to_owned()
            }
            Self::Flipped { left_right: true, .. } => "left and right mirrored".to_owned(),
            Self::Flipped { .. } => "upside down: top and bottom mirrored".to_owned(),
            Self::Quarter { is_right: true, .. } => {
                "the image turned by a quarter to the right".to_owned()
            }
            Self::Quarter { .. } => "the image turned by a quarter to the left".to_owned(),
            Self::Affine { scale: [1.0, 1.0], shift: [x, y] } => {
                format!("all shifted by ({}, {}) px", at_most(*x, 3), at_most(*y, 3))
            }
            Self::Affine { scale: [x, y], .. } if x == y => {
                format!("all multiplied by {}", at_most(*x, 3))
            }
            Self::Affine { scale: [x, y], .. } => {
                format!("x multiplied by {}, y by {}", at_most(*x, 3), at_most(*y, 3))
            }
            Self::Resized { side, has_bars: false, .. } => {
                format!("images stretched to {side} by {side}")
            }
            Self::Resized { is_fractions: true, .. } => {
                "images fitted into a square, with bars (letterbox)".to_owned()
            }
            Self::Resized { side, .. } => {
                format!("images fitted into {side} by {side}, with bars (letterbox)")
            }
        }
    }
}

impl Misreading {
    /// The box that a reader gets where these numbers stand in a format of the spelling `like`.
    fn of(self, bbox: &BBox, like: &BBox, size: Size) -> Option<BBox> {
        let [left, top, right, bottom] = bbox.corners();
        let [_, _, w, h] = bbox.corner_and_size();
        let [cx, cy, _, _] = bbox.centre_and_size();
        let numbers = match self {
            Self::SidesExchanged => return Some(exchanged_sides(bbox, like, size)),
            Self::CornersAsSize => [left, top, right, bottom],
            Self::SizeAsCorners | Self::CornerAsCentre => [left, top, w, h],
            Self::CentreAsCorner => [cx, cy, w, h],
        };
        let [a, b, c, d] = numbers;
        match (self, like) {
            (Self::CornersAsSize | Self::CentreAsCorner, BBox::Corner { .. }) => {
                Some(BBox::Corner { x: a, y: b, width: c, height: d })
            }
            (Self::CornersAsSize | Self::CornerAsCentre, BBox::Centre { .. }) => {
                Some(BBox::Centre { cx: a, cy: b, width: c, height: d })
            }
            (Self::SizeAsCorners | Self::CentreAsCorner, BBox::Corners { .. }) => {
                Some(BBox::Corners { x_min: a, y_min: b, x_max: c, y_max: d })
            }
            _ => None,
        }
    }
}

/// A box with its sides exchanged: those of fractions around the same centre, those of pixels from
/// the same corner.
fn exchanged_sides(bbox: &BBox, like: &BBox, size: Size) -> BBox {
    let [x, y, w, h] = bbox.corner_and_size();
    let [cx, cy, ..] = bbox.centre_and_size();
    let ratio = f64::from(size.width) / f64::from(size.height);
    match like {
        BBox::Centre { .. } => BBox::Centre { cx, cy, width: h * ratio, height: w / ratio },
        _ => BBox::Corner { x, y, width: h, height: w },
    }
}

fn moved(shape: &Shape, motion: impl Fn(Coord<f64>) -> Coord<f64>) -> Shape {
    let mut shape = shape.clone();
    let all = |points: &mut Vec<Coord<f64>>| points.iter_mut().for_each(|it| *it = motion(*it));
    match &mut shape {
        Shape::Polygons(parts) => parts.iter_mut().for_each(|part| {
            all(&mut part.exterior);
            part.holes.iter_mut().for_each(all);
        }),
        Shape::Polyline(points) | Shape::Points(points) => all(points),
        _ => {}
    }
    shape
}

/// Factors that people scale by. A factor that is nearly one of them is that one: it was computed
/// from rounded numbers.
const FACTORS: [f64; 12] =
    [0.1, 0.125, 0.25, 1.0 / 3.0, 0.5, 2.0 / 3.0, 0.75, 1.5, 2.0, 3.0, 4.0, 10.0];

fn scale_of(pairs: &[(BBox, BBox)]) -> Option<[f64; 2]> {
    let ratios = |at: usize| {
        let ratio = |(one, other): &(BBox, BBox)| {
            let (one, other) = (one.corner_and_size(), other.corner_and_size());
            let ratio = other.get(at)? / one.get(at)?;
            (ratio.is_finite() && ratio > 0.0).then_some(ratio)
        };
        median(pairs.iter().filter_map(ratio).collect())
    };
    let known = |ratio: f64| {
        let near = FACTORS.into_iter().find(|factor| (ratio / factor - 1.0).abs() < 0.01);
        near.unwrap_or(ratio)
    };
    let (x, y) = (known(ratios(2)?), known(ratios(3)?));
    let is_one = |ratio: f64| (ratio - 1.0).abs() < 0.01;
    (!is_one(x) || !is_one(y)).then_some([x, y])
}

fn shifts_of(pairs: &[(BBox, BBox)]) -> Vec<[f64; 2]> {
    let distances = |at: usize| {
        let distance =
            |(one, other): &(BBox, BBox)| Some(other.corners().get(at)? - one.corners().get(at)?);
        median(pairs.iter().filter_map(distance).collect())
    };
    let Some((x, y)) = distances(0).zip(distances(1)) else { return Vec::new() };
    let halves = [x, y].map(|it| (it * 2.0).round() / 2.0);
    let cents = [x, y].map(|it| (it * 100.0).round() / 100.0);
    [halves, cents].into_iter().filter(|shift| *shift != [0.0, 0.0]).collect()
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.retain(|number| number.is_finite());
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

/// The mistake that turns the boxes around the shapes of a part into its stated boxes. `None`
/// where most boxes are right, or no mistake explains nearly all of them.
///
/// Each object has a box and a shape. `tolerance` is how far a number may be off by rounding.
pub fn of_boxes(objects: &[(Annotation, Size)], tolerance: f64) -> Option<Mistake> {
    let pairs: Vec<(BBox, BBox)> = objects
        .iter()
        .filter_map(|(annotation, _)| Some((annotation.shape.bounds()?, annotation.bbox?)))
        .collect();
    // A box may be off by the rounding of its corner: that is no mistake of its own.
    let near = pairs.iter().filter(|(drawn, stated)| is_near(drawn, stated, tolerance.max(1.0)));
    if near.count() * 2 >= pairs.len() {
        return None;
    }
    let count = |mistake: &Mistake| {
        let is_explained = |(annotation, size): &&(Annotation, Size)| {
            is_explained(mistake, annotation, *size, tolerance)
        };
        objects.iter().filter(is_explained).count()
    };
    let candidates = known(false).into_iter().chain(Mistake::suggested(&pairs));
    let counted = candidates.map(|mistake| (count(&mistake), mistake));
    let best = counted.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (best.0 > 0 && best.0 * 5 >= pairs.len() * 4).then_some(best.1)
}

/// Whether a mistake turns the box around the shape of an object into its stated box.
pub fn is_explained(
    mistake: &Mistake,
    annotation: &Annotation,
    size: Size,
    tolerance: f64,
) -> bool {
    let Some((drawn, stated)) = annotation.shape.bounds().zip(annotation.bbox) else {
        return false;
    };
    let right = Annotation { bbox: Some(drawn), ..Annotation::default() };
    let wrong = mistake.of(&right, size, Some(&stated)).and_then(|wrong| wrong.bbox);
    wrong.is_some_and(|wrong| is_near(&wrong, &stated, tolerance))
}

fn is_near(one: &BBox, other: &BBox, tolerance: f64) -> bool {
    let (one, other) = (one.corner_and_size(), other.corner_and_size());
    let slack = other.iter().fold(1.0_f64, |most, it| most.max(it.abs())) * f64::EPSILON * 16.0;
    one.into_iter().zip(other).all(|(one, other)| (one - other).abs() <= tolerance + slack)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Polygon;

    const SIZE: Size = Size { width: 640, height: 480 };

    fn objects(wrong: impl Fn([f64; 4]) -> [f64; 4]) -> Vec<(Annotation, Size)> {
        let object = |number: usize| {
            let n = number as f64;
            let (x, y, w, h) = (10.0 + n * 31.0, 20.0 + n * 17.0, 50.0 + n * 3.0, 30.0 + n * 5.0);
            let [a, b, c, d] = wrong([x, y, w, h]);
            let ring = [(x, y), (x + w, y + h / 2.0), (x + w / 3.0, y + h)];
            let ring = ring.map(|(x, y)| Coord { x, y }).to_vec();
            let annotation = Annotation {
                bbox: Some(BBox::Corner { x: a, y: b, width: c, height: d }),
                shape: Shape::Polygons(vec![Polygon::from_ring(ring)]),
                ..Annotation::default()
            };
            (annotation, SIZE)
        };
        (0..8).map(object).collect()
    }

    #[test]
    fn a_mistake_in_boxes_is_known_by_the_shapes() {
        type Case = (fn([f64; 4]) -> [f64; 4], Option<Rule>);
        let cases: [Case; 9] = [
            (|box_| box_, None),
            (|[x, y, w, h]| [(x + 0.5).floor(), (y + 0.5).floor(), w, h], None),
            (|[x, y, w, h]| [x, y, x + w, y + h], Some(Rule::CornersAsSize)),
            (|[x, y, w, h]| [x + w / 2.0, y + h / 2.0, w, h], Some(Rule::CentreAsCorner)),
            (|[x, y, w, h]| [x, y, h, w], Some(Rule::SidesSwapped)),
            (|[x, y, w, h]| [y, x, h, w], Some(Rule::AxesSwapped)),
            (|[x, y, w, h]| [x / 640.0, y / 480.0, w / 640.0, h / 480.0], Some(Rule::WrongUnit)),
            (|[x, y, w, h]| [x * 2.0, y * 2.0, w * 2.0, h * 2.0], Some(Rule::Scaled)),
            (|[x, y, w, h]| [640.0 - x - w, y, w, h], Some(Rule::Mirrored)),
        ];
        for (number, (wrong, expected)) in cases.into_iter().enumerate() {
            let found = of_boxes(&objects(wrong), 1e-6);
            assert_eq!(found.map(|it| it.rule()), expected, "{number}: {found:?}");
        }
        let random = |[x, y, w, h]: [f64; 4]| [x * 7.0 % 100.0, y * 3.0 % 50.0, w, h * x % 90.0];
        assert_eq!(of_boxes(&objects(random), 1e-6), None);
    }

    #[test]
    fn factors_and_distances_are_read_off_the_pairs() {
        let bbox = |x, y, width, height| BBox::Corner { x, y, width, height };
        let scaled = [(bbox(10.0, 20.0, 30.0, 40.0), bbox(5.0, 10.0, 15.01, 20.0)); 3];
        let expected = Mistake::Points(Motion::Affine { scale: [0.5, 0.5], shift: [0.0, 0.0] });
        assert!(Mistake::suggested(&scaled).contains(&expected));
        assert_eq!(expected.words(), "all multiplied by 0.5");
        let shifted = [(bbox(10.0, 20.0, 30.0, 40.0), bbox(13.0, 18.0, 30.0, 40.0)); 3];
        let expected = Mistake::Points(Motion::Affine { scale: [1.0, 1.0], shift: [3.0, -2.0] });
        assert_eq!(Mistake::suggested(&shifted).first(), Some(&expected));
        assert_eq!(expected.words(), "all shifted by (3, -2) px");
        assert_eq!(Mistake::suggested(&[]), []);
    }
}
