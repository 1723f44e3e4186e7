//! The files of a dataset: listed once, and grouped to the parts that readers open.

pub mod class_lists;
mod heads;
mod homes;
mod listing;
mod parts;
mod rows;
mod subset;

pub use heads::Head;
pub use homes::homes;
pub use listing::{Tree, YamlPath, yaml_base, yaml_paths};
pub use parts::{Files, FolderFiles, Found, common, parts_of_folders};
pub use rows::format_of_rows;
pub use subset::{
    is_same as is_same_subset, of_folders as subset_of_folders, of_name as subset_of_name,
    of_path as subset_of_path, without as without_subset,
};
