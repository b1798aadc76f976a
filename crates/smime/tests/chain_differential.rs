//! Attacks 11 and 12: a certificate, an authority's certificate or a revocation list with any ASN.1 node changed, and
//! signed again by its issuer: what we trust, openssl verifies too.
//!
//! The other way round is no fault: we may refuse more.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;
#[path = "../../cms/tests/support/tree.rs"]
mod tree;

use common::authority::*;
use common::read;
use mailseal_core::{Cert, Protocol, Purpose, Question, Revocation, Trust};
use mailseal_smime::{Pkix, Smime, parse_crls};
use mailseal_testkit::program::Program;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use tree::Node;

/// As many extensions as a certificate for mail has, and more.
const LEAF: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n\
    extendedKeyUsage=emailProtection\nsubjectAltName=email:p@example.org,DNS:example.org\nsubjectKeyIdentifier=hash\n\
    authorityKeyIdentifier=keyid\ncertificatePolicies=1.2.3.4\n";
const SUB: &str = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n\
    extendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n\
    nameConstraints=critical,permitted;email:example.org,excluded;email:bad@example.org\n\
    certificatePolicies=1.2.3.4\n";

/// root, sub, p, and the lists of both authorities, all as DER.
struct Chain {
    ca: Authority,
    sub: Vec<u8>,
    leaf: Vec<u8>,
    lists: [Vec<u8>; 2],
}

impl Chain {
    fn new() -> Option<Chain> {
        let ca = Authority::new(P256)?;
        let sub = ca.issue("sub", "root", P256, SUB, &[]).encoded().to_vec();
        let leaf = ca.issue("p", "sub", P256, LEAF, &[]).encoded().to_vec();
        let _ = ca.issue("q", "sub", P256, LEAF, &[]);
        let lists = [ca.crl("root", Some("q"), 36_000).remove(0), ca.crl("sub", Some("q"), 36_000).remove(0)];
        Some(Chain { ca, sub, leaf, lists })
    }

    /// The key of an authority.
    fn key(&self, name: &str) -> SigningKey {
        let (input, output) = (format!("{name}.key"), format!("{name}.der"));
        self.ca.openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", &input, "-outform", "DER", "-out", &output]);
        SigningKey::from_pkcs8_der(&read(&self.ca.path(&output))).unwrap()
    }

    fn ours(&self, sub: &[u8], leaf: &[u8], lists: &[Vec<u8>]) -> bool {
        let parse = |der: &[u8]| Smime.parse_certs(der).unwrap_or_default();
        let Some(cert) = parse(leaf).pop() else { return false };
        let certs: Vec<Cert> = parse(sub);
        let crls: Vec<_> = lists.iter().filter_map(|list| parse_crls(list).ok()).flatten().collect();
        let pkix = Pkix::new(&[self.ca.cert("root")], &certs, &crls);
        let mut policy = policy();
        policy.revocation = if lists.is_empty() { Revocation::IfPresent } else { Revocation::Require };
        let purpose = Purpose::Sign;
        pkix.judge(&Question { cert: &cert, address: None, purpose, policy: &policy, helpers: &[], crls: &[] })
            .is_trusted()
    }

    /// What openssl has against it.
    fn openssls(&self, sub: &[u8], leaf: &[u8], lists: &[Vec<u8>]) -> Result<(), String> {
        let write = |name: &str, der: &[u8]| std::fs::write(self.ca.path(name), der).unwrap();
        write("changed-sub.der", sub);
        write("changed-leaf.der", leaf);
        let verify = Program::find("openssl").unwrap().dir(self.ca.path("").as_path());
        let verify = verify.args(["verify", "-purpose", "smimesign", "-attime", "4102444800"]);
        let mut verify = verify.args(["-CAfile", "root.crt", "-untrusted", "changed-sub.der"]);
        if !lists.is_empty() {
            let mut pem = String::new();
            for list in lists {
                write("changed.crl", list);
                let convert = ["crl", "-inform", "DER", "-in", "changed.crl"];
                let convert = Program::find("openssl").unwrap().dir(self.ca.path("").as_path()).args(convert);
                let output = convert.run();
                if !output.status.success() {
                    return Err("no list".into());
                }
                pem += &String::from_utf8(output.stdout).unwrap();
            }
            write("changed-crls.pem", pem.as_bytes());
            verify = verify.args(["-crl_check_all", "-CRLfile", "changed-crls.pem"]);
        }
        let output = verify.arg("changed-leaf.der").run();
        if output.status.success() { Ok(()) } else { Err(output.stderr) }
    }
}

/// What was signed, with a signature of `key` as of its first making.
fn sign(tbs: &Node, signed: &Node, key: &SigningKey) -> Vec<u8> {
    let Node::Constructed(outer, parts) = signed else { panic!("no SEQUENCE") };
    let signature: Signature = key.sign(&tbs.encode());
    let signature = Node::Primitive(3, [&[0], signature.to_der().as_bytes()].concat());
    Node::Constructed(*outer, vec![tbs.clone(), parts[1].clone(), signature]).encode()
}

