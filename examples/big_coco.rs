//! Writes a COCO instances file of the size of COCO train2017, from a seed: the benchmarks' input.
//!
//! `cargo run --release --example big_coco -- FILE [SCALE]`: at scale 1 it has some 480 MB, 118,287 images and
//! 860,001 annotations (some 1 in 80 a crowd, 1 in 11 of several polygons), in an order of their
//! own, as COCO's are.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "no input reaches it")]

use std::fs::File;
use std::io::{BufWriter, Write};

const IMAGES: u64 = 118_287;
const ANNOTATIONS: u64 = 860_001;
const CATEGORIES: u64 = 80;
const SIZE: [u64; 2] = [640, 480];

/// Numbers by the generator SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.below(1 << 32) as f64 / (1u64 << 32) as f64
    }
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "big.json".to_owned());
    let scale: u64 = arguments.next().map_or(Ok(1), |scale| scale.parse())?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = Random(17);
    out.write_all(b"{\"info\": {\"description\": \"synthetic\"}, \"images\": [")?;
    for id in 1..=IMAGES * scale {
        let comma = if id == 1 { "" } else { ", " };
        write!(
            out,
            "{comma}{{\"license\": {}, \"file_name\": \"{id:012}.jpg\", \
             \"coco_url\": \"http://images.cocodataset.org/train2017/{id:012}.jpg\", \
             \"height\": {}, \"width\": {}, \"date_captured\": \"2013-11-14 16:28:13\", \"id\": {id}}}",
            1 + random.below(8),
            SIZE[1],
            SIZE[0]
        )?;
    }
    out.write_all(b"], \"annotations\": [")?;
    for id in 1..=ANNOTATIONS * scale {
        out.write_all(if id == 1 { b"" } else { b", " })?;
        write_annotation(&mut out, id, scale, &mut random)?;
    }
    out.write_all(b"], \"categories\": [")?;
    for id in 1..=CATEGORIES {
        let comma = if id == 1 { "" } else { ", " };
        write!(
            out,
            "{comma}{{\"supercategory\": \"thing\", \"id\": {id}, \"name\": \"class {id}\"}}"
        )?;
    }
    out.write_all(b"]}\n")?;
    Ok(out.flush()?)
}

fn write_annotation(
    out: &mut impl Write,
    id: u64,
    scale: u64,
    random: &mut Random,
) -> anyhow::Result<()> {
    let image = 1 + random.below(IMAGES * scale);
    let category = 1 + random.below(CATEGORIES);
    let [x, y] = SIZE.map(|side| random.part() * side as f64 * 0.8);
    let [width, height] = SIZE.map(|side| (0.02 + 0.18 * random.part()) * side as f64);
    let is_crowd = random.below(80) == 0;
    out.write_all(b"{\"segmentation\": ")?;
    let (area, [x_min, y_min, x_max, y_max]) = if is_crowd {
        (write_crowd(out, random)?, [0.0, 0.0, SIZE[0] as f64, SIZE[1] as f64])
    } else {
        let parts = 1 + u64::from(random.below(11) == 0);
        write_polygons(out, parts, [x, y, width, height], random)?
    };
    write!(
        out,
        ", \"area\": {area:.2}, \"iscrowd\": {}, \"image_id\": {image}, \
         \"bbox\": [{x_min:.2}, {y_min:.2}, {:.2}, {:.2}], \"category_id\": {category}, \"id\": {id}}}",
        u8::from(is_crowd),
        x_max - x_min,
        y_max - y_min
    )?;
    Ok(())
}

/// Runs of a mask of the image's size; its area.
fn write_crowd(out: &mut impl Write, random: &mut Random) -> anyhow::Result<f64> {
    out.write_all(b"{\"counts\": [")?;
    let (mut rest, mut area, mut is_object) = (SIZE[0] * SIZE[1], 0, false);
    while rest > 0 {
        let run = (1 + random.below(400)).min(rest);
        rest -= run;
        area += if is_object { run } else { 0 };
        is_object = !is_object;
        write!(out, "{run}{}", if rest > 0 { ", " } else { "" })?;
    }
    write!(out, "], \"size\": [{}, {}]}}", SIZE[1], SIZE[0])?;
    Ok(area as f64)
}

/// Star-shaped rings, side by side in the box; their area and bounds.
fn write_polygons(
    out: &mut impl Write,
    parts: u64,
    [x, y, width, height]: [f64; 4],
    random: &mut Random,
) -> anyhow::Result<(f64, [f64; 4])> {
    out.write_all(b"[")?;
    let mut area = 0.0;
    let mut bounds = [f64::MAX, f64::MAX, 0.0, 0.0];
    for part in 0..parts {
        out.write_all(if part == 0 { b"[" } else { b", [" })?;
        let half = [width / parts as f64 / 2.0, height / 2.0];
        let middle = [x + half[0] * (2.0 * part as f64 + 1.0), y + half[1]];
        let count = 6 + random.below(27);
        let mut ring = Vec::new();
        for at in 0..count {
            let angle = at as f64 / count as f64 * std::f64::consts::TAU;
            let radius = 0.5 + 0.5 * random.part();
            let point = [
                middle[0] + half[0] * radius * angle.cos(),
                middle[1] + half[1] * radius * angle.sin(),
            ]
            .map(|number| (number * 100.0).round() / 100.0);
            bounds = [
                f64::min(bounds[0], point[0]),
                f64::min(bounds[1], point[1]),
                f64::max(bounds[2], point[0]),
                f64::max(bounds[3], point[1]),
            ];
            write!(out, "{}{:.2}, {:.2}", if at == 0 { "" } else { ", " }, point[0], point[1])?;
            ring.push(point);
        }
        out.write_all(b"]")?;
        let next = ring.iter().cycle().skip(1);
        area += ring.iter().zip(next).map(|(a, b)| (a[0] * b[1] - b[0] * a[1]) / 2.0).sum::<f64>();
    }
    out.write_all(b"]")?;
    Ok((area, bounds))
}
