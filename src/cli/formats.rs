//! `annoconv formats`.

use super::{Answer, print};
use annoconv::formats::FORMATS;

pub fn run() -> anyhow::Result<Answer> {
    let line = |format: &&dyn annoconv::format::Format| {
        format!(
            "{:<6} read, write  {}\n                    {}\n",
            format.name(),
            format.about(),
            format.holds()
        )
    };
    print(&FORMATS.iter().map(line).collect::<String>())?;
    Ok(Answer::Yes)
}
