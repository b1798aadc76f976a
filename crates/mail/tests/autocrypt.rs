//! Autocrypt fields of mail that comes in: what a client is offered, and what it is not told.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::OpenPgp;
use mailseal::{Address, Autocrypt, AutocryptKey, Cert, Mail, Policy, PreferEncrypt, Protocol, Sender};
use mailseal_core::NoPrompt;
use mailseal_mime::Field;
use mailseal_mime::autocrypt::Autocrypt as Said;
use mailseal_testkit::corpus::{cases, vectors};
use mailseal_testkit::personas::{self, ALICE, BOB, CAROL, EVE_AS_ALICE, Persona};
use std::sync::Arc;

const HP: &str = "Content-Type: text/plain; hp=\"cipher\"\r\n";
const PLAIN: &str = "Content-Type: text/plain\r\n";
const TO_BOTH: &str = "To: bob@example.org\r\nCc: Carol <carol@example.org>\r\n";

/// Reads mail for Bob.
fn bob() -> Mail {
    desk().openpgp_key_of(&BOB).cert(&ALICE.openpgp_cert()).mail()
}

fn told(message: &str) -> Autocrypt {
    bob().open(&message.as_bytes()).unwrap().autocrypt()
}

/// The address of the author's key; none where there is none.
fn author(message: &str) -> Option<String> {
    told(message).from.map(|key| key.address.to_string())
}

/// The addresses of which there is gossip, each with its keydata.
fn gossip(message: &str) -> Vec<(String, Vec<u8>)> {
    let keys = told(message).gossip;
    assert!(keys.iter().all(|key| key.prefer_encrypt == PreferEncrypt::NoPreference));
    keys.into_iter().map(|key| (key.address.to_string(), key.keydata)).collect()
}

/// A message of Alice that is not protected, with these fields.
fn mail(fields: &str) -> String {
    format!("From: Alice <alice@example.org>\r\n{TO_BOTH}{fields}{PLAIN}\r\nHello\r\n")
}

/// The same fields around an entity that only Bob reads; `by` signs.
fn sealed(fields: &str, entity: &str, by: Option<&Persona>) -> String {
    let bob: Vec<Cert> = OpenPgp.parse_certs(&read(&BOB.openpgp_cert())).unwrap();
    let by = by
        .map(|who| OpenPgp.parse_keys(&read(&who.openpgp_key()), who.name, &[], Arc::new(NoPrompt)).unwrap().remove(0));
    let (by, policy, mut armored) = (Vec::from_iter(by), Policy::at(personas::now()), Vec::new());
    OpenPgp.encrypt(&entity.as_bytes().to_vec(), &bob, &by, &policy, &mut armored).unwrap();
    format!(
        "From: Alice <alice@example.org>\r\n{fields}MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b; \
         protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
         \r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n{}\r\n--b--\r\n",
        String::from_utf8(armored).unwrap()
    )
}

fn field(name: &str, addr: &str, key: &str) -> String {
    format!("{name}: addr={addr}; keydata={key}\r\n")
}

fn autocrypt(addr: &str) -> String {
    field("Autocrypt", addr, "Zm9v")
}

fn about(addr: &str) -> String {
    field("Autocrypt-Gossip", addr, "Zm9v")
}

/// R128: the address is that of the From, compared as addresses are; of two valid fields none counts, invalid ones do not
/// disturb.
#[test]
fn one_valid_field_about_the_author() {
    let alice = Some("alice@example.org".to_owned());
    let mine = autocrypt("alice@example.org");
    assert_eq!(author(&mail(&mine)), alice);
    assert_eq!(author(&mail(&autocrypt("ALICE@Example.ORG"))).map(|address| address.to_lowercase()), alice);
    assert_eq!(author(&mail("")), None);
    assert_eq!(author(&mail(&autocrypt("eve@example.org"))), None);
    assert_eq!(author(&mail(&format!("{mine}{mine}"))), None);
    for invalid in ["addr=alice@example.org; danger=1; keydata=Zm9v", "addr=eve@example.org; keydata=Zm9v", "nonsense"]
    {
        assert_eq!(author(&mail(&format!("Autocrypt: {invalid}\r\n{mine}"))), alice, "{invalid}");
    }
    let long = field("Autocrypt", "alice@example.org", &"Zm9v".repeat(2600));
    assert_eq!(author(&mail(&long)), None);
    assert_eq!(author(&mail(&format!("{long}{mine}"))), alice);
}

