//! Whatever is composed is opened as it was meant: any text, in any form, in both protocols.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{Way, ways};
use mailseal::{Encrypt, HeaderPolicy, ProtocolId, SignedForm, SummaryWord};
use mailseal_mime::header_protection::FieldStatus;
use mailseal_mime::transfer::Base64Encoder;
use mailseal_testkit::personas::{ALICE, BOB};
use proptest::prelude::*;
use std::io::{Read, Write};
use std::sync::OnceLock;

fn both() -> &'static [Way; 2] {
    static WAYS: OnceLock<[Way; 2]> = OnceLock::new();
    WAYS.get_or_init(ways)
}

/// Lines that relays and signers are known to stumble over, and any other.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("From here".to_owned()),
        Just(".".to_owned()),
        Just("-- ".to_owned()),
        Just("--=".to_owned()),
        Just("tail \t".to_owned()),
        Just("Content-Type: text/html".to_owned()),
        Just("x".repeat(1100)),
        "[ -~äß€😀]{0,90}",
    ]
}

#[derive(Debug, Clone)]
struct Draft {
    subject: String,
    lines: Vec<String>,
    file: Vec<u8>,
    crlf: bool,
}

fn draft() -> impl Strategy<Value = Draft> {
    let lines = proptest::collection::vec(line(), 0..8);
    let file = proptest::collection::vec(any::<u8>(), 0..300);
    ("[a-zäß€]([ -~äß€]{0,60}[a-z])?", lines, file, any::<bool>()).prop_map(|(subject, lines, file, crlf)| Draft {
        subject,
        lines,
        file,
        crlf,
    })
}

impl Draft {
    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\r\n")).collect()
    }

    /// The message as its author's program wrote it: UTF-8, 8bit, the file in base64.
    fn message(&self) -> Vec<u8> {
        let mut base64 = Base64Encoder::new(Vec::new());
        base64.write_all(&self.file).unwrap();
        let file = String::from_utf8(base64.finish().unwrap()).unwrap();
        let message = format!(
            "From: Alice <{}>\r\nTo: Bob <{}>\r\nSubject: {}\r\nDate: Mon, 01 Jun 2026 00:00:00 +0000\r\n\
             Message-ID: <trip@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"outer b\"\r\n\r\n\
             --outer b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n\
             --outer b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{file}\r\n--outer b--\r\n",
            ALICE.address,
            BOB.address,
            self.subject,
            self.text(),
        );
        if self.crlf { message.into_bytes() } else { message.replace("\r\n", "\n").into_bytes() }
    }
}

/// How it is protected, and what a reader is told then.
const FORMS: [(SummaryWord, Option<SignedForm>, Encrypt); 5] = [
    (SummaryWord::Signed, Some(SignedForm::Multipart), Encrypt::Never),
    (SummaryWord::Signed, Some(SignedForm::Opaque), Encrypt::Never),
    (SummaryWord::Signed, Some(SignedForm::Unobtrusive), Encrypt::Never),
    (SummaryWord::Encrypted, None, Encrypt::Always),
    (SummaryWord::SignedAndEncrypted, Some(SignedForm::Multipart), Encrypt::Always),
];

fn policies() -> impl Strategy<Value = HeaderPolicy> {
    prop_oneof![Just(HeaderPolicy::default()), Just(HeaderPolicy::shy()), Just(HeaderPolicy::no_confidentiality()),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// R1, R17, R20, R29, R40, R76, R98, R104: the text, the file and the Subject are the author's; so is the signature.
    #[test]
    fn what_is_composed_is_opened(
        draft in draft(),
        form in proptest::sample::select(&FORMS[..]),
        policy in policies(),
        way in 0..2usize,
        legacy_display in any::<bool>(),
    ) {
        let (word, signed, encrypt) = form;
        let way = &both()[way];
        prop_assume!(signed != Some(SignedForm::Opaque) || way.protocol == ProtocolId::SMIME);
        let octets = draft.message();
        let compose = way.alice.compose(&octets).unwrap().encrypt(encrypt).only(way.protocol).headers(policy);
        let compose = compose.legacy_display(legacy_display);
        let compose = match signed {
            Some(form) => compose.sign().form(form),
            None => compose,
        };
        let plan = compose.plan().unwrap();
        let outgoing = plan.protect().unwrap();
        prop_assert_eq!(outgoing.len(), 1);
        let sent = outgoing[0].to_vec().unwrap();
        prop_assert!(sent.split(|&octet| octet == b'\n').all(|line| line.len() <= 999), "RFC 5322 section 2.1.1");

        let opened = way.bob.open(&sent).unwrap();
        prop_assert_eq!(opened.verdict(None).summary, word, "{}", opened.to_json());
        let subject = opened.headers.iter().find(|field| field.name == "Subject").unwrap();
        prop_assert_eq!(&subject.value, &draft.subject);
        // Without a signature a Subject that stands outside too is not protected.
        prop_assert!(subject.status != FieldStatus::Unprotected || word == SummaryWord::Encrypted);
        let texts = opened.payload.main_body().unwrap();
        prop_assert_eq!(texts[0].raw(), draft.text());
        let (tree, root) = opened.payload.tree();
        let mut file = Vec::new();
        tree.decoded(opened.payload.source(), tree.parts()[root].children[1]).read_to_end(&mut file).unwrap();
        prop_assert_eq!(file, draft.file);
        prop_assert!(opened.errant.is_empty() && opened.defects.is_empty(), "{:?}", opened.defects);
    }
}
