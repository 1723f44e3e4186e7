//! What mends an error, as an option of the command that met it.

use crate::error::{Error, Remedy};
use crate::json::END_OF_FILE;

/// The option, and what it does.
fn words(remedy: Remedy) -> (&'static str, &'static str) {
    match remedy {
        Remedy::Overwrite => ("overwrite", "replaces the files that are there"),
        Remedy::Prune => {
            ("prune", "with --overwrite also removes what is there and no part of this run")
        }
        Remedy::Format => ("from FORMAT", "says which format is meant"),
        Remedy::Classes => ("classes FILE", "names the list of classes that counts"),
        Remedy::Images => ("images DIR", "says where the image files are"),
        Remedy::Sizes => (
            "images DIR",
            "says where the image files are, or --sizes COCO.json which file has their sizes",
        ),
        Remedy::SkipMissing => {
            ("missing-images skip", "leaves out what is not found, and counts it")
        }
        Remedy::SkipUnreadable => {
            ("on-error skip", "leaves out what cannot be read, and counts it")
        }
        Remedy::SkipNegatives => ("negatives skip", "leaves out images without annotations"),
        Remedy::DropImage => ("drop-images NAME", "leaves an image out"),
        Remedy::Split => ("split train=0.8,val=0.2", "shares the images out to subsets"),
        Remedy::Copy => ("place copy", "copies the images, which every file system can"),
        Remedy::InPlace => ("in-place", "changes the files themselves"),
    }
}

/// The hint for an error of a command; none where no option of this command mends it.
pub fn of(error: &Error, command: &clap::Command) -> Option<String> {
    let remedy = error.remedy()?;
    if remedy == Remedy::SkipUnreadable && is_cut_off(error) {
        return None;
    }
    let (option, does) = words(remedy);
    let name = option.split(' ').next().unwrap_or(option);
    let is_known = command.get_arguments().any(|arg| arg.get_long() == Some(name));
    is_known.then(|| format!("--{option} {does}"))
}

/// Whether a file ends too early. Most of it is then missing: what is left is no dataset.
fn is_cut_off(error: &Error) -> bool {
    error.mismatch().is_some_and(|it| it.found == END_OF_FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_cut_off_is_not_to_be_passed_over() {
        let program = crate::cli::command();
        let convert = program.find_subcommand("convert").unwrap();
        for (found, has_hint) in [(END_OF_FILE, false), ("a word", true)] {
            let error = Error::malformed("x", "more JSON", found);
            let error = error.mended_by(Remedy::SkipUnreadable);
            assert_eq!(of(&error, convert).is_some(), has_hint, "{found}");
        }
    }

    #[test]
    fn every_remedy_is_an_option_of_a_command() {
        let program = crate::cli::command();
        for remedy in Remedy::ALL {
            let error = Error::malformed("x", "a", "b").mended_by(*remedy);
            let count = program.get_subcommands().filter(|it| of(&error, it).is_some()).count();
            assert!(count > 0, "{remedy:?}");
        }
    }
}