/// R129: nothing from reports and answers of programs, and nothing where the author is not one address.
#[test]
fn messages_that_say_nothing() {
    let mine = autocrypt("alice@example.org");
    let alice = Some("alice@example.org".to_owned());
    for from in [
        "From: alice@example.org, bob@example.org\r\n",
        "From: alice@example.org, bob@example.org\r\nSender: alice@example.org\r\n",
        "From: alice@example.org\r\nFrom: alice@example.org\r\n",
        "From: alice@example.org <bob@example.org>\r\n",
        "From: team: alice@example.org;\r\n",
        "Sender: alice@example.org\r\nReply-To: alice@example.org\r\n",
    ] {
        assert_eq!(author(&format!("{from}{mine}{PLAIN}\r\nHello\r\n")), None, "{from}");
    }
    let report = |kind: &str| {
        let body = format!("--r\r\n{PLAIN}\r\nread\r\n--r--\r\n");
        format!("From: alice@example.org\r\n{mine}Content-Type: {kind}; boundary=r\r\n\r\n{body}")
    };
    assert_eq!(author(&report("multipart/mixed")), alice);
    assert_eq!(author(&report("Multipart/Report; report-type=disposition-notification")), None);
    assert_eq!(author(&sealed(&mine, &report("multipart/mixed"), None)), alice);
    assert_eq!(author(&sealed(&mine, &report("multipart/report"), None)), None);
    for (submitted, expect) in
        [("no", &alice), ("auto-generated", &alice), ("auto-replied", &None), ("Auto-Replied (vacation); x=y", &None)]
    {
        let field = format!("Auto-Submitted: {submitted}\r\n");
        assert_eq!(&author(&mail(&format!("{field}{mine}"))), expect, "{submitted}");
        // The same with a layer around it, which hides neither what is outside nor what is inside.
        let entity = format!("{PLAIN}\r\nHello\r\n");
        assert_eq!(&author(&sealed(&format!("{field}{mine}"), &entity, None)), expect, "{submitted}");
        let inside = format!("From: alice@example.org\r\n{field}{mine}{HP}\r\nHello\r\n");
        assert_eq!(&author(&sealed("", &inside, None)), expect, "{submitted}");
    }
}

/// R98, R104, R128: where the header is declared to be protected, what was added outside says nothing.
#[test]
fn a_protected_header_alone_counts() {
    let (mine, from) = (autocrypt("alice@example.org"), "From: alice@example.org\r\n");
    let alice = Some("alice@example.org".to_owned());
    let inside = |fields: &str| format!("{fields}{HP}\r\nHello\r\n");
    let seal = |outside: &str, entity: &str| sealed(outside, entity, Some(&ALICE));
    assert_eq!(author(&seal("", &inside(&format!("{from}{mine}")))), alice);
    assert_eq!(author(&seal(&mine, &inside(from))), None);
    let other = field("Autocrypt", "alice@example.org", "YmFy");
    assert_eq!(told(&seal(&other, &inside(&format!("{from}{mine}")))).from.unwrap().keydata, b"foo");
    // Nothing is declared: the header outside is the message's.
    assert_eq!(author(&seal(&mine, &format!("{PLAIN}\r\nHello\r\n"))), alice);
    assert_eq!(author(&seal("", &format!("{mine}{PLAIN}\r\nHello\r\n"))), None);
    // The From inside is another one: nobody's key.
    let eve = format!("From: eve@example.org\r\n{mine}{}", autocrypt("eve@example.org"));
    assert_eq!(told(&seal(&mine, &inside(&eve))), Autocrypt::default());
}

