//! mailseal as people run it, what goes in, and what it says.

use std::fs;

use mailseal_testkit::personas::{
    ALICE, CAPABLE, ERIN, FRANK, GRACE, HEIDI, HEIDI_READS, IVAN, IVAN_READS, JUDY, Persona, message,
};
use serde_json::Value;

use crate::common::{Sandbox, stdout};
use crate::wire::{Entity, crlf};

/// The messages of `testdata/messages/`.
pub(crate) const DRAFTS: [&str; 4] = ["plain", "html-attachment", "utf8-8bit", "format-flowed"];

/// Everybody who signs is known: by name in OpenPGP, under the root in S/MIME.
const KNOWN: &str = "--cert alice.cert.asc --cert bob.cert.asc --cert carol.cert.asc \
                     --anchor root.crt.pem --intermediate intermediate.crt.pem";

/// The options for the S/MIME key of a persona with a PKCS#12 file.
pub(crate) fn smime_key(persona: Persona) -> String {
    format!("--key {0}.p12 --passphrase-file {0}.pass", persona.name)
}

/// When openssl, gpgsm and NSS, which sign at the time of the day, have long signed.
pub(crate) const LATER: &str = "--at 2100-01-01T00:00:00Z";

/// Our side of the table.
pub(crate) struct Ours(Sandbox);

/// A message as its author wrote it, with CRLF.
pub(crate) struct Draft(Vec<u8>);

impl Ours {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        for persona in [CAPABLE, FRANK, GRACE, HEIDI, HEIDI_READS, IVAN, IVAN_READS] {
            for file in [persona.smime_cert(), persona.smime_key(), persona.smime_p12()] {
                sandbox.take(&file);
            }
            sandbox.write(&format!("{}.pass", persona.name), persona.name);
        }
        for persona in [ERIN, JUDY] {
            sandbox.take(&persona.openpgp_cert());
            sandbox.take(&persona.openpgp_key());
        }
        Ours(sandbox)
    }

    /// The fingerprint of the OpenPGP certificate, in lower case.
    pub(crate) fn openpgp_fingerprint(&self, of: Persona) -> String {
        let signed = self.protect(&format!("sign --key {}.key.asc -u {}", of.name, of.address));
        let verdict = self.verdict(&format!("--cert {}.cert.asc", of.name), &signed);
        verdict.word("/signatures/0/fingerprint").to_owned()
    }

    /// Puts a draft of [`DRAFTS`] on the desk; `from` and Alice change places in it.
    pub(crate) fn draft(&self, name: &str, from: Persona) -> Draft {
        let (alice, author) = (mailbox(ALICE), mailbox(from));
        let text = fs::read_to_string(message(name)).unwrap();
        let text = text.replace(&author, "\0").replace(&alice, &author).replace('\0', &alice);
        self.0.write("draft.eml", &text);
        Draft(crlf(text.as_bytes()))
    }

    /// Puts the draft "plain" on the desk, from and to these.
    pub(crate) fn draft_to(&self, from: Persona, to: &[Persona]) -> Draft {
        let to: Vec<String> = to.iter().copied().map(mailbox).collect();
        let text = fs::read_to_string(message("plain")).unwrap();
        let lines = text.lines().map(|line| match line.split_once(": ") {
            Some(("From", _)) => format!("From: {}\n", mailbox(from)),
            Some(("To", _)) => format!("To: {}\n", to.join(", ")),
            _ => format!("{line}\n"),
        });
        let text: String = lines.collect();
        self.0.write("draft.eml", &text);
        Draft(crlf(text.as_bytes()))
    }

    /// A file beside the others.
    pub(crate) fn file(&self, name: &str, octets: &[u8]) {
        self.0.write(name, octets);
    }

    /// Runs `sign` or `encrypt` on the draft and gives the mail it makes, as it would travel.
    pub(crate) fn protect(&self, line: &str) -> Vec<u8> {
        crlf(&self.0.run(&format!("{line} draft.eml")).success().get_output().stdout)
    }

    /// Has `mail` judged.
    pub(crate) fn verdict(&self, options: &str, mail: &[u8]) -> Verdict {
        let run = self.0.run_with(&format!("verify --json {KNOWN} {options}"), mail);
        let code = run.get_output().status.code().unwrap();
        Verdict { code, told: serde_json::from_str(&stdout(&run)).unwrap_or_else(|e| panic!("{e}: {run}")) }
    }

    /// Opens `mail` and gives the octets of its payload.
    pub(crate) fn payload(&self, options: &str, mail: &[u8]) -> Vec<u8> {
        let run = self.0.run_with(&format!("open --payload {KNOWN} {options}"), mail);
        run.success().get_output().stdout.clone()
    }

    /// Fails unless `mail` cannot be opened and nothing of it comes out.
    pub(crate) fn gives_nothing(&self, options: &str, mail: &[u8]) {
        let run = self.0.run_with(&format!("open {KNOWN} {options}"), mail);
        assert_eq!(stdout(&run.code(29)), "");
    }
}

