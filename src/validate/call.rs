//! A dataset to be judged as a caller asks for it, by the command line or from Python.

use super::{Request, Validation, run};
use crate::classes::Stated;
use crate::error::Result;
use crate::files::input::Input;
use crate::format::{Given, Run};
use crate::presets::Preset;
use crate::progress::Progress;
use crate::report::validation::paths;
use crate::rules::select::{Selection, chosen};
use crate::rules::{Group, Rule};
use crate::trainers::Trainer;
use std::path::{Path, PathBuf};

/// What is judged, and by which rules.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Files and folders; a file may be packed.
    pub paths: Vec<PathBuf>,
    /// Files and folders of a stated format, each with that.
    pub named: Vec<(&'static str, PathBuf)>,
    /// Tables with a column of images.
    pub tables: Vec<PathBuf>,
    /// Lists of images; each is a split.
    pub splits: Vec<PathBuf>,
    /// The folder of the image files.
    pub images: Option<PathBuf>,
    /// The conventions of a published dataset.
    pub preset: Option<&'static Preset>,
    /// The trainer that the dataset is meant for.
    pub trainer: Option<&'static Trainer>,
    /// Class names in order.
    pub classes: Option<Stated>,
    /// Only these rules; all where there are none.
    pub select: Vec<Selection>,
    /// All but these rules.
    pub ignore: Vec<Selection>,
    /// The settings with which files are read.
    pub settings: Vec<Given>,
}

/// A dataset that was judged.
#[derive(Debug, Default)]
pub struct Judged {
    /// What was found, with the paths that a reader expects.
    pub validation: Validation,
    /// The rules that it was judged by.
    pub rules: Vec<Rule>,
}

impl Call {
    /// Opens what is judged with a function of the caller; [`Input::open`] is one.
    ///
    /// # Errors
    /// Where a path cannot be read.
    pub fn open(&self, input: impl Fn(&Path) -> Result<Input>) -> Result<Opened<'_>> {
        let inputs = self.paths.iter().map(|path| input(path)).collect::<Result<_>>()?;
        Ok(Opened { call: self, inputs })
    }

    /// The request of a run over inputs that are opened.
    ///
    /// # Errors
    /// Where the classes cannot be read.
    pub fn request(&self, inputs: &[Input]) -> Result<Request> {
        let classes = self.classes.as_ref().map(Stated::names).transpose()?;
        let mut request = Request {
            paths: inputs.iter().map(|input| input.path().to_path_buf()).collect(),
            named: self.named.clone(),
            tables: self.tables.clone(),
            splits: self.splits.clone(),
            images: self.images.clone(),
            judge_table: self.preset.map(|preset| preset.judge_table),
            settings: self.settings.clone(),
            conventions: self.preset.map_or(&[], |preset| preset.conventions),
            trainer: self.trainer,
            rules: chosen(&self.select, &self.ignore),
            run: Run { classes, ..Run::default() },
        };
        if let Some(preset) = self.preset {
            (preset.complete)(&mut request);
        }
        Ok(request)
    }
}

/// A dataset that is opened.
#[derive(Debug)]
pub struct Opened<'a> {
    call: &'a Call,
    inputs: Vec<Input>,
}

impl Opened<'_> {
    /// Judges it. The current pool of threads does it. Paths below `folder` (the current one) become
    /// relative to it.
    ///
    /// # Errors
    /// As [`run`]. An error names what was asked for, not an unpacked copy of it.
    pub fn run(&self, folder: Option<&Path>, progress: &Progress) -> Result<Judged> {
        let Self { call, inputs } = self;
        let mut request = call.request(inputs)?;
        request.run.progress = progress.clone();
        let restate = |error| inputs.iter().fold(error, |error, input| input.restate(error));
        let mut validation = run(&request).map_err(restate)?;
        let mut rules = chosen(&call.select, &call.ignore);
        rules.retain(|rule| rule.group() != Group::Trainer || call.trainer.is_some());
        validation.findings.retain(|finding| rules.contains(&finding.rule));
        let unpacked: Vec<(&Path, &Path)> =
            inputs.iter().map(|input| (input.path(), input.stated())).collect();
        paths::shorten(&mut validation, folder, &unpacked);
        Ok(Judged { validation, rules })
    }
}
