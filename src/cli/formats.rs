//! `annoconv formats`.

use super::{Answer, print};
use annoconv::formats::FORMATS;

pub fn run() -> anyhow::Result<Answer> {
    let line = |format: &&dyn annoconv::format::Format| {
        format!("{:<6} {:<11} {}\n", format.name(), directions(*format), format.about())
    };
    print(&FORMATS.iter().map(line).collect::<String>())?;
    Ok(Answer::Yes)
}

fn directions(format: &dyn annoconv::format::Format) -> &'static str {
    match (format.is_read(), format.is_written()) {
        (true, true) => "read, write",
        (true, false) => "read",
        (false, true) => "write",
        (false, false) => "",
    }
}
