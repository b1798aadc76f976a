//! Autocrypt fields of mail that goes out: what is told, to whom, and what is not.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read, ways};
use mailseal::openpgp::OpenPgp;
use mailseal::{
    Address, AutocryptKey, Compose, Copy, Encrypt, Mail, PreferEncrypt, Protocol, ProtocolId, SummaryWord, User,
};
use mailseal_mime::Header;
use mailseal_mime::autocrypt::MAX_FIELD;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, DAVE, ERIN, EVE_AS_ALICE, Persona};

const MUTUAL: PreferEncrypt = PreferEncrypt::Mutual;
const TO_BOB: &str = "To: bob@example.org\n";
const TO_BOTH: &str = "To: bob@example.org\nCc: Carol <carol@example.org>\n";

/// Alice, with the OpenPGP certificates of everybody.
fn alice() -> Mail {
    let desk = desk().keys_of(&ALICE).cert(&BOB.openpgp_cert()).cert(&CAROL.openpgp_cert());
    desk.cert(&ERIN.openpgp_cert()).known(&DAVE.smime_cert()).mail()
}

fn reader(who: &Persona) -> Mail {
    desk().openpgp_key_of(who).cert(&ALICE.openpgp_cert()).mail()
}

fn draft(fields: &str) -> String {
    format!("From: Alice <alice@example.org>\n{fields}Subject: x\nContent-Type: text/plain\n\nHello\n")
}

