//! Reads a JSON file and lets serde_json pass over it on one thread: the yardstick of the
//! benchmarks for what must at least be read.

use serde::de::IgnoredAny;

fn main() -> anyhow::Result<()> {
    for path in std::env::args_os().skip(1) {
        serde_json::from_slice::<IgnoredAny>(&std::fs::read(path)?)?;
    }
    Ok(())
}