/// R130: gossip counts at the root of what was decrypted, about those whom the message names, one key for each.
#[test]
fn gossip_inside_of_the_encryption() {
    let entity = |fields: &str| format!("{fields}{PLAIN}\r\nHello\r\n");
    let key = |address: &str| (address.to_owned(), b"foo".to_vec());
    let both = about("bob@example.org") + &about("carol@example.org");
    let expect = [key("bob@example.org"), key("carol@example.org")];
    assert_eq!(gossip(&sealed(TO_BOTH, &entity(&both), Some(&ALICE))), expect);
    assert_eq!(gossip(&sealed(TO_BOTH, &entity(&both), None)), expect);
    let reply_to = "To: bob@example.org\r\nReply-To: list@example.org\r\n";
    let named = about("list@example.org") + &about("carol@example.org") + &about("alice@example.org");
    assert_eq!(gossip(&sealed(reply_to, &entity(&named), None)), [key("list@example.org")]);

    let preferring = "Autocrypt-Gossip: addr=bob@example.org; prefer-encrypt=mutual; keydata=Zm9v\r\n";
    assert_eq!(gossip(&sealed(TO_BOTH, &entity(preferring), None)), [key("bob@example.org")]);
    let twice = format!("{both}{}{}", about("Bob@example.org"), field("Autocrypt-Gossip", "carol@example.org", "YmFy"));
    assert_eq!(gossip(&sealed(TO_BOTH, &entity(&twice), None)), [key("bob@example.org")]);

    // Whom a protected header names is read inside.
    let protected = |fields: &str| format!("From: alice@example.org\r\n{fields}{both}{HP}\r\nHello\r\n");
    assert_eq!(gossip(&sealed(TO_BOTH, &protected("To: carol@example.org\r\n"), None)), [key("carol@example.org")]);
    assert_eq!(gossip(&sealed(TO_BOTH, &protected(""), None)), []);
}

/// R130: gossip that others can read or that stands deeper is none.
#[test]
fn gossip_elsewhere() {
    let bobs = about("bob@example.org");
    assert_eq!(gossip(&mail(&bobs)), []);
    let entity = format!("{PLAIN}\r\nHello\r\n");
    assert_eq!(gossip(&sealed(&format!("{TO_BOTH}{bobs}"), &entity, None)), []);
    let deeper = format!("Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n{bobs}{entity}\r\n--m--\r\n");
    assert_eq!(gossip(&sealed(TO_BOTH, &deeper, None)), []);
    let readable = format!("{bobs}{entity}");
    assert_eq!(gossip(&sealed(TO_BOTH, &readable, None)).len(), 1);
    let unread = sealed(TO_BOTH, &readable, None);
    let carol = desk().openpgp_key_of(&CAROL).mail();
    assert_eq!(carol.open(&unread.as_bytes()).unwrap().autocrypt(), Autocrypt::default());
    assert_eq!(bob().inspect(&unread.as_bytes()).unwrap().autocrypt(), Autocrypt::default());
}

/// R131, attack 24: the key in the message is not among those that verify it, nor among what else came along.
#[test]
fn a_key_that_came_along_proves_nothing() {
    let eve = OpenPgp.parse_certs(&read(&EVE_AS_ALICE.openpgp_cert())).unwrap().remove(0);
    let said =
        Said { addr: ALICE.address.to_owned(), prefer_encrypt: PreferEncrypt::Mutual, keydata: eve.encoded().to_vec() };
    let fields = String::from_utf8(said.to_field().unwrap().raw().to_vec()).unwrap();
    let gossip = String::from_utf8(said.to_gossip_field().unwrap().raw().to_vec()).unwrap();
    let to = "To: bob@example.org, alice@example.org\r\n";
    let entity = |fields: &str| format!("{fields}{PLAIN}\r\nPay Eve.\r\n");
    let with = sealed(&format!("{to}{fields}"), &entity(&gossip), Some(&EVE_AS_ALICE));
    let without = sealed(to, &entity(""), Some(&EVE_AS_ALICE));
    let bob = bob();
    let opened = [&with, &without].map(|message| bob.open(&message.as_bytes()).unwrap().summary);
    assert_eq!(opened[0], opened[1]);
    assert!(!matches!(opened[0].sender, Sender::Verified { .. }), "{opened:?}");
    let (with, reader) = (with.into_bytes(), bob.clone());
    let opened = reader.open(&with).unwrap();
    let told = opened.autocrypt();
    let offered = |key: &AutocryptKey| OpenPgp.parse_certs(&key.keydata).unwrap()[0].fingerprint().clone();
    assert_eq!(told.from.as_ref().map(offered).as_ref(), Some(eve.fingerprint()));
    assert_eq!(told.gossip.iter().map(offered).collect::<Vec<_>>(), [eve.fingerprint().clone()]);
    assert!(opened.certs.is_empty() && opened.signatures[0].fact.signer.is_none());
    // Nor is it used for what comes later.
    assert!(bob.certs().by_handle(eve.fingerprint()).is_empty());
    assert!(bob.reach(&Address::parse(CAROL.address).unwrap(), None).is_err());
}

