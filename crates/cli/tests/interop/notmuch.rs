//! notmuch (through GMime, gpg and gpgsm) reads our mail.

use std::fs;

use mailseal_testkit::gnupg::Home;
use mailseal_testkit::program::Program;
use serde_json::Value;

use crate::ours::Ours;
use crate::reader;
use crate::table;

/// A home with keys and a database of mail in it.
struct Notmuch(Home);

impl Notmuch {
    fn new() -> Option<Self> {
        Program::find("notmuch")?;
        let home = reader::home()?;
        let mail = home.path().join("mail");
        for folder in ["cur", "new", "tmp"] {
            fs::create_dir_all(mail.join(folder)).unwrap();
        }
        let configuration = format!("[database]\npath={}\n[user]\nprimary_email=dave@example.org\n", mail.display());
        fs::write(home.path().join(".notmuch-config"), configuration).unwrap();
        Some(Notmuch(home))
    }

    fn run(&self, words: &[&str]) -> Vec<u8> {
        let notmuch = Program::find("notmuch").expect("found before").args(words);
        notmuch.env("GNUPGHOME", self.0.path()).env("HOME", self.0.path()).dir(self.0.path()).succeed()
    }

    /// What notmuch tells of one message.
    fn show(&self, message: &[u8]) -> Value {
        let file = self.0.path().join("mail/cur/message");
        fs::write(&file, message).unwrap();
        drop(self.run(&["new", "--quiet"]));
        let shown = self.run(&["show", "--format=json", "--decrypt=true", "--verify", "*"]);
        fs::remove_file(file).unwrap();
        drop(self.run(&["new", "--quiet"]));
        let threads: Value = serde_json::from_slice(&shown).unwrap();
        threads[0][0][0].clone()
    }
}

/// Every value under `key`, wherever it is.
fn all<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        found.extend(value.get(key));
        match value {
            Value::Array(values) => rest.extend(values.iter().rev()),
            Value::Object(fields) => rest.extend(fields.values()),
            _ => {}
        }
    }
    found
}

/// R2, R29, R30, R40, R49
#[test]
fn notmuch_reads_our_mail() {
    let Some(notmuch) = Notmuch::new() else { return };
    let ours = Ours::new();
    for sample in reader::samples(&ours) {
        let shown = notmuch.show(&sample.mail);
        let signatures: Vec<_> = all(&shown["body"], "sigstatus").into_iter().filter_map(Value::as_array).collect();
        if sample.signed {
            let [[signature]] = signatures.iter().map(|all| all.as_slice()).collect::<Vec<_>>()[..] else {
                panic!("one signature: {shown}")
            };
            assert_eq!(signature["status"], "good", "{shown}");
            assert_eq!(signature["created"], 1_780_272_000, "{shown}");
            assert_eq!(&shown["crypto"]["signed"]["status"][0], signature, "the whole message: {shown}");
        } else {
            assert!(signatures.is_empty() && shown["crypto"]["signed"].is_null(), "{shown}");
        }
        let encrypted: Vec<_> =
            all(&shown["body"], "encstatus").into_iter().map(|status| &status[0]["status"]).collect();
        if sample.encrypted {
            assert_eq!(encrypted, ["good"], "{shown}");
            assert_eq!(shown["crypto"]["decrypted"]["status"], "full", "{shown}");
        } else {
            assert!(encrypted.is_empty() && shown["crypto"]["decrypted"].is_null(), "{shown}");
        }
        let texts: Vec<_> = all(&shown["body"], "content").into_iter().filter_map(Value::as_str).collect();
        assert_eq!(texts, [sample.draft.text().replace("\r\n", "\n")], "{shown}");
        table::reads("notmuch", sample.feature);
    }
}
