//! Hugging Face: folders train, validation and test, each with its images and `metadata.jsonl`.
//!
//! `load_dataset("imagefolder", data_dir=…)` of datasets takes the names of the folders for the
//! splits (`data_files.py`), and the lines of `metadata.jsonl` for what is said of the images.
//! It refuses a subset without any object: the types of the columns, which must be those of the other
//! subsets, cannot be told from empty lists (`folder_based_builder.py`). `classes.txt` has the order of the classes; datasets passes it over.

use super::{Contents, Layout};
use crate::classes::is_odd;
use crate::format::List;

/// The layout.
pub const HF: Layout = Layout {
    name: "hf",
    about: "Hugging Face imagefolder: SUBSET/metadata.jsonl beside the images",
    format: "hf",
    subsets: ["train", "validation", "test"],
    needs: 0,
    needs_objects: true,
    images: "{}",
    finds: |_| true,
    own: "",
    document: "{}/metadata.jsonl",
    first_class: None,
    conventions: &[],
    lists,
};

fn lists(contents: &Contents) -> Vec<List> {
    if contents.classes.iter().any(|name| name.contains(is_odd)) {
        return Vec::new();
    }
    let lines: String = contents.classes.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    vec![List { name: "classes.txt".to_owned(), bytes: lines.into_bytes() }]
}
