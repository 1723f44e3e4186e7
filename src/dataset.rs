//! A dataset as people keep it: found in folders, opened, merged, completed.
//!
//! [`Tree`](crate::tree::Tree) lists files once. Each format finds its own parts in it ([`find`](mod@find)). The parts are opened
//! and [merged](Merged) into one source, which is [completed](Completed) from the image files.

mod classes_order;
mod completed;
pub mod find;
mod foreign;
mod kept;
mod memory;
mod merged;
mod names;
mod negatives;
mod open;
mod ordered;
mod ready;
mod selection;

pub use completed::{Completed, Completion, has_image_for};
pub use find::{Discovery, FoundPart, Inputs};
pub use foreign::recognise;
pub use kept::Kept;
pub use memory::{Held, Memory};
pub use merged::{Merged, Part};
pub use names::{Clash, Homes, clashes};
pub use negatives::Negatives;
pub use open::{Dataset, Settings, defaults, open, open_path};
pub use ordered::{name_classes, order_classes};
pub use ready::{LastChoice, Ready};
pub use selection::Selection;
