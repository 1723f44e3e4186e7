//! A conversion as a caller asks for it, by the command line or from Python: all options by their
//! meaning, and which of them exclude each other.

use super::{Job, Mode, Options, Whole, read, refuse_input, run, run_from};
use crate::classes::Stated;
use crate::dataset::Dataset;
use crate::edit::{self, Edit};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files::input::Input;
use crate::files::place::Placing;
use crate::format::{Format, Given, Wants};
use crate::formats;
use crate::layout::{self, Layout};
use crate::presets::Preset;
use crate::progress::Progress;
use crate::report::Report;
use crate::report::conversion::Outcome;
use crate::trainers::Trainer;
use std::path::{Path, PathBuf};

/// A conversion as a caller asks for it. Inputs may be packed.
#[derive(Default)]
pub struct Request {
    /// The format of the inputs; found out where it is not stated.
    pub from: Option<&'static dyn Format>,
    /// Files and folders of annotations.
    pub inputs: Vec<PathBuf>,
    /// The format to write; by default what the trainer reads.
    pub to: Option<&'static dyn Format>,
    /// The trainer that the dataset is for.
    pub trainer: Option<&'static Trainer>,
    /// What to write.
    pub output: PathBuf,
    /// How images get to a trainer's folders.
    pub placing: Option<Placing>,
    /// The folder of the image files.
    pub images: Option<PathBuf>,
    /// A file that states sizes of images instead.
    pub sizes: Option<PathBuf>,
    /// Class names in order.
    pub classes: Option<Stated>,
    /// The conventions of a published dataset.
    pub preset: Option<&'static Preset>,
    /// Whether images without annotations are left out; by default the preset says so.
    pub skips_negatives: Option<bool>,
    /// Whether an image whose size is needed and not found is left out, counted.
    pub skips_missing: bool,
    /// Whether what cannot be read is left out, counted.
    pub skips_unreadable: bool,
    /// What is done with the result.
    pub doing: Doing,
    /// What is selected and changed.
    pub edits: edit::Asked,
    /// Settings of the two formats.
    pub settings: Vec<Given>,
}

/// What is done with the result of a conversion. By default it is written where nothing is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doing {
    /// Nothing is written; what is at the target is compared.
    pub check: bool,
    /// Everything but the writing.
    pub dry_run: bool,
    /// Files at the target are replaced.
    pub overwrite: bool,
    /// Files that this run does not make are removed.
    pub prune: bool,
    /// Any loss: nothing is written, and the answer is no.
    pub strict: bool,
}

impl Doing {
    /// The mode of a run.
    ///
    /// # Errors
    /// Where options exclude each other.
    pub fn mode(self) -> Result<Mode> {
        let Self { check, dry_run, overwrite, prune, strict } = self;
        if check && (dry_run || overwrite) {
            let other = if dry_run { "dry-run" } else { "overwrite" };
            return Err(usage("check", "it alone, as it writes nothing", format!("{other}, too")));
        }
        if prune && !overwrite {
            return Err(usage("prune", "overwrite with it", "it alone"));
        }
        Ok(match (check, dry_run) {
            (true, _) => Mode::Check,
            (_, true) => Mode::DryRun { overwrite, prune },
            _ => Mode::Write { overwrite, prune, strict },
        })
    }
}

fn usage(thing: &str, expected: &str, found: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, thing, Mismatch::new(expected, found))
}

/// What a conversion has given.
#[derive(Debug)]
pub struct Done {
    /// The counts.
    pub report: Report,
    /// The format that was written.
    pub to: &'static str,
    /// What was done with the result.
    pub outcome: Outcome,
    /// Whether all is as it was asked for: no difference was found, and nothing was lost where that
    /// matters.
    pub is_yes: bool,
}

