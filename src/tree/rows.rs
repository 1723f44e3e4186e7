//! Labels in rows that are not YOLO's.

/// The format of a text whose first row is of DOTA (eight numbers, a class, a difficulty) or of
/// KITTI (a class and 14 numbers).
pub fn format_of_rows(text: &str) -> Option<&'static str> {
    let is_header = |line: &&str| line.starts_with("imagesource:") || line.starts_with("gsd:");
    let row = text.lines().find(|line| !is_header(line) && !line.trim().is_empty())?;
    let columns: Vec<&str> = row.split_whitespace().collect();
    let is_number = |column: &&&str| column.parse::<f64>().is_ok();
    let numbers = columns.iter().take_while(is_number).count();
    match (numbers, columns.len()) {
        (8, 9 | 10) => Some("DOTA"),
        (0, 15..) if columns.iter().skip(1).take_while(is_number).count() >= 14 => Some("KITTI"),
        _ => None,
    }
}
