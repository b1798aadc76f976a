//! Attacks 11 and 12: what we call good of a message with any ASN.1 node changed, openssl calls good too.
//!
//! The other way round is no fault: we may refuse more. A message that we take and openssl refuses fails the test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;
#[path = "../../cms/tests/support/tree.rs"]
mod tree;

use common::{Ring, certs, policy};
use mailseal_core::{Check, Context, Layer, MemorySink, NoCerts, Protocol, Purpose, Question, Trust};
use mailseal_smime::{Pkix, Smime};
use mailseal_testkit::personas::{ALICE, BOB, FRANK, NOW, Persona, intermediate, now, root};
use mailseal_testkit::program::Program;
use std::time::UNIX_EPOCH;
use tree::Node;

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nPay Eve 1 euro.\r\n";

/// An opaque message in DER, as openssl makes it.
fn signed(by: Persona, words: &[&str]) -> Option<Vec<u8>> {
    let sign = Program::find("openssl")?.args(["cms", "-sign", "-binary", "-nodetach", "-outform", "DER"]);
    let sign = sign.arg("-signer").arg(by.smime_cert()).arg("-inkey").arg(by.smime_key()).args(words);
    Some(sign.arg("-certfile").arg(intermediate()).stdin(CONTENT).succeed())
}

/// What somebody signed validly, with a certificate that is trusted for it; the certificates of the path are those
/// of the message.
fn ours(pkix: &Pkix, message: &[u8]) -> Option<Vec<u8>> {
    let (policy, keys) = (policy(), Ring(Vec::new()));
    let mut sink = MemorySink::new();
    let with = Context { policy: &policy, certs: &NoCerts, keys: &keys };
    let peeled = Smime.open(&mut &message[..], &with, &mut sink).ok()?;
    let [Layer::Signed(signatures)] = &peeled.layers[..] else { return None };
    let good = signatures.iter().any(|signature| {
        signature.check == Check::Valid
            && signature.signer.as_ref().is_some_and(|cert| {
                let (helpers, purpose) = (&peeled.certs, Purpose::Sign);
                pkix.judge(&Question { cert, address: None, purpose, policy: &policy, helpers, crls: &peeled.crls })
                    .is_trusted()
            })
    });
    if good { sink.into_committed() } else { None }
}

/// What openssl writes of a message that it verifies at the same time.
fn openssls(message: &[u8]) -> Result<Vec<u8>, String> {
    let at = now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let verify = Program::find("openssl").expect("found before").args(["cms", "-verify", "-binary", "-inform", "DER"]);
    let verify = verify.args(["-purpose", "smimesign", &format!("-attime={at}"), "-CAfile"]).arg(root());
    let output = verify.stdin(message).run();
    if output.status.success() { Ok(output.stdout) } else { Err(output.stderr) }
}

fn compare(message: &[u8]) {
    let pkix = Pkix::new(&certs(&root()), &[], &[]);
    assert_eq!(ours(&pkix, message).as_deref(), Some(CONTENT), "judged at {NOW}");
    assert_eq!(openssls(message).as_deref(), Ok(CONTENT));
    let tree = Node::parse(message);
    assert_eq!(tree.encode(), message);
    let mutations = tree.mutations();
    assert!(mutations.len() > 1_500, "{}", mutations.len());
    let (mut good, mut differing) = (0, Vec::new());
    for (number, mutation) in mutations.iter().enumerate() {
        let octets = mutation.encode();
        let Some(content) = ours(&pkix, &octets) else { continue };
        good += 1;
        match openssls(&octets) {
            Ok(theirs) => assert_eq!(content, theirs, "mutation {number}"),
            // RFC 5652 §5.4: what is signed is their DER, which has one order. openssl takes the order that came.
            Err(_) if attributes_in_order(mutation).encode() == message => {}
            Err(why) => differing.push(format!("mutation {number}: {why}")),
        }
    }
    assert!(
        differing.is_empty(),
        "of {good} that we call good openssl refuses {}:\n{}",
        differing.len(),
        differing.join("")
    );
    assert!(good > 10, "what nobody signed may change: {good}");
}

/// The message with the signed attributes of its only signer in the order of DER.
fn attributes_in_order(message: &Node) -> Node {
    let mut message = message.clone();
    if let Some(Node::Constructed(0xa0, attributes)) = message.at(&[1, 0, 4, 0, 3]) {
        attributes.sort_by_key(Node::encode);
    }
    message
}

#[test]
fn rsa() {
    if let Some(message) = signed(ALICE, &[]) {
        compare(&message);
    }
}

#[test]
fn rsa_pss() {
    if let Some(message) = signed(ALICE, &["-keyopt", "rsa_padding_mode:pss"]) {
        compare(&message);
    }
}

#[test]
fn ecdsa() {
    if let Some(message) = signed(BOB, &["-cades"]) {
        compare(&message);
    }
}

#[test]
fn without_signed_attributes() {
    if let Some(message) = signed(FRANK, &["-noattr", "-md", "sha384"]) {
        compare(&message);
    }
}