fn mailbox(persona: Persona) -> String {
    let (first, rest) = persona.name.split_at(1);
    format!("{}{rest} <{}>", first.to_uppercase(), persona.address)
}

impl Draft {
    /// The text that a reader sees first.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(Entity::parse(&self.0).leaves().swap_remove(0).1).unwrap()
    }

    /// A header field.
    pub(crate) fn field(&self, name: &str) -> String {
        Entity::parse(&self.0).field(name).unwrap().to_owned()
    }

    /// Fails unless `entity`, which came out of a protected message, holds what the draft says: the same leaves with the
    /// same octets, under the header fields that matter to a reader.
    #[track_caller]
    pub(crate) fn assert_is(&self, entity: &[u8]) {
        let (meant, found) = (Entity::parse(&self.0), Entity::parse(entity));
        for name in ["From", "To", "Cc", "Subject", "Date", "Message-ID"] {
            assert_eq!(found.field(name), meant.field(name), "{name}");
        }
        assert_eq!(found.leaves(), meant.leaves(), "{}", String::from_utf8_lossy(entity));
    }
}

/// What `verify` said.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// How it ended.
    pub(crate) code: i32,
    told: Value,
}

impl Verdict {
    fn word(&self, pointer: &str) -> &str {
        self.told.pointer(pointer).and_then(Value::as_str).unwrap_or("")
    }

    /// The message in one word.
    pub(crate) fn summary(&self) -> &str {
        self.word("/summary")
    }

    /// The sender's status.
    pub(crate) fn sender(&self) -> &str {
        self.word("/sender/status")
    }

    /// The value and the status of a header field.
    pub(crate) fn header(&self, name: &str) -> (&str, &str) {
        let headers = self.told["headers"].as_array().unwrap();
        let field = headers.iter().find(|field| field["name"] == name).unwrap_or_else(|| panic!("{self:?}"));
        (field["value"].as_str().unwrap(), field["status"].as_str().unwrap())
    }

    /// Each layer in its words, outermost first: `encrypted aes-256-gcm aead done`, `compressed zlib`, `signed valid`.
    pub(crate) fn layers(&self) -> Vec<String> {
        let layers = self.told["layers"].as_array().unwrap();
        layers.iter().map(|layer| self.layer(layer)).collect()
    }

    fn layer(&self, layer: &Value) -> String {
        let mut words = vec![layer["kind"].as_str().unwrap()];
        words.extend(["cipher", "integrity", "decryption", "algorithm"].iter().filter_map(|key| layer[key].as_str()));
        for index in layer["signatures"].as_array().into_iter().flatten() {
            words.push(self.told["signatures"][index.as_u64().unwrap() as usize]["check"].as_str().unwrap());
        }
        words.join(" ")
    }

    /// Fails unless the message is `summary` by a verified sender (or encrypted, by nobody) in exactly these layers.
    #[track_caller]
    pub(crate) fn assert_good(&self, summary: &str, layers: &[&str]) {
        let sender = if summary == "encrypted" { ("none", 3) } else { ("verified", 0) };
        assert_eq!((self.summary(), self.sender(), self.code), (summary, sender.0, sender.1), "{self:?}");
        assert_eq!(self.layers(), layers, "{self:?}");
    }

    /// Fails unless the signature is told to be of other octets and the message counts as unsigned.
    #[track_caller]
    pub(crate) fn assert_changed(&self, summary: &str) {
        self.assert_broken(summary, "digest-mismatch");
    }

    /// Fails unless the first signature is broken in this way and the message counts as unsigned.
    #[track_caller]
    pub(crate) fn assert_broken(&self, summary: &str, check: &str) {
        assert_eq!((self.summary(), self.sender(), self.code), (summary, "broken", 3), "{self:?}");
        assert_eq!(self.word("/signatures/0/check"), check, "{self:?}");
    }

    /// Fails unless the message could not be decrypted and nothing else is said of it.
    #[track_caller]
    pub(crate) fn assert_failed(&self) {
        assert_eq!((self.summary(), self.sender(), self.code), ("unprotected", "none", 29), "{self:?}");
        let layers = self.layers();
        assert!(layers.len() == 1 && layers[0].ends_with(" failed"), "{self:?}");
    }
}