impl Request {
    /// The format that is written.
    ///
    /// # Errors
    /// Where neither a format nor a trainer is stated.
    pub fn to(&self) -> Result<&'static dyn Format> {
        if let Some(to) = self.to {
            return Ok(to);
        }
        let layout = self.layouts().map(|layouts| layout::of(&layouts, None)).transpose()?;
        let format = layout.and_then(|layout| formats::by_name(layout.format));
        format.ok_or_else(|| usage("to", "a format to write, or a trainer", "neither"))
    }

    fn layouts(&self) -> Option<Vec<&'static Layout>> {
        self.trainer.map(|trainer| layout::by_name(trainer.name))
    }

    /// Opens the inputs with a function of the caller; [`Input::open`] is one.
    ///
    /// # Errors
    /// Where one cannot be read, or options exclude each other.
    pub fn open(&self, input: impl Fn(&Path) -> Result<Input>) -> Result<Opened<'_>> {
        if self.inputs.is_empty() {
            return Err(usage("inputs", "one or more", "none"));
        }
        self.held(input)
    }

    /// Opens what else is read beside a dataset that is held.
    ///
    /// # Errors
    /// Where options exclude each other, or a file cannot be opened.
    pub fn beside(&self) -> Result<Opened<'_>> {
        self.held(Input::open)
    }

    fn held(&self, input: impl Fn(&Path) -> Result<Input>) -> Result<Opened<'_>> {
        self.refuse()?;
        Ok(Opened {
            request: self,
            inputs: self.inputs.iter().map(|path| input(path)).collect::<Result<_>>()?,
            sizes: self.sizes.as_deref().map(Input::open).transpose()?,
        })
    }

    fn refuse(&self) -> Result<()> {
        if self.images.is_some() && self.sizes.is_some() {
            return Err(usage("sizes", "images or sizes", "both"));
        }
        if self.placing.is_some() && self.trainer.is_none() {
            return Err(usage("place", "a trainer, whose folders images are put in", "none"));
        }
        Ok(())
    }

    /// What holds for every format: what was asked, else what the preset says, else the default.
    fn options(&self, to: &'static dyn Format, progress: &Progress) -> Result<Options> {
        let has_none = |preset: &Preset| preset.without_negatives.contains(&to.name());
        Ok(Options {
            skips_negatives: self.skips_negatives.unwrap_or(self.preset.is_some_and(has_none)),
            skips_missing: self.skips_missing,
            skips_unreadable: self.skips_unreadable,
            is_flat: self.preset.is_some_and(|preset| preset.is_flat),
            classes: self.classes.as_ref().map(Stated::names).transpose()?,
            progress: progress.clone(),
        })
    }
}

/// A conversion whose inputs are opened.
pub struct Opened<'a> {
    request: &'a Request,
    inputs: Vec<Input>,
    sizes: Option<Input>,
}

impl Opened<'_> {
    /// Carries it out, with edits of the caller's own after those that are asked for, to a path that may
    /// be another one than was asked for. The current pool of threads does it.
    ///
    /// # Errors
    /// As [`run`]. An error names what was asked for, not an unpacked copy of it.
    pub fn run(
        &self,
        output: &Path,
        own_edits: Vec<Box<dyn Edit>>,
        progress: &Progress,
    ) -> Result<Done> {
        let job = self.job(self.request.to()?, output, own_edits, progress)?;
        // What the library reads may be an unpacked copy.
        let stated = self.inputs.iter().chain(&self.sizes).map(Input::stated);
        let stated = stated.chain(self.request.classes.as_ref().and_then(Stated::file));
        stated.into_iter().try_for_each(|stated| refuse_input(&job, stated, true))?;
        let report = run(&job).map_err(|error| self.restate(error))?;
        Ok(self.done(&job, report))
    }

    /// Carries out the conversion of a dataset that is held. `read` are the files that it was read from;
    /// the request has no inputs of its own.
    ///
    /// # Errors
    /// As [`run_from`].
    pub fn run_from(
        &self,
        dataset: Dataset,
        read: Vec<PathBuf>,
        progress: &Progress,
    ) -> Result<Done> {
        let output = &self.request.output;
        let job =
            Job { inputs: read, ..self.job(self.request.to()?, output, Vec::new(), progress)? };
        let stated = self.sizes.iter().map(Input::stated);
        let stated = stated.chain(self.request.classes.as_ref().and_then(Stated::file));
        stated.into_iter().try_for_each(|stated| refuse_input(&job, stated, true))?;
        let report = run_from(&job, dataset).map_err(|error| self.restate(error))?;
        Ok(self.done(&job, report))
    }

    /// Reads the dataset as a conversion would, and writes nothing.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(&self, wants: Wants, progress: &Progress) -> Result<Whole> {
        // Nothing is written: the target may be any.
        let Some(any) = formats::FORMATS.first() else { return Err(usage("to", "one", "none")) };
        let job = self.job(*any, Path::new(""), Vec::new(), progress)?;
        read(&job, wants).map_err(|error| self.restate(error))
    }

    /// The inputs. They must be kept as long as anything is read of them.
    pub fn into_inputs(self) -> Vec<Input> {
        self.inputs
    }

    fn job<'a>(
        &'a self,
        to: &'static dyn Format,
        output: &'a Path,
        own_edits: Vec<Box<dyn Edit>>,
        progress: &Progress,
    ) -> Result<Job<'a>> {
        let Self { request, inputs, sizes } = self;
        let layout = request.layouts().map(|layouts| layout::of(&layouts, Some(to.name())));
        let asked = edit::Asked { skips_unknown: request.skips_missing, ..request.edits.clone() };
        Ok(Job {
            from: request.from,
            inputs: inputs.iter().map(|input| input.path().to_path_buf()).collect(),
            to,
            output,
            settings: request.settings.clone(),
            edits: asked.edits_around(own_edits, progress)?,
            layout: layout.transpose()?,
            placing: request.placing.unwrap_or_default(),
            conventions: request.preset.map_or(&[], |preset| preset.conventions),
            options: request.options(to, progress)?,
            images: request.images.as_deref(),
            sizes: sizes.as_ref().map(Input::path),
            mode: request.doing.mode()?,
        })
    }

    fn done(&self, job: &Job, report: Report) -> Done {
        let is_lossy = self.request.doing.strict && !report.losses.is_empty();
        let is_yes = report.differences.is_empty() && !is_lossy;
        Done { outcome: outcome(job.mode, &report), to: job.to.name(), is_yes, report }
    }

    /// An error with the names that the caller gave instead of those of temporary files.
    fn restate(&self, error: Error) -> Error {
        let all = self.inputs.iter().chain(&self.sizes);
        all.fold(error, |error, input| input.restate(error))
    }
}

