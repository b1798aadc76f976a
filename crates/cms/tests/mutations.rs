//! Attack 11: every ASN.1 node of a good message dropped, doubled, emptied, given another type or another place.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

use mailseal_cms::attributes::Capability;
use mailseal_cms::ber::{Reader, Tag};
use mailseal_cms::signed_data::{Check, SignedData, SignedDataBuilder, Signer};

mod support;
use support::tree::Node;
use support::{certificate, key, verify_detached, verify_opaque};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nPay Eve 1 euro.\r\n";

fn detached() -> Vec<u8> {
    let key = key("bob");
    let signer = Signer::new(&certificate("bob"), &key).unwrap();
    let signer = signer.signing_time(UNIX_EPOCH + Duration::from_secs(1_780_272_000));
    let builder = SignedDataBuilder::new().signer(signer.capabilities(Capability::of_this_crate()));
    let mut writer = builder.certificate(&certificate("intermediate")).unwrap().detached().unwrap();
    writer.write_all(CONTENT).unwrap();
    writer.finish().unwrap()
}

/// The detached signature with its content put in: definite lengths all over.
fn opaque(detached: &[u8]) -> Vec<u8> {
    let Node::Constructed(outer, mut info) = Node::parse(detached) else { panic!("ContentInfo") };
    let Node::Constructed(_, explicit) = &mut info[1] else { panic!("[0]") };
    let Node::Constructed(_, signed_data) = &mut explicit[0] else { panic!("SignedData") };
    let Node::Constructed(_, encap) = &mut signed_data[2] else { panic!("encapContentInfo") };
    encap.push(Node::Constructed(0xa0, vec![Node::Primitive(0x04, CONTENT.to_vec())]));
    Node::Constructed(outer, info).encode()
}

/// Who is said to be valid signed exactly this, by this certificate, with these attributes.
fn assert_unchanged(found: &SignedData, good: &SignedData, content: &[u8]) {
    for signer in found.signers.iter().filter(|signer| signer.check == Check::Valid) {
        assert_eq!(content, CONTENT);
        assert_eq!(signer.attributes, good.signers[0].attributes);
        assert_eq!(signer.certificate, good.signers[0].certificate);
        assert_eq!(signer.sid, good.signers[0].sid);
        assert_eq!(found.content_type, good.content_type);
    }
}

#[test]
fn no_structural_change_goes_unseen() {
    let detached = detached();
    let opaque = opaque(&detached);
    let (good, content) = verify_opaque(&opaque).unwrap();
    assert_eq!((&good.signers[0].check, &content[..]), (&Check::Valid, CONTENT));
    let mutations = Node::parse(&opaque).mutations();
    assert!(mutations.len() > 2_000, "only {}", mutations.len());
    let mut valid = 0;
    for mutation in mutations {
        let octets = mutation.encode();
        if let Ok((found, content)) = verify_opaque(&octets) {
            assert_unchanged(&found, &good, &content);
            valid += usize::from(found.signers.iter().any(|signer| signer.check == Check::Valid));
        }
        if let Ok(found) = verify_detached(&octets, CONTENT) {
            assert!(found.embedded.is_none() || found.signers.iter().all(|signer| signer.check != Check::Valid));
            assert_unchanged(&found, &good, CONTENT);
        }
    }
    assert!(valid > 0, "what nobody signed may change: the certificate of the issuer, for one");
}

#[test]
fn no_flipped_bit_goes_unseen() {
    let opaque = opaque(&detached());
    let (good, _) = verify_opaque(&opaque).unwrap();
    for at in 0..opaque.len() {
        let mut flipped = opaque.clone();
        flipped[at] ^= 1 << (at % 8);
        if let Ok((found, content)) = verify_opaque(&flipped) {
            assert_unchanged(&found, &good, &content);
        }
        assert!(verify_opaque(&opaque[..at]).is_err(), "cut off at {at}");
    }
}

/// The reader sees the same through every tag that a node may have.
#[test]
fn a_tree_is_written_as_it_was_read() {
    let opaque = opaque(&detached());
    assert_eq!(Node::parse(&opaque).encode(), opaque);
    assert!(Reader::new(&opaque[..]).next_is(Tag::SEQUENCE).unwrap());
}
