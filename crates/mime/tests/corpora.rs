//! Messages that nobody here wrote: each parses without panic, and its parts lie where they must.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mailseal_mime::{AddressList, Limits, Tree, file_name};
use std::io::{self, Read};

mod vectors;

#[test]
fn corpora_parse() {
    let files = vectors::files();
    if files.is_empty() {
        return;
    }
    let (mut messages, mut others) = (0, 0);
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(tree) = Tree::parse(&bytes, &Limits::default()) else {
            others += 1;
            continue;
        };
        messages += 1;
        for (index, part) in tree.parts().iter().enumerate() {
            assert!(part.body.end <= bytes.len() as u64, "{}", path.display());
            if let Some(parent) = part.parent {
                let parent = &tree.parts()[parent].body;
                assert!(parent.start <= part.entity.start && part.entity.end <= parent.end, "{}", path.display());
            }
            for field in &part.header {
                field.text();
                AddressList::parse(&field.value());
            }
            file_name(&part.header);
            io::copy(&mut tree.decoded(&bytes, index), &mut io::sink()).unwrap();
            let mut raw = Vec::new();
            tree.body(&bytes, index).read_to_end(&mut raw).unwrap();
            assert_eq!(raw, &bytes[part.body.start as usize..part.body.end as usize]);
        }
    }
    eprintln!("{messages} messages, {others} other files");
    assert!(messages > 500, "{messages}");
}
