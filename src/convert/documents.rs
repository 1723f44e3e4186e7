//! The files that images share: one for all, or one a subset.

use super::plan::Plan;
use super::{Job, Mode};
use crate::dataset::Ready;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files::check::{Comparer, Difference};
use crate::files::input::Input;
use crate::files::pack::{Packer, Packing};
use crate::files::staging::Staging;
use crate::files::target::Target;
use crate::format::{Document, Encoded, Layout, Source, Writer};
use crate::losses::{LossCounts, Losses, Reason};
use crate::tree::{is_same_subset, subset_of_path};
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Subset = Option<Arc<str>>;

/// Extensions by which a name is that of a file.
const OF_FILES: [&str; 10] =
    ["json", "csv", "xml", "txt", "yaml", "yml", "jsonl", "ndjson", "zip", "tar"];

/// The extension of a name in lower case, without that of a compression.
pub fn extension_of(path: &Path) -> Option<String> {
    let stem = match Packing::of(path) {
        Packing::None => path.to_path_buf(),
        _ => path.with_extension(""),
    };
    Some(stem.extension()?.to_str()?.to_lowercase())
}

/// Refuses an output whose name is not that of what the format writes.
///
/// # Errors
/// Where it is the name of another kind of file, or of a file where a folder is written.
pub fn refuse_unfit(job: &Job) -> Result<()> {
    let Some(extension) = extension_of(job.output) else { return Ok(()) };
    let arrangement = job.to.profile().arrangement;
    let is_folder = arrangement.is_per_image() || job.layout.is_some();
    let is_own = !is_folder && arrangement.extensions().contains(&&*extension);
    if is_own || job.output.is_dir() || !OF_FILES.contains(&&*extension) {
        return Ok(());
    }
    let expected = match (job.layout, arrangement.is_per_image()) {
        (Some(layout), _) => format!("a folder, as {} reads one", layout.name),
        (None, true) => format!("a folder, as {} has a file an image", job.to.name()),
        (None, false) => format!("a name that ends in .{}", arrangement.extensions().join(" or .")),
    };
    let mismatch = Mismatch::new(expected, format!("the name of a .{extension} file"));
    Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(job.output))
}

/// What an output consists of.
pub enum Form {
    /// A folder of own files.
    OwnFiles,
    /// A file for all images.
    File,
    /// A folder with a file for each of these subsets.
    Folder(Vec<Subset>),
}

impl Form {
    /// The form of an output: a folder of documents where there are several subsets and the path is
    /// not that of a file.
    pub fn of(job: &Job, source: &Ready, writer: &dyn Writer) -> Self {
        if writer.own_files().is_some() {
            return Self::OwnFiles;
        }
        let subsets = subsets(source);
        let is_folder = job.output.is_dir() || job.output.extension().is_none();
        match (subsets.len() > 1 && is_folder) || job.layout.is_some() {
            true => Self::Folder(subsets),
            false => Self::File,
        }
    }

    /// What is written to.
    pub fn target(&self) -> Target {
        match self {
            Self::File => Target::File,
            Self::OwnFiles | Self::Folder(_) => Target::Folder,
        }
    }

    /// Counts the images whose subset is not stated any more: one file has them all, or the
    /// folders of their own files do not name it.
    pub fn count_subsets(
        &self,
        is_layout: bool,
        source: &Ready,
        plan: &Plan,
        losses: &mut LossCounts,
    ) {
        if is_layout || matches!(self, Self::Folder(_)) || subsets(source).len() < 2 {
            return;
        }
        for (index, image) in source.images().iter().enumerate() {
            let Some(subset) = &image.subset else { continue };
            let stated = plan.path(index).and_then(subset_of_path);
            if !source.is_left_out(index) && !stated.is_some_and(|it| is_same_subset(&it, subset)) {
                losses.add(&image.file_name, &Losses::of_image(Reason::SubsetDropped));
            }
        }
    }
}

/// The subsets of the images that are written, in the order in which they come.
fn subsets(source: &Ready) -> Vec<Subset> {
    let mut subsets: Vec<Subset> = Vec::new();
    for (index, image) in source.images().iter().enumerate() {
        if !source.is_left_out(index) && !subsets.contains(&image.subset) {
            subsets.push(image.subset.clone());
        }
    }
    subsets
}

/// The documents of an output, all of them begun.
pub struct Documents<'a> {
    all: Vec<One<'a>>,
    by_subset: HashMap<Subset, usize>,
    source: &'a Ready,
}

/// A document and where it goes.
struct One<'a> {
    document: Box<dyn Document>,
    name: Option<PathBuf>,
    stream: Stream<'a>,
}