/// R128, R129 on mail of others: address, preference and length of the keydata that is offered.
#[test]
fn mail_that_nobody_here_wrote() {
    const MUTUAL: PreferEncrypt = PreferEncrypt::Mutual;
    const NONE: PreferEncrypt = PreferEncrypt::NoPreference;
    let Some(vectors) = vectors() else { return };
    let alice = "alice@autocrypt.example";
    let suite = "alice@testsuite.autocrypt.org";
    for (file, expect) in [
        ("autocrypt/doc/appendix/example-simple-autocrypt.eml", Some((alice, MUTUAL, 410))),
        ("kde-messagelib/data/autocrypt/header.mbox", Some((alice, MUTUAL, 410))),
        ("kde-messagelib/data/autocrypt/gossipheader.mbox", Some((alice, MUTUAL, 410))),
        ("kde-messagelib/data/autocrypt/multiple_autocryptheaders.mbox", None),
        ("kde-messagelib/data/autocrypt/multiple_from.mbox", None),
        ("kde-messagelib/data/autocrypt/mdn.mbox", None),
        ("kde-messagelib/data/autocrypt/gossipheader-nonencrypted.mbox", None),
        ("k9/legacy/core/src/test/resources/autocrypt/rsa2048-simple.eml", Some((suite, NONE, 1225))),
        ("k9/legacy/core/src/test/resources/autocrypt/rsa2048-unknown-non-critical.eml", Some((suite, NONE, 1225))),
        ("k9/legacy/core/src/test/resources/autocrypt/rsa2048-unknown-critical.eml", None),
        ("k9/legacy/core/src/test/resources/autocrypt/rsa2048-broken-base64.eml", None),
        ("k9/legacy/core/src/test/resources/autocrypt/unknown-type.eml", None),
        // K-9 still knows `type=1` of the drafts before Level 1; in Level 1 it is one more unknown critical attribute.
        ("k9/legacy/core/src/test/resources/autocrypt/rsa2048-explicit-type.eml", None),
        ("k9/legacy/core/src/test/resources/autocrypt/no_autocrypt.eml", None),
        ("chatmail/test-data/message/thunderbird_with_autocrypt.eml", Some((ALICE.address, NONE, 406))),
        ("chatmail/test-data/message/thunderbird_with_multiple_autocrypts.eml", None),
        ("chatmail/test-data/message/testrun_ndn_2.eml", None),
    ] {
        let raw = read(&vectors.join(file));
        let mail = desk().mail();
        let from = mail.open(&raw).unwrap().autocrypt().from;
        let found = from.as_ref().map(|key| (key.address.as_str(), key.prefer_encrypt, key.keydata.len()));
        assert_eq!(found, expect, "{file}");
        if let Some(key) = from {
            assert_eq!(OpenPgp.parse_certs(&key.keydata).unwrap().len(), 1, "{file}");
        }
    }
}

/// R130: the example of the specification, encrypted to Bob by the author of Autocrypt.
#[test]
fn gossip_of_the_specification() {
    let Some(cases) = cases("autocrypt") else { return };
    let case = cases.iter().find(|case| case.id.ends_with("example-gossip.eml")).unwrap();
    let mut desk = desk();
    for secret in &case.secrets {
        desk = desk.key(&secret.file);
    }
    let (mail, raw) = (desk.mail(), read(&case.file));
    let told = mail.open(&raw).unwrap().autocrypt();
    let of = |key: &AutocryptKey| (key.address.to_string(), OpenPgp.parse_certs(&key.keydata).unwrap().len());
    let found: Vec<_> = told.gossip.iter().map(of).collect();
    assert_eq!(found, [("bob@autocrypt.example".to_owned(), 1), ("carol@autocrypt.example".to_owned(), 1)]);
    assert_eq!(told.from.as_ref().map(of), Some(("alice@autocrypt.example".to_owned(), 1)));
    // The same fields outside of the encryption.
    let outside = read(&case.file.with_file_name("example-gossip-cleartext.eml"));
    let first = outside.split_inclusive(|&b| b == b'\n').next().unwrap();
    assert!(Field::from_raw(first.to_vec()).unwrap().is("Autocrypt-Gossip"));
    let message = [b"From: alice@autocrypt.example\nTo: bob@autocrypt.example\n".as_slice(), &outside].concat();
    assert_eq!(mail.open(&message).unwrap().autocrypt(), Autocrypt::default());
}
