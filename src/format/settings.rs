//! The settings that formats declare: for reading, for writing, or for both.

use crate::error::{Error, ErrorKind, Mismatch, Result};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A setting of a format: what the command line, the documentation and Python are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name on the command line, without the dashes.
    pub name: &'static str,
    /// Whether it is about reading, writing or both.
    pub side: Side,
    /// What it can be.
    pub values: Values,
    /// What it is where nobody sets it, in words or as a value.
    pub default: &'static str,
    /// One line about it.
    pub help: &'static str,
}

/// What a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Both; each side has a value of its own.
    Both,
}

impl Side {
    /// Whether a setting of this side is one of the other.
    pub fn includes(self, other: Self) -> bool {
        self == Self::Both || self == other
    }

    /// `reading` or `writing`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "reading",
            Self::Write => "writing",
            Self::Both => "reading and writing",
        }
    }
}

/// What a setting can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number.
    Whole(RangeInclusive<usize>),
    /// Any text; the word stands for it in help.
    Text(&'static str),
}

impl Values {
    /// What stands for the value in help: `keep|skip`, `0..1`, `NAME`.
    pub fn words(&self) -> String {
        match self {
            Self::Choice(words) => words.join("|"),
            Self::Whole(range) => format!("{}..{}", range.start(), range.end()),
            Self::Text(word) => (*word).to_owned(),
        }
    }

    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Choice(words) => words.contains(&value),
            Self::Whole(range) => value.parse().is_ok_and(|number| range.contains(&number)),
            Self::Text(_) => !value.contains(char::is_control),
        }
    }
}

/// A set of words that a setting chooses from.
pub trait Choice: Copy + 'static {
    /// Each word with its meaning.
    const WORDS: &'static [(&'static str, Self)];
}

/// Defines an enum, each variant with its word on the command line, and the list of the words.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$about])* $variant),+ }

        impl $name {
            /// The words that stand for it on the command line.
            pub const NAMES: &'static [&'static str] = &[$($word),+];
        }

        impl $crate::format::Choice for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }
    };
}
pub(crate) use choice;

/// A setting as a caller gives it, before it is known whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The side that it is meant for; both, where that is not told.
    pub side: Side,
}

/// A setting of a format in a published dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convention {
    /// The format.
    pub format: &'static str,
    /// Reading or writing.
    pub side: Side,
    /// The setting.
    pub name: &'static str,
    /// Its value.
    pub value: &'static str,
}

/// The settings of one format that were chosen, for reading or for writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    values: BTreeMap<&'static str, String>,
    extension: Option<String>,
}

impl Chosen {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The settings of a side of a format among those that were given; those of others are left
    /// aside.
    ///
    /// # Errors
    /// Where one cannot be what it is given as.
    pub fn of(declared: &'static [Setting], side: Side, given: &[Given]) -> Result<Self> {
        let is_own = |it: &&Given| it.side.includes(side) && is_declared(declared, side, &it.name);
        let mut chosen = Self::default();
        for it in given.iter().filter(is_own) {
            chosen.set(declared, side, &it.name, &it.value)?;
        }
        Ok(chosen)
    }

    /// The extension of the output's name, in lower case and without that of a compression: a
    /// format may have several forms.
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// States the extension of the output's name.
    pub fn set_extension(&mut self, extension: Option<String>) {
        self.extension = extension;
    }

    /// Chooses the value of a setting that the format declares for this side.
    ///
    /// # Errors
    /// Where the format has no such setting on this side, or it cannot be that.
    pub fn set(
        &mut self,
        declared: &'static [Setting],
        side: Side,
        name: &str,
        value: &str,
    ) -> Result<()> {
        let known = declared.iter().filter(|setting| setting.side.includes(side));
        let Some(setting) = known.clone().find(|setting| setting.name == name) else {
            let names: Vec<&str> = known.map(|setting| setting.name).collect();
            let expected = format!("a setting for {}: {}", side.name(), names.join(", "));
            return Err(Error::new(
                ErrorKind::Usage,
                name,
                Mismatch::new(expected, "none of them"),
            ));
        };
        if !setting.values.holds(value) {
            let mismatch = Mismatch::new(setting.values.words(), format!("{value:?}"));
            return Err(Error::new(ErrorKind::Usage, name, mismatch));
        }
        self.values.insert(setting.name, value.to_owned());
        Ok(())
    }

    /// The same settings, one more chosen.
    ///
    /// # Errors
    /// As [`Chosen::set`].
    pub fn with(
        mut self,
        declared: &'static [Setting],
        side: Side,
        name: &str,
        value: &str,
    ) -> Result<Self> {
        self.set(declared, side, name, value)?;
        Ok(self)
    }

    /// Chooses what a published dataset does, where nothing else was chosen.
    pub fn fill(&mut self, format: &str, side: Side, conventions: &'static [Convention]) {
        for own in conventions.iter().filter(|it| it.format == format && it.side == side) {
            self.values.entry(own.name).or_insert_with(|| own.value.to_owned());
        }
    }

    /// What was chosen, as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What was chosen of a set of words.
    pub fn choice<T: Choice>(&self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    /// What was chosen, as a whole number.
    pub fn whole(&self, name: &str) -> Option<usize> {
        self.text(name)?.parse().ok()
    }
}

/// Whether a format has a setting of this name on a side.
pub fn is_declared(declared: &[Setting], side: Side, name: &str) -> bool {
    declared.iter().any(|setting| setting.name == name && setting.side.includes(side))
}

#[cfg(test)]
mod tests {
    use super::*;

    choice! {
        /// A test.
        Way { /// One.
            One "one", /// Other.
            Other "other" }
    }

    const DECLARED: &[Setting] = &[
        Setting {
            name: "way",
            side: Side::Both,
            values: Values::Choice(Way::NAMES),
            default: "one",
            help: "",
        },
        Setting {
            name: "digits",
            side: Side::Write,
            values: Values::Whole(1..=17),
            default: "6",
            help: "",
        },
    ];

    #[test]
    fn what_is_chosen_is_checked_against_what_is_declared() {
        let set = |side, name, value| {
            Chosen::new().with(DECLARED, side, name, value).map_err(|error| error.to_string())
        };
        assert_eq!(set(Side::Read, "way", "other").unwrap().choice::<Way>("way"), Some(Way::Other));
        assert_eq!(set(Side::Write, "digits", "4").unwrap().whole("digits"), Some(4));
        for (side, name, value, message) in [
            (
                Side::Read,
                "digits",
                "4",
                "digits: expected a setting for reading: way, found none of them",
            ),
            (Side::Write, "digits", "18", "digits: expected 1..17, found \"18\""),
            (Side::Write, "way", "none", "way: expected one|other, found \"none\""),
        ] {
            assert_eq!(set(side, name, value).unwrap_err(), message);
        }
    }

    #[test]
    fn conventions_do_not_replace_what_was_chosen() {
        const OWN: &[Convention] = &[
            Convention { format: "x", side: Side::Write, name: "way", value: "one" },
            Convention { format: "x", side: Side::Write, name: "digits", value: "3" },
            Convention { format: "y", side: Side::Write, name: "digits", value: "5" },
        ];
        let mut own = Chosen::new().with(DECLARED, Side::Write, "way", "other").unwrap();
        own.fill("x", Side::Write, OWN);
        assert_eq!((own.text("way"), own.whole("digits")), (Some("other"), Some(3)));
    }
}