/// Every change of what is signed, also inside of its extensions, signed again; and of what is around it, not signed.
fn changes(der: &[u8], key: &SigningKey) -> Vec<(String, Vec<u8>)> {
    let signed = Node::parse(der);
    assert_eq!(signed.encode(), der);
    let Node::Constructed(_, parts) = &signed else { panic!("no SEQUENCE") };
    let tbs = &parts[0];
    let mut inner: Vec<_> = tbs.mutations().into_iter().map(|changed| (place(tbs, &changed), changed)).collect();
    let Node::Constructed(_, fields) = tbs else { panic!("no SEQUENCE") };
    let Some(Node::Constructed(_, extensions)) = fields.last() else { panic!("no extensions") };
    let Node::Constructed(_, extensions) = &extensions[0] else { panic!("no extensions") };
    for (number, extension) in extensions.iter().enumerate() {
        let Node::Constructed(_, parts) = extension else { panic!("no extension") };
        let Some(Node::Primitive(4, value)) = parts.last() else { panic!("no value") };
        let value = Node::parse(value);
        for changed in value.mutations() {
            let mut tbs = tbs.clone();
            *tbs.at(&[fields.len() - 1, 0, number, parts.len() - 1]).unwrap() = Node::Primitive(4, changed.encode());
            inner.push((format!("extension {number} {}", place(&value, &changed)), tbs));
        }
    }
    let around = signed.mutations().into_iter().filter(|changed| match changed {
        // Those of the first part were just made.
        Node::Constructed(_, parts) => parts.first().is_some_and(|first| first.encode() == tbs.encode()),
        Node::Primitive(..) => true,
    });
    let around: Vec<_> =
        around.map(|changed| (format!("around {}", place(&signed, &changed)), changed.encode())).collect();
    inner.into_iter().map(|(place, tbs)| (place, sign(&tbs, &signed, key))).chain(around).collect()
}

/// Where two trees differ first: places from the root down, and what is there.
fn place(original: &Node, changed: &Node) -> String {
    if let (Node::Constructed(was, before), Node::Constructed(is, after)) = (original, changed)
        && (was, before.len()) == (is, after.len())
        && let Some(at) = (0..before.len()).find(|at| before[*at].encode() != after[*at].encode())
    {
        return format!("{at} {}", place(&before[at], &after[at]));
    }
    let told = |node: &Node| match node {
        Node::Primitive(identifier, octets) => format!("{identifier:02x} {octets:02x?}"),
        Node::Constructed(identifier, inner) => format!("{identifier:02x} of {}", inner.len()),
    };
    format!("{} -> {}", told(original), told(changed))
}

/// Judges every change; what we trust and openssl refuses fails the test.
fn compare(
    name: &str,
    chain: &Chain,
    changes: &[(String, Vec<u8>)],
    put: impl Fn(&[u8]) -> (Vec<u8>, Vec<u8>, Vec<Vec<u8>>),
) {
    let (mut trusted, mut differing) = (0, Vec::new());
    for (place, change) in changes {
        let (sub, leaf, lists) = put(change);
        if !chain.ours(&sub, &leaf, &lists) {
            continue;
        }
        trusted += 1;
        if let Err(why) = chain.openssls(&sub, &leaf, &lists) {
            let why = why.lines().find(|line| line.contains("error") || line.contains("no list")).unwrap_or_default();
            // RFC 5280 §4.2.1.1: a key identifier helps to find the issuer. For openssl one that names no key forbids it.
            if !(place.ends_with("-> 80 []") && why.contains("unable to get local issuer")) {
                differing.push(format!("{place}: {why}"));
            }
        }
    }
    eprintln!("{name}: {} changes, {trusted} trusted by both", changes.len());
    assert!(differing.is_empty(), "{name}: of {trusted} trusted openssl refuses\n{}", differing.join("\n"));
    assert!(trusted > 0 && trusted < changes.len() / 4, "{name}: {trusted}");
}

#[test]
fn leaf() {
    let Some(chain) = Chain::new() else { return };
    assert!(chain.ours(&chain.sub, &chain.leaf, &chain.lists));
    chain.openssls(&chain.sub, &chain.leaf, &chain.lists).unwrap();
    let changes = changes(&chain.leaf, &chain.key("sub"));
    assert!(changes.len() > 1_000, "{}", changes.len());
    compare("leaf", &chain, &changes, |leaf| (chain.sub.clone(), leaf.to_vec(), Vec::new()));
}

#[test]
fn authority() {
    let Some(chain) = Chain::new() else { return };
    let changes = changes(&chain.sub, &chain.key("root"));
    assert!(changes.len() > 1_000, "{}", changes.len());
    compare("authority", &chain, &changes, |sub| (sub.to_vec(), chain.leaf.clone(), Vec::new()));
}

#[test]
fn list() {
    let Some(chain) = Chain::new() else { return };
    let changes = changes(&chain.lists[1], &chain.key("sub"));
    assert!(changes.len() > 300, "{}", changes.len());
    let lists = |list: &[u8]| vec![chain.lists[0].clone(), list.to_vec()];
    compare("list", &chain, &changes, |list| (chain.sub.clone(), chain.leaf.clone(), lists(list)));
    // The certificate that the list revokes: no change of the list makes us trust it where openssl does not.
    let revoked = chain.ca.cert("q").encoded().to_vec();
    assert!(!chain.ours(&chain.sub, &revoked, &lists(&chain.lists[1])));
    compare("revoked", &chain, &changes, |list| (chain.sub.clone(), revoked.clone(), lists(list)));
}
