//! Verifying a detached signature (RFC 3156 §5) in one pass over the content.

use crate::read::signature;
use mailseal_core::{Check, Content, Context, Error, Layer, Peeled, Signature};
use sequoia_openpgp::crypto::hash;
use sequoia_openpgp::packet;
use sequoia_openpgp::packet::{Packet, Tag};
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use std::io::{self, Write};

/// The most signatures that are looked at: each version 6 signature is hashed by itself.
pub(crate) const MAX_SIGNATURES: usize = 32;

/// Verifies every signature in `encoded` (armored or binary, R38) over `content`, of types 0x00 and 0x01 (R34).
pub(crate) fn detached(content: &dyn Content, encoded: &[u8], with: &Context<'_>) -> Result<Peeled, Error> {
    let mut peeled = Peeled::default();
    let found = read(encoded, &mut peeled.defects);
    let mut digests = Digests::new(found.iter().filter_map(|one| one.as_ref().ok()));
    content.write_to(&mut digests)?;

    let mut facts: Vec<Signature> = found
        .iter()
        .map(|one| match one {
            Ok(packet) => digests.judge(packet, None, with),
            Err(fact) => (**fact).clone(),
        })
        .collect();
    if facts.is_empty() {
        facts.push(signature::malformed("there is no OpenPGP signature"));
    }
    peeled.wanted = signature::wanted(&facts).collect();
    peeled.layers = vec![Layer::Signed(facts)];
    Ok(peeled)
}

/// The signature packets; one that can't be read is a fact already. Anything but signatures among them makes the whole
/// malformed: a detached signature carries no content of its own.
pub(crate) fn read(encoded: &[u8], defects: &mut Vec<String>) -> Vec<Result<packet::Signature, Box<Signature>>> {
    let mut found = Vec::new();
    let mut parser = match PacketParser::from_bytes(encoded) {
        Ok(parser) => parser,
        Err(error) => {
            defects.push(format!("the signature can't be read: {error:#}"));
            return found;
        }
    };
    while let PacketParserResult::Some(parsed) = parser {
        // Before anything is read of it: it may be a bomb.
        let tag = parsed.packet.tag();
        if !matches!(tag, Tag::Signature | Tag::Marker | Tag::Padding) {
            let why = format!("a {tag} packet is among the signatures");
            return vec![Err(Box::new(signature::malformed(&why)))];
        }
        if found.len() == MAX_SIGNATURES {
            defects.push(format!("only the first {MAX_SIGNATURES} signatures were looked at"));
            break;
        }
        let (packet, next) = match parsed.next() {
            Ok(step) => step,
            Err(error) => {
                defects.push(format!("the signature can't be read to its end: {error:#}"));
                break;
            }
        };
        parser = next;
        match packet {
            Packet::Signature(one) => found.push(Ok(one)),
            Packet::Unknown(one) if tag == Tag::Signature => {
                found.push(Err(Box::new(signature::unknown(&format!("{:#}", one.error())))));
            }
            _ => {}
        }
    }
    found
}

/// The digests of one content under all that its signatures ask for.
#[derive(Default)]
pub(crate) struct Digests {
    running: Vec<Running>,
    /// The last octet was CR.
    after_cr: bool,
    /// A CR was seen that no LF followed.
    lone_cr: bool,
}

struct Running {
    kind: Kind,
    context: hash::Context,
    /// Text only: the last octet was CR, whose line ending is already hashed.
    after_cr: bool,
}

/// What makes a digest: two signatures with the same share it.
#[derive(Clone, PartialEq, Eq)]
struct Kind {
    hash: HashAlgorithm,
    version: u8,
    salt: Vec<u8>,
    text: bool,
}

impl Kind {
    fn of(signature: &packet::Signature) -> Kind {
        Kind {
            hash: signature.hash_algo(),
            version: signature.version(),
            salt: signature.salt().unwrap_or_default().to_vec(),
            text: signature.typ() == SignatureType::Text,
        }
    }
}

impl Digests {
    pub(crate) fn new<'a>(signatures: impl Iterator<Item = &'a packet::Signature>) -> Digests {
        let mut running: Vec<Running> = Vec::new();
        for kind in signatures.map(Kind::of) {
            if running.iter().any(|known| known.kind == kind) {
                continue;
            }
            let Ok(builder) = kind.hash.context() else { continue };
            let mut context = builder.for_signature(kind.version);
            context.update(&kind.salt);
            running.push(Running { kind, context, after_cr: false });
        }
        Digests { running, ..Digests::default() }
    }

    /// Judges a signature over what was hashed; `computed` is its digest where somebody else took it.
    ///
    /// A text signature says nothing of which line ends there are: CR, LF and CRLF hash alike. MIME takes only the last two
    /// for one, so with a CR alone the content could be another than the signed one, and still verify (R141).
    pub(crate) fn judge(
        &self,
        signature: &packet::Signature,
        computed: Option<&[u8]>,
        with: &Context<'_>,
    ) -> Signature {
        if signature.typ() == SignatureType::Text && (self.lone_cr || self.after_cr) {
            let mut fact = signature::describe(signature, Check::Malformed);
            fact.detail = Some("a text signature over a CR without LF".to_owned());
            return fact;
        }
        signature::judge(signature, self.of(signature).as_deref().or(computed), with)
    }

    /// The digest for this signature, its own trailer included; `None` when its hash is not known.
    fn of(&self, signature: &packet::Signature) -> Option<Vec<u8>> {
        let kind = Kind::of(signature);
        let mut context = self.running.iter().find(|known| known.kind == kind)?.context.clone();
        hash::Hash::hash(signature, &mut context).ok()?;
        context.into_digest().ok()
    }
}

impl Write for Digests {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.watch(octets);
        for running in &mut self.running {
            match running.kind.text {
                true => running.update_text(octets),
                false => running.context.update(octets),
            }
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Digests {
    /// Looks for a CR that no LF follows.
    fn watch(&mut self, octets: &[u8]) {
        let Some(&first) = octets.first() else { return };
        self.lone_cr |= self.after_cr && first != b'\n';
        self.after_cr = octets.ends_with(b"\r");
        self.lone_cr |=
            memchr::memchr_iter(b'\r', octets).any(|at| octets.get(at + 1).is_some_and(|next| *next != b'\n'));
    }
}

impl Running {
    /// Hashes text with every line ending as CRLF (RFC 9580 §5.2.1.2).
    fn update_text(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while let Some(&first) = rest.first() {
            if first == b'\n' && self.after_cr {
                self.after_cr = false;
                rest = &rest[1..];
                continue;
            }
            let line = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n')).unwrap_or(rest.len());
            self.context.update(&rest[..line]);
            self.after_cr = false;
            rest = &rest[line..];
            if let Some(&end) = rest.first() {
                self.context.update(b"\r\n");
                self.after_cr = end == b'\r';
                rest = &rest[1..];
            }
        }
    }
}
