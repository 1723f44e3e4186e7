//! Prints the groups of copies among the image files below folders: `cargo run --example likeness -- FOLDER…`.

use annoconv::images::likeness::{Likeness, groups};
use annoconv::progress::Progress;

#[allow(clippy::print_stdout, reason = "an example is a program")]
#[allow(clippy::indexing_slicing, reason = "indexes of files are of the list that was given")]
fn main() -> annoconv::error::Result<()> {
    let mut files = Vec::new();
    for folder in std::env::args().skip(1) {
        let below = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
        files.extend(
            below.map(|entry| entry.into_path()).filter(|it| annoconv::images::is_image(it)),
        );
    }
    let start = std::time::Instant::now();
    let found = groups(&files, &Likeness::default(), &Progress::default())?;
    println!(
        "{} files, {} groups, {:.2} s",
        files.len(),
        found.len(),
        start.elapsed().as_secs_f64()
    );
    for pair in found.iter().flat_map(|group| &group.pairs) {
        let [one, other] = [pair.one, pair.other].map(|at| files[at].display());
        println!("{} {:.4}\t{one}\t{other}", pair.kind.name(), pair.distance);
    }
    Ok(())
}
