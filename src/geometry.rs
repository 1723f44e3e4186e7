//! The shared geometry core: bounding boxes, polygons and run-length encoded masks.
//!
//! Everything here is in pixels, `f64`, origin at the top-left corner of the image, x to the
//! right and y down. The pixel in column x covers the range from x to x + 1; rows are counted in
//! the same way. Nothing here knows a file format.

pub mod bbox;
mod bridges;
pub mod crossing;
mod inset;
mod one_ring;
pub mod overlap;
mod painted;
pub mod polygon;
pub mod raster;
pub mod rle;
mod trace;
pub mod unite;
mod weave;

pub use bbox::BBox;
pub use inset::Inset;
pub use one_ring::{Made, one_ring};
pub use polygon::{Polygon, Ring};
pub use rle::Rle;

pub use geo::Coord;

/// The size of an image in pixels, as a viewer displays it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
