//! Data: datasets, images and annotations as objects of Python, and back.

pub mod ahead;
pub mod annotation;
pub mod arrays;
pub mod coco;
pub mod dataset;
pub mod edit;
pub mod image;
pub mod origin;
pub mod records;
pub mod shapes;
pub mod values;
pub mod write;
