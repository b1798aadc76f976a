//! The table of `testdata/attacks/`: messages of hostile authors and honest ones of the same shape, and what is said of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a row brings for the reader, beside the time: the keys and certificates of Carol and Dave in the words of the
/// command line, with file names below `testdata/`.
const READER: &str = "--cert openpgp/alice.cert.asc --cert openpgp/eve.cert.asc --cert openpgp/bob.cert.asc \
    --cert smime/dave.crt.pem --cert smime/capable.crt.pem --key openpgp/carol.key.asc --key openpgp/erin.key.asc \
    --key smime/dave.key.pem --key smime/capable.key.pem --anchor smime/root.crt.pem \
    --intermediate smime/intermediate.crt.pem --crl smime/intermediate.crl.pem";

/// One row.
#[derive(Debug, Clone)]
pub struct Case {
    /// `FOLDER/NAME.eml`.
    pub file: String,
    /// Whether it is honest mail, which must keep its verdict.
    pub is_control: bool,
    /// Pairs of option and value: files are whole paths.
    pub options: Vec<(String, String)>,
    /// The word of the verdict; `41` when it is no message or beyond the limits.
    pub summary: String,
    /// `sender.status`.
    pub status: String,
    /// `sender.reason`, `-` for null.
    pub reason: String,
    /// `sender.address`, `-` for null.
    pub address: String,
}

impl Case {
    /// Where the message is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        folder().join(&self.file)
    }

    /// The values of one option.
    pub fn values<'a>(&'a self, option: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |(name, _)| name == option).map(|(_, value)| value.as_str())
    }
}

/// Every row, once it is sure that the table names every file, and that every folder has attacks and controls.
///
/// # Panics
/// If it is not so, or the table cannot be read.
#[must_use]
pub fn cases() -> Vec<Case> {
    let table = std::fs::read_to_string(folder().join("cases.tsv")).expect("testdata/attacks has a table");
    let cases: Vec<Case> = table.lines().skip(1).map(case).collect();
    let named: BTreeSet<&str> = cases.iter().map(|case| case.file.as_str()).collect();
    let files = files();
    assert!(files.iter().map(String::as_str).eq(named), "the table and the files of testdata/attacks differ");
    let mut kinds: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for case in &cases {
        let (folder, _) = case.file.split_once('/').expect("every file lies in a folder");
        kinds.entry(folder).or_default().insert(case.is_control);
    }
    for (folder, kinds) in kinds {
        assert_eq!(kinds.len(), 2, "{folder} needs attacks and controls");
    }
    cases
}

fn case(line: &str) -> Case {
    let columns: Vec<&str> = line.split('\t').collect();
    let [file, kind, with, summary, status, reason, address] = columns[..] else { panic!("not a row: {line}") };
    let with = with.replacen("reader", READER, 1);
    let words: Vec<&str> = with.split_whitespace().collect();
    let testdata = crate::workspace().join("testdata");
    let option = |pair: &[&str]| {
        let value = match pair[0] {
            "--at" | "--revocation" => pair[1].to_owned(),
            _ => testdata.join(pair[1]).display().to_string(),
        };
        (pair[0].to_owned(), value)
    };
    Case {
        file: file.to_owned(),
        is_control: match kind {
            "control" => true,
            "attack" => false,
            other => panic!("neither attack nor control: {other}"),
        },
        options: words.chunks_exact(2).map(option).collect(),
        summary: summary.to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        address: address.to_owned(),
    }
}

fn folder() -> PathBuf {
    crate::workspace().join("testdata/attacks")
}

/// Every message, as the table names it.
fn files() -> BTreeSet<String> {
    let names = |folder: &PathBuf| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder of test data can be read");
        entries.map(|entry| entry.expect("a folder of test data can be read").path()).collect()
    };
    let is_mail = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "eml");
    let all = names(&folder()).into_iter().filter(|path| path.is_dir());
    let all = all.flat_map(|path| names(&path)).filter(is_mail);
    let below = |path: PathBuf| path.strip_prefix(folder()).expect("it lies below").display().to_string();
    all.map(below).collect()
}