/// Every message that becomes of Alice's draft, with its copy.
fn sent(draft: &str, how: impl FnOnce(Compose<'_>) -> Compose<'_>) -> Vec<(Copy, ProtocolId, Vec<u8>)> {
    let (alice, draft) = (alice(), draft.as_bytes());
    let plan = how(alice.compose(&draft).unwrap().sign()).plan().unwrap();
    let outgoing = plan.protect().unwrap();
    outgoing.iter().map(|out| (out.copy.clone(), out.protocol(), out.to_vec().unwrap())).collect()
}

fn only(draft: &str, how: impl FnOnce(Compose<'_>) -> Compose<'_>) -> Vec<u8> {
    let mut sent = sent(draft, how);
    assert_eq!(sent.len(), 1);
    sent.remove(0).2
}

fn keydata(who: &Persona) -> Vec<u8> {
    let cert = OpenPgp.parse_certs(&read(&who.openpgp_cert())).unwrap().remove(0);
    OpenPgp.keydata(&cert, &Address::parse(who.address).unwrap(), alice().policy()).unwrap()
}

fn gossip(message: &[u8], reader: &Mail) -> Vec<String> {
    let message = message.to_vec();
    let opened = reader.open(&message).unwrap();
    assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted);
    let read: Vec<_> = opened.autocrypt().gossip.into_iter().map(|key| key.address.to_string()).collect();
    let written = opened.payload.root().header.count("Autocrypt-Gossip");
    assert_eq!(written, read.len(), "nothing is written that a reader has to ignore");
    read
}

/// R71, R128: one field, the same signed and encrypted and in both protocols, inside as well; the reader is offered it.
#[test]
fn the_authors_key() {
    let expect = AutocryptKey {
        address: Address::parse(ALICE.address).unwrap(),
        prefer_encrypt: MUTUAL,
        keydata: keydata(&ALICE),
    };
    let mut fields = Vec::new();
    for protocol in [ProtocolId::OPENPGP, ProtocolId::SMIME] {
        for (encrypt, to) in
            [(Encrypt::Never, TO_BOTH), (Encrypt::Always, TO_BOB), (Encrypt::Always, "To: dave@example.org\n")]
        {
            let (alice, draft) = (alice(), draft(to));
            let draft = draft.as_bytes();
            let compose = alice.compose(&draft).unwrap().sign().encrypt(encrypt).only(protocol).autocrypt(MUTUAL);
            let plan = compose.plan().unwrap();
            assert_eq!(plan.autocrypt.as_ref(), Some(&expect));
            if !plan.unreachable.is_empty() {
                continue;
            }
            let message = plan.protect().unwrap()[0].to_vec().unwrap();
            let outer = Header::from_raw(&message);
            assert_eq!(outer.count("Autocrypt"), 1);
            assert_eq!(alice.open(&message).unwrap().autocrypt().from.as_ref(), Some(&expect));
            fields.push(outer.get("Autocrypt").unwrap().raw().to_vec());
        }
    }
    assert_eq!(fields.len(), 4, "signed twice, encrypted to Bob and to Dave");
    assert!(fields.iter().all(|field| *field == fields[0]));
    let bob = reader(&BOB);
    let message = only(&draft(TO_BOB), |compose| compose.encrypt(Encrypt::Always).autocrypt(MUTUAL));
    assert_eq!(bob.open(&message).unwrap().autocrypt().from, Some(expect));
}

/// R128: not without being asked, not without a key that has such a form, not for several authors.
#[test]
fn no_key_is_told() {
    for way in ways() {
        let draft = draft(TO_BOB);
        let draft = draft.as_bytes();
        let plan = way.alice.compose(&draft).unwrap().sign().only(way.protocol).plan().unwrap();
        assert_eq!(plan.autocrypt, None);
        assert_eq!(Header::from_raw(&plan.protect().unwrap()[0].to_vec().unwrap()).count("Autocrypt"), 0);
    }
    let told = |mail: &Mail, draft: &str| {
        let draft = draft.as_bytes();
        let plan = mail.compose(&draft).unwrap().sign().autocrypt(MUTUAL).plan().unwrap();
        let message = plan.protect().unwrap()[0].to_vec().unwrap();
        (plan.autocrypt.is_some(), Header::from_raw(&message).count("Autocrypt"))
    };
    assert_eq!(told(&alice(), &draft(TO_BOB)), (true, 1));
    assert_eq!(told(&desk().smime_key_of(&ALICE).mail(), &draft(TO_BOB)), (false, 0));
    let several =
        "From: alice@example.org, bob@example.org\nSender: alice@example.org\nTo: carol@example.org\n\nHello\n";
    assert_eq!(told(&alice(), several), (false, 0));
}

/// R128: of several keys of the author's it is the one that signs, where the author chose it.
#[test]
fn the_key_that_signs() {
    let alice = desk().openpgp_key_of(&ALICE).openpgp_key_of(&EVE_AS_ALICE).mail();
    for who in [ALICE, EVE_AS_ALICE] {
        let cert = OpenPgp.parse_certs(&read(&who.openpgp_cert())).unwrap().remove(0);
        let (draft, user) = (draft(TO_BOB), User::Handle(cert.fingerprint().clone()));
        let draft = draft.as_bytes();
        let plan = alice.compose(&draft).unwrap().sign().user(user).autocrypt(MUTUAL).plan().unwrap();
        assert_eq!(plan.autocrypt.as_ref().map(|key| &key.keydata), Some(&keydata(&who)), "{}", who.name);
    }
}

/// R128: one field takes the place of the draft's own; one beyond 10 KiB is never sent.
#[test]
fn a_field_of_the_drafts_own() {
    let own = "Autocrypt: addr=alice@example.org; keydata=Zm9v\n";
    let fields = |message: &[u8]| {
        let header = Header::from_raw(message);
        header.get_all("Autocrypt").map(|field| field.raw().len()).collect::<Vec<_>>()
    };
    let with_own = draft(&format!("{TO_BOB}{own}"));
    assert_eq!(fields(&only(&with_own, |compose| compose)), [own.len() + 1]);
    let announced = fields(&only(&with_own, |compose| compose.autocrypt(MUTUAL)));
    assert!(announced.len() == 1 && announced[0] > 300, "{announced:?}");
    let lines = format!(" {}\n", "Zm9v".repeat(18)).repeat(MAX_FIELD / 75 + 1);
    let long = draft(&format!("{TO_BOB}Autocrypt: addr=alice@example.org; keydata=\n{lines}"));
    for encrypt in [Encrypt::Never, Encrypt::Always] {
        let message = only(&long, |compose| compose.encrypt(encrypt));
        assert!(fields(&message).is_empty());
        let opened = alice();
        let opened = opened.open(&message).unwrap();
        assert_eq!(opened.payload.root().header.count("Autocrypt"), 0);
    }
}

/// R130: everybody in To and Cc is told the keys of all, in the payload alone, without a preference.
#[test]
fn gossip_to_several() {
    let message = only(&draft(TO_BOTH), |compose| compose.encrypt(Encrypt::Always).autocrypt(MUTUAL).gossip(true));
    assert!(!String::from_utf8(message.clone()).unwrap().contains("Gossip"));
    for who in [BOB, CAROL] {
        let reader = reader(&who);
        let opened = reader.open(&message).unwrap();
        let told = opened.autocrypt();
        let key = |who: &Persona| AutocryptKey {
            address: Address::parse(who.address).unwrap(),
            prefer_encrypt: PreferEncrypt::NoPreference,
            keydata: keydata(who),
        };
        assert_eq!(told.gossip, [key(&BOB), key(&CAROL)]);
        let inside = &opened.payload.root().header;
        assert!(inside.get_all("Autocrypt-Gossip").all(|field| !field.text().contains("prefer-encrypt")));
        assert!(!inside.get_all("HP-Outer").any(|field| field.text().contains("Gossip")));
        assert_eq!(told.from.unwrap().prefer_encrypt, MUTUAL);
    }
}

/// R124, R130: none to a single recipient, none about Bcc and none to them, none about those whom no field names.
#[test]
fn gossip_about_nobody_else() {
    let encrypted = |fields: &str| sent(&draft(fields), |compose| compose.encrypt(Encrypt::Always).gossip(true));
    let bob = reader(&BOB);
    assert!(gossip(&encrypted(TO_BOB)[0].2, &bob).is_empty());
    let without = only(&draft(TO_BOTH), |compose| compose.encrypt(Encrypt::Always));
    assert!(gossip(&without, &bob).is_empty());

    let copies = encrypted(&format!("{TO_BOTH}Bcc: erin@example.org\n"));
    assert_eq!(copies.len(), 2);
    for (copy, _, message) in copies {
        match copy {
            Copy::Everybody => assert_eq!(gossip(&message, &bob), [BOB.address, CAROL.address]),
            _ => assert!(gossip(&message, &reader(&ERIN)).is_empty()),
        }
    }

    let erin = vec![Address::parse(ERIN.address).unwrap()];
    let message = only(&draft(TO_BOTH), |compose| compose.encrypt(Encrypt::Always).gossip(true).hidden(erin));
    assert_eq!(gossip(&message, &bob), [BOB.address, CAROL.address]);

    // Dave has S/MIME only: one message each, with one recipient each.
    for (_, protocol, message) in encrypted("To: bob@example.org, dave@example.org\n") {
        let reader = if protocol == ProtocolId::OPENPGP { bob.clone() } else { desk().smime_key_of(&DAVE).mail() };
        assert!(gossip(&message, &reader).is_empty(), "{protocol}");
    }
}

/// R130: what a draft says of others is not visible outside, and not sent where nothing is encrypted.
#[test]
fn gossip_of_the_drafts_own() {
    let own = "Autocrypt-Gossip: addr=carol@example.org; keydata=Zm9v\n";
    let draft = draft(&format!("{TO_BOTH}{own}"));
    let signed = only(&draft, |compose| compose.gossip(true));
    assert!(!String::from_utf8(signed).unwrap().contains("Gossip"));
    let sealed = only(&draft, |compose| compose.encrypt(Encrypt::Always));
    assert!(!String::from_utf8(sealed.clone()).unwrap().contains("Gossip"));
    assert_eq!(gossip(&sealed, &reader(&BOB)), [CAROL.address]);
    let replaced = only(&draft, |compose| compose.encrypt(Encrypt::Always).gossip(true));
    assert_eq!(gossip(&replaced, &reader(&BOB)), [BOB.address, CAROL.address]);
}
