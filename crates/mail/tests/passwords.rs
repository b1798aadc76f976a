//! Messages that are read by a password, beside or instead of a certificate.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{Desk, desk};
use mailseal::{
    Address, Copy, Decryption, Encrypt, Error, Group, Layer, Mail, Missing, Obstacle, Passphrase, Plan, ProtocolId,
};
use mailseal_core::{Locked, Prompt};
use mailseal_testkit::personas::{ALICE, BOB, CAROL, DAVE, ERIN, EVE, LOCKED};
use std::sync::Arc;

const PASSWORDS: [&str; 2] = ["open sesame", "größer als"];

/// Gives one passphrase once.
struct Knows(&'static str);

impl Prompt for Knows {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt == 0).then(|| Passphrase::new(self.0.to_owned()))
    }
}

fn knowing(password: &'static str) -> Desk {
    desk().passphrases(Arc::new(Knows(password)))
}

fn alice() -> Mail {
    let desk = desk().keys_of(&ALICE).cert(&BOB.openpgp_cert()).cert(&CAROL.openpgp_cert()).cert(&ERIN.openpgp_cert());
    desk.known(&DAVE.smime_cert()).mail()
}

fn draft(fields: &str) -> Vec<u8> {
    format!("From: Alice <alice@example.org>\n{fields}Subject: hello\n\ntext\n").into_bytes()
}

fn passwords() -> Vec<Passphrase> {
    PASSWORDS.iter().map(|text| Passphrase::new((*text).to_owned())).collect()
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// The copy, the envelope recipients and the protocol of each message.
fn shape(plan: &Plan<'_>) -> Vec<(Copy, Vec<String>, &'static str)> {
    let to = |group: &Group| group.rcpt_to.iter().map(ToString::to_string).collect();
    plan.groups.iter().map(|group| (group.copy.clone(), to(group), group.protocol().0)).collect()
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

/// How many passwords the message names, and how opening it went.
fn outcome(mail: &Mail, message: &[u8]) -> (usize, Decryption) {
    let opened = mail.open(&message).unwrap();
    let found = opened.layers.iter().find_map(|found| match &found.layer {
        Layer::Encrypted(encryption) => Some((encryption.passwords, encryption.decryption)),
        _ => None,
    });
    found.unwrap()
}

/// R29, R51: in both protocols each password opens the message, and so do the recipient's key and the sender's; a wrong one
/// does not.
#[test]
fn each_password_and_each_key_opens_it() {
    let alice = alice();
    for (to, protocol) in [(BOB, ProtocolId::OPENPGP), (DAVE, ProtocolId::SMIME)] {
        let draft = draft(&format!("To: {}\n", to.address));
        let compose = alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always);
        let plan = compose.passwords(passwords()).plan().unwrap();
        assert_eq!(shape(&plan), [(Copy::Everybody, strings(&[to.address]), protocol.0)]);
        let message = plan.protect().unwrap()[0].to_vec().unwrap();
        for password in PASSWORDS {
            assert_eq!(outcome(&knowing(password).mail(), &message), (2, Decryption::Done), "{protocol} {password}");
        }
        let key =
            |desk: Desk| if protocol == ProtocolId::SMIME { desk.smime_key_of(&to) } else { desk.openpgp_key_of(&to) };
        assert_eq!(outcome(&key(desk()).mail(), &message), (2, Decryption::Done), "{protocol}");
        assert_eq!(outcome(&desk().keys_of(&ALICE).mail(), &message), (2, Decryption::Done), "{protocol}");
        assert_eq!(outcome(&knowing("open sesam").mail(), &message), (2, Decryption::Failed), "{protocol}");
        assert_eq!(outcome(&desk().mail(), &message), (2, Decryption::NoKey), "{protocol}");
    }
}

/// Whoever knows a password announces nothing, so the message is what every program reads, whatever the certificates say.
#[test]
fn the_cipher_is_one_that_every_program_reads() {
    let alice = alice();
    let draft = draft(&format!("To: {}\n", ERIN.address));
    let chosen = |passwords: Vec<Passphrase>| {
        let compose = alice.compose(&draft).unwrap().encrypt(Encrypt::Always).passwords(passwords);
        compose.plan().unwrap().groups[0].encryption.clone().unwrap().cipher
    };
    assert_eq!(chosen(passwords()), "aes-256-cfb");
    let erin = mailseal::openpgp::OpenPgp;
    let certs = mailseal::Protocol::parse_certs(&erin, &common::read(&ERIN.openpgp_cert())).unwrap();
    let policy = mailseal::Policy::at(mailseal_testkit::personas::now());
    assert_eq!(mailseal::Protocol::choose(&erin, &certs, &policy).unwrap().cipher, "aes-128-ocb");
}

/// A recipient of the header without a certificate gets the message of the others; one of both technologies is two, both
/// with the password. One in Bcc gets a copy of its own (R125).
#[test]
fn recipients_without_a_certificate_are_no_obstacle() {
    let alice = alice();
    let fields = "To: bob@example.org, nobody@example.org\nCc: dave@example.org\nBcc: no.one@example.org\n";
    let draft = draft(fields);
    let compose = || alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always);
    assert_eq!(compose().plan().unwrap().unreachable.len(), 2);
    let plan = compose().passwords(passwords()).plan().unwrap();
    let expected = [
        (Copy::Everybody, strings(&["bob@example.org", "nobody@example.org"]), "openpgp"),
        (Copy::Everybody, strings(&["dave@example.org"]), "smime"),
        (Copy::Bcc(address("no.one@example.org")), strings(&["no.one@example.org"]), "openpgp"),
    ];
    assert_eq!(shape(&plan), expected);
    let by_password = ["nobody@example.org", "no.one@example.org"].map(|one| (address(one), Obstacle::NoCertificate));
    assert_eq!((plan.by_password.as_slice(), plan.unreachable.len()), (&by_password[..], 0));
    for message in plan.protect().unwrap() {
        let message = message.to_vec().unwrap();
        assert_eq!(outcome(&knowing(PASSWORDS[1]).mail(), &message), (2, Decryption::Done));
        assert!(!String::from_utf8_lossy(&message).contains("no.one"));
    }
}

