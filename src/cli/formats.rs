//! `annoconv formats`.

use super::{Answer, print};
use annoconv::formats::FORMATS;

pub fn run() -> anyhow::Result<Answer> {
    let line = |format: &&dyn annoconv::format::Format| {
        format!("{:<6} {}\n", format.name(), format.about())
    };
    print(&FORMATS.iter().map(line).collect::<String>())?;
    Ok(Answer::Yes)
}
