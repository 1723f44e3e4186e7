//! The names and shares of subsets, as they are written on the command line.

use crate::error::{Error, ErrorKind, Mismatch, Result};

/// A subset, and its share of the images.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The name of the subset.
    pub name: String,
    /// Its share, above 0 and at most 1.
    pub share: f64,
}

/// How far the sum of all shares may be from 1.
const TOLERANCE: f64 = 1e-6;

/// Reads names and shares of subsets, as `train=0.8,val=0.12,test=0.08`.
///
/// ```
/// use annoconv::split::parse_shares;
/// assert_eq!(parse_shares("train=0.8, val=0.2")?[1].name, "val");
/// assert!(parse_shares("train=0.8,val=0.1").is_err());
/// # Ok::<(), annoconv::error::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Usage`] where a share is no number above 0, a name is empty, is there twice or cannot
/// name a folder, or the shares do not sum to 1.
pub fn parse_shares(text: &str) -> Result<Vec<Share>> {
    checked(text.split(',').map(parse_share))
}

/// Shares that were stated one by one.
///
/// # Errors
/// As [`parse_shares`].
pub fn shares(stated: &[(String, f64)]) -> Result<Vec<Share>> {
    checked(stated.iter().map(|(name, share)| one(name, *share, &share.to_string())))
}

fn checked(stated: impl Iterator<Item = Result<Share>>) -> Result<Vec<Share>> {
    let mut shares: Vec<Share> = Vec::new();
    for share in stated {
        let share = share?;
        if shares.iter().any(|it| it.name.eq_ignore_ascii_case(&share.name)) {
            let found = format!("{:?} twice", share.name);
            return Err(wrong("each subset once", found));
        }
        shares.push(share);
    }
    let sum: f64 = shares.iter().map(|share| share.share).sum();
    if (sum - 1.0).abs() > TOLERANCE {
        // Without the noise of binary fractions.
        let shown = (sum / TOLERANCE).round() * TOLERANCE;
        return Err(wrong("shares that sum to 1", format!("a sum of {:.6}", shown)));
    }
    Ok(shares)
}

fn parse_share(part: &str) -> Result<Share> {
    let expected = "NAME=SHARE, as in train=0.8,val=0.2";
    let Some((name, share)) = part.split_once('=') else {
        return Err(wrong(expected, format!("{part:?}")));
    };
    let share = share.trim();
    one(name, share.parse().unwrap_or(f64::NAN), share)
}

fn one(name: &str, share: f64, stated: &str) -> Result<Share> {
    let name = subset_name(name)?;
    match share > 0.0 && share <= 1.0 + TOLERANCE {
        true => Ok(Share { name: name.to_owned(), share }),
        false => Err(wrong("a share above 0, at most 1", format!("{name}={stated}"))),
    }
}

/// The name of a subset, without blanks around it.
///
/// # Errors
/// Where it cannot name a folder or a file: it would lead elsewhere.
pub fn subset_name(name: &str) -> Result<&str> {
    let name = name.trim();
    let is_bad = |letter: char| letter.is_control() || matches!(letter, '/' | '\\' | ':');
    match !name.is_empty() && !matches!(name, "." | "..") && !name.contains(is_bad) {
        true => Ok(name),
        false => Err(wrong("a name that can be a folder's", format!("{name:?}"))),
    }
}

fn wrong(expected: &str, found: String) -> Error {
    Error::new(ErrorKind::Usage, "split", Mismatch::new(expected, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_or_refused_with_the_reason() {
        let read = |text: &str| {
            let shares = parse_shares(text)?;
            let shares = shares.iter().map(|it| format!("{} {}", it.name, it.share));
            Ok::<_, Error>(shares.collect::<Vec<_>>().join(", "))
        };
        let cases = [
            ("train=0.8,val=0.12,test=0.08", Ok("train 0.8, val 0.12, test 0.08")),
            (" a = 1e0 ", Ok("a 1")),
            ("a=0.3333333,b=0.3333333,c=0.3333333", Ok("a 0.3333333, b 0.3333333, c 0.3333333")),
            ("", Err("found \"\"")),
            ("train", Err("found \"train\"")),
            ("a=0.5,b=0.5,", Err("found \"\"")),
            ("a=0.5,b=0.6", Err("a sum of 1.100000")),
            ("a=0.5,b=0.499", Err("a sum of 0.999000")),
            ("a=0.5,A=0.5", Err("\"A\" twice")),
            ("a=0,b=1", Err("found a=0")),
            ("a=-0.5,b=1.5", Err("found a=-0.5")),
            ("a=NaN,b=1", Err("found a=NaN")),
            ("a=inf", Err("found a=inf")),
            ("=1", Err("found \"\"")),
            ("..=1", Err("found \"..\"")),
            ("a/b=1", Err("found \"a/b\"")),
            ("a=b=1", Err("found a=b=1")),
        ];
        for (text, expected) in cases {
            match (read(text), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text}"),
                (Err(error), Err(expected)) => {
                    assert_eq!(error.kind(), ErrorKind::Usage, "{text}");
                    assert!(error.to_string().contains(expected), "{text}: {error}");
                }
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