impl<'a> Documents<'a> {
    /// Begins the documents of an output; none where it has own files only.
    pub fn begin(
        form: &Form,
        job: &Job,
        source: &'a Ready,
        writer: &dyn Writer,
        staging: Option<&'a Staging>,
    ) -> Result<Self> {
        let mut documents = Self { all: Vec::new(), by_subset: HashMap::new(), source };
        let subsets = match form {
            Form::OwnFiles => return Ok(documents),
            Form::File => vec![None],
            Form::Folder(subsets) => subsets.clone(),
        };
        let is_single = matches!(form, Form::File);
        let extension =
            job.to.profile().arrangement.extensions().first().copied().unwrap_or("json");
        for subset in subsets {
            let Some(mut document) = writer.document() else { continue };
            let named = subset.as_deref().unwrap_or("annotations");
            let name = match (is_single, job.layout) {
                (true, _) => None,
                (false, Some(layout)) => Some(layout.document_path(named)),
                (false, None) => Some(PathBuf::from(format!("{named}.{extension}"))),
            };
            let mut stream = Stream::open(job, staging, name.as_deref())?;
            let is_own = |index: &usize| {
                is_single || source.images().get(*index).is_some_and(|image| image.subset == subset)
            };
            let mut layout = Layout {
                images: Box::new(source.kept_images(is_own)),
                is_grouped: source.header().is_grouped,
                spool: &mut || spool(staging),
            };
            let failed = |error| Error::io(job.output, "write", error);
            document.begin(&mut layout, &mut stream).map_err(failed)?;
            drop(layout);
            documents.by_subset.insert(subset.filter(|_| !is_single), documents.all.len());
            documents.all.push(One { document, name, stream });
        }
        Ok(documents)
    }

    /// The paths of those that lie in an output folder, relative to it.
    pub fn names(&self) -> impl Iterator<Item = &Path> {
        self.all.iter().filter_map(|one| one.name.as_deref())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Appends a record to the document of its image's subset.
    pub fn append(&mut self, image: usize, encoded: Encoded) -> io::Result<()> {
        let subset = self.source.images().get(image).and_then(|image| image.subset.clone());
        let at = self.by_subset.get(&subset).or_else(|| self.by_subset.get(&None));
        match at.and_then(|at| self.all.get_mut(*at)) {
            Some(one) => one.document.append(encoded, &mut one.stream),
            None => Ok(()),
        }
    }

    /// Ends all of them; the differences where they were compared.
    pub fn finish(self) -> io::Result<Vec<Difference>> {
        let mut differences = Vec::new();
        for mut one in self.all {
            one.document.finish(&mut one.stream)?;
            differences.extend(one.stream.finish()?);
        }
        Ok(differences)
    }
}

/// A file for what cannot be written yet; it is gone when it is closed.
fn spool(staging: Option<&Staging>) -> io::Result<std::fs::File> {
    match staging {
        Some(staging) => tempfile::tempfile_in(staging.place()),
        None => tempfile::tempfile_in(std::env::temp_dir()),
    }
}

/// Where a document goes: to a staging place, into a comparison, or nowhere.
enum Stream<'a> {
    Staged(Packer<Box<dyn Write + 'a>>),
    /// With the path that it is compared with, and what was unpacked of it.
    Compared(Box<Comparer>, PathBuf, Option<Input>),
    Nowhere,
}

impl<'a> Stream<'a> {
    fn open(job: &Job, staging: Option<&'a Staging>, name: Option<&Path>) -> Result<Self> {
        let path = name.map_or_else(|| job.output.to_path_buf(), |name| job.output.join(name));
        let failed = |error| Error::io(&path, "read", error);
        if let Some(staging) = staging {
            let file: Box<dyn Write> = Box::new(staging.stream(name)?);
            let packed = Packer::new(file, Packing::of(&path), || spool(Some(staging)));
            return packed.map(Self::Staged).map_err(failed);
        }
        if job.mode != Mode::Check {
            return Ok(Self::Nowhere);
        }
        let unpacked = match Packing::of(&path) {
            Packing::None => None,
            _ if !path.is_file() => None,
            _ => Some(Input::open(&path)?),
        };
        let comparer = Comparer::open(unpacked.as_ref().map_or(&*path, Input::path));
        Ok(Self::Compared(Box::new(comparer.map_err(failed)?), path, unpacked))
    }

    fn finish(self) -> io::Result<Option<Difference>> {
        match self {
            Self::Staged(packer) => packer.finish().map(|()| None),
            Self::Compared(comparer, path, _unpacked) => {
                let file = path.display().to_string();
                Ok(comparer.finish()?.map(|difference| Difference { file, ..difference }))
            }
            Self::Nowhere => Ok(None),
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Staged(packer) => packer.write(bytes),
            Self::Compared(comparer, ..) => comparer.write(bytes),
            Self::Nowhere => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Staged(packer) => packer.flush(),
            _ => Ok(()),
        }
    }
}
