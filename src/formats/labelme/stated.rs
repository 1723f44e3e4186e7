//! What a record stated: the text of the shapes that an object is made of, and of what a file says of
//! its image. LabelMe to LabelMe repeats it, so that nothing of it is lost.

use crate::files::map::{Bytes, Slice};
use crate::model::{Extra, Stated};
use std::sync::Arc;

fn stated(text: Vec<u8>) -> Stated {
    let length = text.len();
    let text = Slice::new(&Arc::new(Bytes::Held(text)), &(0..length));
    Stated { format: "labelme", text, lacks: Vec::new() }
}

/// The shapes of an object, each with its number in the file.
pub fn of_shapes<'a>(shapes: impl Iterator<Item = (usize, &'a [u8])>) -> Stated {
    let mut text = b"[".to_vec();
    for (number, shape) in shapes {
        text.extend_from_slice(if text.len() > 1 { b"," } else { b"" });
        text.extend_from_slice(format!("[{number},").as_bytes());
        text.extend_from_slice(shape);
        text.push(b']');
    }
    text.push(b']');
    stated(text)
}

/// The shapes of an object, as they are to be repeated.
pub fn shapes(stated: &Stated) -> Vec<(usize, Extra)> {
    serde_json::from_slice(&stated.text).unwrap_or_default()
}

/// The members of a file. The shapes are left out, which are those of the annotations, and the picture in
/// it, which belongs to the image whatever its name is.
pub fn of_image<'a>(members: impl Iterator<Item = (&'a str, &'a [u8])>) -> Stated {
    let mut text = b"{".to_vec();
    for (name, value) in members {
        text.extend_from_slice(if text.len() > 1 { b"," } else { b"" });
        text.extend_from_slice(serde_json::Value::from(name).to_string().as_bytes());
        text.push(b':');
        let is_left_out = ["imageData", "shapes"].contains(&name);
        text.extend_from_slice(if is_left_out { b"null" } else { value });
    }
    text.push(b'}');
    stated(text)
}

/// The members of a file, as they are to be repeated.
pub fn image(stated: &Stated) -> Extra {
    serde_json::from_slice(&stated.text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_is_repeated() {
        let [one, two] = [r#"{"label":"a"}"#, r#"{"x": [1.50]}"#];
        let kept = of_shapes([(4, one.as_bytes()), (7, two.as_bytes())].into_iter());
        let shapes = shapes(&kept);
        assert_eq!((shapes[0].0, shapes[1].0), (4, 7));
        assert_eq!(shapes[1].1["x"][0], 1.5);
        let members = [("flags", "{}"), ("imageData", "\"AA\""), ("a\"b", "1")];
        let members = members.iter().map(|(name, value)| (*name, value.as_bytes()));
        let image = image(&of_image(members));
        assert_eq!(
            serde_json::to_string(&image).unwrap(),
            r#"{"flags":{},"imageData":null,"a\"b":1}"#
        );
    }
}