/// Whom somebody names himself, openly or hidden, shall have a certificate; who is to be skipped gets nothing.
#[test]
fn recipients_that_were_named_need_a_certificate() {
    let alice = alice();
    let draft = draft("To: bob@example.org\n");
    let compose = || alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).passwords(passwords());
    let nobody = || vec![address("nobody@example.org")];
    for compose in [compose().recipients(nobody()), compose().hidden(nobody())] {
        let plan = compose.plan().unwrap();
        assert_eq!((plan.unreachable.len(), plan.by_password.len()), (1, 0));
        assert!(matches!(plan.protect(), Err(Error::Unreachable(_))));
    }
    let plan = compose().hidden(nobody()).missing(Missing::Skip).plan().unwrap();
    assert_eq!(shape(&plan), [(Copy::Everybody, strings(&["bob@example.org"]), "openpgp")]);
}

/// Without any recipient, or with none who has a certificate, there is one message: of the preferred protocol, or of the
/// one that is asked for.
#[test]
fn a_message_for_whoever_knows_the_password() {
    let alice = alice();
    for (fields, to) in [("", &[][..]), ("To: nobody@example.org\n", &["nobody@example.org"])] {
        let draft = draft(fields);
        for (only, protocol) in [(None, "openpgp"), (Some(ProtocolId::SMIME), "smime")] {
            let mut compose = alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).passwords(passwords());
            if let Some(only) = only {
                compose = compose.only(only);
            }
            let plan = compose.plan().unwrap();
            assert_eq!(shape(&plan), [(Copy::Everybody, strings(to), protocol)]);
            let message = plan.protect().unwrap()[0].to_vec().unwrap();
            let mail = knowing(PASSWORDS[0]).cert(&ALICE.openpgp_cert()).mail();
            let opened = mail.open(&message).unwrap();
            assert_eq!(opened.verdict(None).summary, mailseal::SummaryWord::SignedAndEncrypted);
            assert_eq!(outcome(&desk().keys_of(&ALICE).mail(), &message), (2, Decryption::Done), "the sender reads it");
        }
    }
    assert!(matches!(alice.compose(&draft("")).unwrap().encrypt(Encrypt::Always).plan(), Err(Error::NoRecipient)));
}

/// A key that stays locked does not keep those out who know the password; with neither the key is told to be locked.
#[test]
fn a_locked_key_is_no_obstacle_for_a_password() {
    let alice = desk().keys_of(&ALICE).cert(&LOCKED.openpgp_cert()).mail();
    let draft = draft(&format!("To: {}\n", LOCKED.address));
    let compose = alice.compose(&draft).unwrap().encrypt(Encrypt::Always).passwords(passwords());
    let plan = compose.plan().unwrap();
    let message = plan.protect().unwrap()[0].to_vec().unwrap();
    let reader = |password| knowing(password).openpgp_key_of(&LOCKED).mail();
    assert_eq!(outcome(&reader(PASSWORDS[0]), &message), (2, Decryption::Done));
    assert_eq!(outcome(&reader("wrong"), &message), (2, Decryption::Locked));
    assert_eq!(outcome(&knowing(PASSWORDS[0]).openpgp_key_of(&EVE).mail(), &message), (2, Decryption::Done));
}

/// A password protects what is encrypted and for others: anything else is the caller's mistake. Nobody writes more of them
/// than are tried on one message.
#[test]
fn what_a_password_is_not_for() {
    let alice = alice();
    let draft = draft("To: bob@example.org\n");
    let compose = || alice.compose(&draft).unwrap().passwords(passwords());
    for compose in [compose().sign(), compose().encrypt(Encrypt::Always).for_oneself()] {
        assert!(matches!(compose.plan(), Err(Error::Misuse(_))));
    }
    for only in [ProtocolId::OPENPGP, ProtocolId::SMIME] {
        let many = vec![passwords()[0].clone(); 17];
        let to = vec![address(if only == ProtocolId::SMIME { DAVE.address } else { BOB.address })];
        let compose = alice.compose(&draft).unwrap().encrypt(Encrypt::Always).only(only).recipients(to).passwords(many);
        let plan = compose.plan().unwrap();
        let written = plan.protect().unwrap()[0].to_vec();
        assert!(
            matches!(written, Err(Error::Core(mailseal_core::Error::Limit { what: "passwords", .. }))),
            "{written:?}"
        );
    }
}
