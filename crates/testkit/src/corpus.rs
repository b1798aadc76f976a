//! The test vectors: messages, keys and the verdict that each should get, from `cases.tsv` of each folder.
//!
//! The vectors are not part of this repository. Their folder is named by the environment variable `MAILSEAL_VECTORS`; the default
//! is `../shared/vectors` beside the workspace.

use std::path::{Path, PathBuf};

/// One row of `cases.tsv`.
#[derive(Debug, Clone)]
pub struct Case {
    /// `folder/file`; the second row of the same file and folder ends in `#2`, and so on.
    pub id: String,
    /// The message.
    pub file: PathBuf,
    /// What is done with it.
    pub operation: Operation,
    /// Trust anchors.
    pub anchors: Vec<PathBuf>,
    /// Certificates that are vouched for.
    pub certs: Vec<PathBuf>,
    /// Certificates that only help to build a path.
    pub intermediates: Vec<PathBuf>,
    /// Revocation lists.
    pub crls: Vec<PathBuf>,
    /// Secret keys.
    pub secrets: Vec<Secret>,
    /// When it is judged, RFC 3339; none where any time will do.
    pub time: Option<String>,
    /// The words of the vectors' README: `good`, `bad`, `mismatch`, `decrypts+good`, `rejects`, and so on.
    pub expected: String,
    /// What the row is about.
    pub note: String,
}

/// A file with secret keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Where it is.
    pub file: PathBuf,
    /// What opens it; an empty one is a password too.
    pub password: Option<String>,
}

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Its signatures are judged.
    Verify,
    /// It is opened with the secret keys.
    Decrypt,
    /// It is only looked at.
    Inspect,
    /// The file is a secret or public key to be read.
    ImportKey,
    /// The file is a certificate whose path is judged.
    VerifyChain,
}

/// The folder of the vectors; none where they are missing ([`crate::skip`]).
#[must_use]
pub fn vectors() -> Option<PathBuf> {
    let root = match std::env::var_os("MAILSEAL_VECTORS") {
        Some(folder) => PathBuf::from(folder),
        None => crate::workspace().join("../shared/vectors"),
    };
    let there = root.join("README.md").is_file();
    if !there {
        crate::skip(&format!("the test vectors in {} (MAILSEAL_VECTORS)", root.display()));
    }
    there.then_some(root)
}

/// The rows of one folder of the vectors: those of its `cases.tsv`, then ours of `testdata/vectors/FOLDER.tsv`, either of which may be
/// missing. None where the vectors are missing ([`crate::skip`]).
///
/// # Panics
/// If there are vectors but no table for this folder, or a row that cannot be read.
#[must_use]
pub fn cases(folder: &str) -> Option<Vec<Case>> {
    let base = vectors()?.join(folder);
    let ours = crate::workspace().join(format!("testdata/vectors/{folder}.tsv"));
    let mut cases = Vec::new();
    for table in [base.join("cases.tsv"), ours] {
        if table.is_file() {
            let text = std::fs::read_to_string(&table).unwrap_or_else(|error| panic!("{}: {error}", table.display()));
            rows(folder, &base, &text, &mut cases);
        }
    }
    assert!(!cases.is_empty(), "there is no table for {folder}");
    Some(cases)
}

fn rows(folder: &str, base: &Path, text: &str, cases: &mut Vec<Case>) {
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        let mut case = row(base, line).unwrap_or_else(|| panic!("{folder}: a row that cannot be read: {line}"));
        let earlier = cases.iter().filter(|other| other.file == case.file).count();
        let name = line.split('\t').next().expect("a split has a first piece");
        case.id = if earlier == 0 { format!("{folder}/{name}") } else { format!("{folder}/{name}#{}", earlier + 1) };
        cases.push(case);
    }
}

fn row(base: &Path, line: &str) -> Option<Case> {
    let mut columns = line.split('\t');
    let file = base.join(columns.next()?);
    let operation = match columns.next()? {
        "verify" => Operation::Verify,
        "decrypt" => Operation::Decrypt,
        "inspect" => Operation::Inspect,
        "import-key" => Operation::ImportKey,
        "verify-chain" => Operation::VerifyChain,
        _ => return None,
    };
    let keys = columns.next()?;
    let time = Some(columns.next()?).filter(|time| !time.is_empty()).map(str::to_owned);
    let (expected, note) = (columns.next()?.to_owned(), columns.next()?.to_owned());
    let mut case = Case {
        id: String::new(),
        file,
        operation,
        anchors: Vec::new(),
        certs: Vec::new(),
        intermediates: Vec::new(),
        crls: Vec::new(),
        secrets: Vec::new(),
        time,
        expected,
        note,
    };
    for key in keys.split(',').filter(|key| !key.is_empty()) {
        let (kind, value) = key.split_once('=')?;
        match kind {
            "anchor" => case.anchors.push(base.join(value)),
            "cert" => case.certs.push(base.join(value)),
            "intermediate" => case.intermediates.push(base.join(value)),
            "crl" => case.crls.push(base.join(value)),
            "secret" => case.secrets.push(secret(base, value)),
            _ => return None,
        }
    }
    Some(case)
}

fn secret(base: &Path, value: &str) -> Secret {
    match value.split_once("@@password=") {
        Some((file, password)) => Secret { file: base.join(file), password: Some(password.to_owned()) },
        None => Secret { file: base.join(value), password: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "file\toperation\tkeys\ttime\texpected\tnote\tchecked\n\
        a.eml\tverify\tanchor=ca.pem\t2027-01-15T00:00:00Z\tgood\tfirst\topenssl\n\
        a.eml\tdecrypt\tsecret=bob.p12@@password=a=b,secret=alice.asc,cert=c.asc\t\trejects\tsecond\t-\n";

    #[test]
    fn rows_are_typed() {
        let mut cases = Vec::new();
        rows("folder", Path::new("base"), TABLE, &mut cases);
        assert_eq!(cases.len(), 2);
        assert_eq!((cases[0].id.as_str(), cases[1].id.as_str()), ("folder/a.eml", "folder/a.eml#2"));
        assert_eq!(cases[0].anchors, [Path::new("base/ca.pem")]);
        assert_eq!(cases[0].time.as_deref(), Some("2027-01-15T00:00:00Z"));
        assert_eq!(cases[1].operation, Operation::Decrypt);
        assert_eq!(cases[1].time, None);
        assert_eq!(cases[1].secrets[0], Secret { file: "base/bob.p12".into(), password: Some("a=b".to_owned()) });
        assert_eq!(cases[1].secrets[1], Secret { file: "base/alice.asc".into(), password: None });
    }

    #[test]
    fn every_table_of_the_vectors_is_read() {
        let Some(root) = vectors() else { return };
        for entry in std::fs::read_dir(root).expect("the vectors can be listed") {
            let entry = entry.expect("the vectors can be listed");
            if entry.path().join("cases.tsv").is_file() {
                let folder = entry.file_name().into_string().expect("the folders have plain names");
                assert!(cases(&folder).is_some_and(|cases| !cases.is_empty()), "{folder}");
            }
        }
    }
}