/// What was done with the result.
fn outcome(mode: Mode, report: &Report) -> Outcome {
    match mode {
        Mode::Write { strict: true, .. } if !report.losses.is_empty() => Outcome::Refused,
        Mode::Write { .. } => Outcome::Written,
        Mode::DryRun { .. } => Outcome::Tried,
        Mode::Check => Outcome::Compared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Work;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock};

    #[test]
    fn options_that_exclude_each_other_are_refused_by_name() {
        let none = Doing::default();
        for (doing, thing) in [
            (Doing { check: true, overwrite: true, ..none }, "check"),
            (Doing { check: true, dry_run: true, ..none }, "check"),
            (Doing { prune: true, ..none }, "prune"),
        ] {
            let error = doing.mode().unwrap_err();
            assert_eq!((error.kind(), error.thing()), (ErrorKind::Usage, thing), "{doing:?}");
        }
        let doing = Doing { dry_run: true, overwrite: true, prune: true, ..none };
        assert_eq!(doing.mode().unwrap(), Mode::DryRun { overwrite: true, prune: true });
    }

    #[test]
    fn what_a_request_lacks_is_named() {
        let one = || Request { inputs: vec![PathBuf::from("a.json")], ..Request::default() };
        let both = Some(PathBuf::from("x"));
        for (request, thing) in [
            (Request::default(), "inputs"),
            (Request { images: both.clone(), sizes: both, ..one() }, "sizes"),
            (Request { placing: Some(Placing::Copy), ..one() }, "place"),
        ] {
            let error = request.open(Input::open).map(drop).unwrap_err();
            assert_eq!((error.kind(), error.thing()), (ErrorKind::Usage, thing));
        }
        assert_eq!(one().to().map(|it| it.name()).unwrap_err().thing(), "to");
    }

    #[test]
    fn a_run_that_is_stopped_when_all_is_ready_has_changed_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("a.json"), folder.path().join("via.json"));
        let text = r#"{"images": [], "annotations": [], "categories": []}"#;
        std::fs::write(&input, text).unwrap();
        std::fs::write(&output, "mine").unwrap();
        let request = Request {
            inputs: vec![input],
            to: formats::by_name("vgg"),
            output: output.clone(),
            doing: Doing { overwrite: true, ..Doing::default() },
            ..Request::default()
        };
        // The flag of a progress is known only when that is made.
        let flag: Arc<OnceLock<Arc<AtomicBool>>> = Arc::default();
        let own = Arc::clone(&flag);
        let progress = Progress::new(move |step| {
            let is_ready = step.work == Work::Writing;
            own.get().unwrap().fetch_or(is_ready, Ordering::Relaxed);
        });
        flag.set(progress.flag()).unwrap();
        let opened = request.open(Input::open).unwrap();
        let stopped = opened.run(&output, Vec::new(), &progress).unwrap_err();
        assert_eq!(stopped.kind(), ErrorKind::Stopped);
        assert_eq!(std::fs::read(&output).unwrap(), b"mine");
        assert_eq!(folder.path().read_dir().unwrap().count(), 2);
        assert!(opened.run(&output, Vec::new(), &Progress::default()).unwrap().is_yes);
    }
}
