//! Which parts are the text of a message.

use crate::{Disposition, Tree};

/// The Main Body Parts of the entity at `root`, in order: leaves that are no attachment, reached through the first child of
/// each multipart/mixed and multipart/related and through all children of multipart/alternative
/// ([RFC 9787 §7.1](https://www.rfc-editor.org/rfc/rfc9787#section-7.1),
/// [RFC 9788 §5.2.4](https://www.rfc-editor.org/rfc/rfc9788#section-5.2.4)).
pub fn main_body_parts(tree: &Tree, root: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(index) = open.pop() {
        let Some(part) = tree.get(index) else { continue };
        if Disposition::of(&part.header).is_some_and(|disposition| disposition.is_attachment()) {
            continue;
        }
        match part.content_type.media_type() {
            _ if part.is_leaf() => found.push(index),
            "multipart/mixed" | "multipart/related" => open.extend(part.children.first()),
            "multipart/alternative" => open.extend(part.children.iter().rev()),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn main_body(message: &str) -> Vec<String> {
        let tree = Tree::parse(&message.as_bytes(), &Limits::default()).unwrap();
        main_body_parts(&tree, 0).into_iter().map(|index| tree.number(index)).collect()
    }

    fn multipart(subtype: &str, boundary: &str, parts: &[&str]) -> String {
        let parts: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
        format!("Content-Type: multipart/{subtype}; boundary={boundary}\n\n{parts}--{boundary}--\n")
    }

    /// R69, R110
    #[test]
    fn first_of_mixed_and_all_of_alternative() {
        let plain = "Content-Type: text/plain\n\na";
        let html = "Content-Type: text/html\n\na";
        let attached = "Content-Type: text/plain\nContent-Disposition: attachment\n\na";
        let related = multipart("related", "r", &[html, "Content-Type: image/png\n\na"]);
        let alternative = multipart("alternative", "a", &[plain, &related, attached]);
        assert_eq!(main_body(plain), [""]);
        assert_eq!(main_body(&multipart("mixed", "m", &[&alternative, plain])), ["1.1", "1.2.1"]);
        assert!(main_body(&multipart("mixed", "m", &[attached, plain])).is_empty());
        assert!(main_body(attached).is_empty());
        assert!(main_body(&multipart("signed", "s", &[plain, plain])).is_empty());
        assert!(main_body("Content-Type: message/rfc822\n\nSubject: x\n\na").is_empty());
    }
}
