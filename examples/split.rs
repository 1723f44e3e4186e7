//! Splits units that are given as JSON: `cargo run --example split < units.json`.
//!
//! The input is `{"shares": [0.8, 0.2], "seed": 0, "units": [{"key": "a.jpg", "classes": [[0, 1, 3]],
//! "images": 1, "empty": 0}]}`, where a class is its number, its images and its objects. The subset
//! of each unit is printed, as a JSON list.

use annoconv::split::{Held, Unit, assign};
use serde::Deserialize;
use std::io::Read;

#[derive(Deserialize)]
struct Asked {
    shares: Vec<f64>,
    seed: u64,
    units: Vec<Given>,
}

#[derive(Deserialize)]
struct Given {
    key: String,
    classes: Vec<[usize; 3]>,
    images: usize,
    empty: usize,
    #[serde(default)]
    given: Option<usize>,
}

impl From<Given> for Unit {
    fn from(unit: Given) -> Self {
        let held = |[class, images, objects]: [usize; 3]| Held { class, images, objects };
        let Given { key, classes, images, empty, given } = unit;
        Self { key, classes: classes.into_iter().map(held).collect(), images, empty, given }
    }
}

#[allow(clippy::print_stdout, reason = "an example is a program")]
fn main() -> anyhow::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let asked: Asked = serde_json::from_str(&text)?;
    let units: Vec<Unit> = asked.units.into_iter().map(Unit::from).collect();
    let assigned = assign(&units, &asked.shares, asked.seed);
    println!("{}", serde_json::to_string(&assigned)?);
    Ok(())
}
