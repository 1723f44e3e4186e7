//! Colours, where a person sees them.

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

/// Whether what goes to a stream has colours: where it is a terminal that can show them, unless
/// `NO_COLOR` is set; elsewhere with `CLICOLOR_FORCE`. Help and the errors of wrong calls keep to the
/// same rule.
pub fn are_on(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}
