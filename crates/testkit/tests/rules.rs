//! Every rule of `docs/rules.md` is named by a test.

use std::{collections::BTreeSet, fs, path::Path};

use mailseal_testkit::workspace;

/// Rules that no test holds yet: open work. Whoever adds such a test takes the rule off this list.
const OPEN: &[u32] = &[];

#[test]
fn every_rule_is_named_by_a_test_or_open() {
    let rules = rules();
    assert_eq!(rules.len(), 145, "docs/rules.md numbers its rules from 1, without a gap");
    let mut named = BTreeSet::new();
    source_files(&workspace().join("crates"), &mut |path, text| {
        let is_test = path.components().any(|part| part.as_os_str() == "tests")
            || path.ends_with("tests.rs")
            || path.ends_with("conversation.rs");
        let tests = if is_test { text } else { text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests) };
        for line in tests.lines().filter(|line| line.trim_start().starts_with("//")) {
            named.extend(numbers(line));
        }
    });
    let missing: Vec<u32> = rules.difference(&named).copied().collect();
    assert_eq!(missing, OPEN, "the rules that no test names");
    let unknown: Vec<_> = named.difference(&rules).map(|rule| format!("R{rule}")).collect();
    assert!(unknown.is_empty(), "a test names what is no rule: {}", unknown.join(", "));
}

/// The numbers of the list.
fn rules() -> BTreeSet<u32> {
    let text = fs::read_to_string(workspace().join("docs/rules.md")).expect("the rules are there");
    text.lines().filter_map(|line| line.split_once(". ")?.0.parse().ok()).collect()
}

/// The rules that a comment names: `R37`, `R106-R110`, `R30 to R34`.
fn numbers(comment: &str) -> Vec<u32> {
    let words: Vec<&str> = comment.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
    let number = |word: &str| word.strip_prefix('R')?.parse::<u32>().ok();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let first = number(first);
        let last = number(last).or_else(|| last.parse().ok());
        if let (Some(first), Some(last)) = (first, last) {
            found.extend(first..=last);
        }
        if let [Some(first), Some(last)] = [first, words.get(at + 2).and_then(|word| number(word))]
            && words[at + 1] == "to"
        {
            found.extend(first..=last);
        }
    }
    found
}

fn source_files(folder: &Path, each: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            source_files(&path, each);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&path, &fs::read_to_string(&path).expect("sources are text"));
        }
    }
}

#[test]
fn what_a_comment_names() {
    assert_eq!(numbers("/// R37, attack 5: text"), [37]);
    assert_eq!(numbers("/// R106-R110, R2-4"), [106, 107, 108, 109, 110, 2, 3, 4]);
    assert_eq!(numbers("//! (R30 to R34)"), [30, 30, 31, 32, 33, 34, 34]);
    assert!(numbers("/// RFC 9788, RSA-2048").is_empty());
}
