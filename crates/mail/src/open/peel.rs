//! Removing the Cryptographic Layers, outermost first, until the Payload is reached
//! ([RFC 9787 §4](https://www.rfc-editor.org/rfc/rfc9787#section-4)).

use super::bytes::Bytes;
use super::content::{SignedOctets, UnobtrusiveOctets};
use super::{repair, well_formed};
use crate::{Error, Mail};
use mailseal_core::{
    Cert, CertSource, Check, Context, Decryption, EncryptedForm, Error as CoreError, Handle, Integrity, KeySource,
    Layer, MemorySink, Peeled, Protocol, ProtocolId, Signature,
};
use mailseal_mime::secure::{self, Secured, Unobtrusive};
use mailseal_mime::transfer;
use mailseal_mime::{Defect, Field, Header, Tree};
use std::io::{self, Read};
use std::sync::Arc;

/// The most octets of a detached signature; signatures with long chains have some 10 KiB.
const MAX_SIGNATURE: u64 = 16 << 20;

/// How many times larger than the message a layer's plaintext may be, once it is larger than [`FREE`]. Each protocol holds it
/// for its own compression; compressions one in another would multiply.
const MAX_RATIO: u64 = 200;
/// Plaintext up to this size is never called a bomb.
const FREE: u64 = 16 << 20;

/// The most Sig fields of known protocols that are looked at: the content is hashed once for each.
const MAX_SIGS: usize = 8;

/// One layer and where it was.
#[derive(Debug, Clone)]
pub struct PeeledLayer {
    /// `""` for the root of the message; what is inside a layer `P` is `P.1`.
    pub part: String,
    /// Its protocol.
    pub protocol: ProtocolId,
    /// What it is.
    pub layer: Layer,
    /// For signed layers, where its signatures begin in [`Opened::signatures`](crate::Opened::signatures).
    pub first_signature: usize,
}

/// What is left when every layer is off, and what came off.
pub(crate) struct Unwrapped<'m> {
    /// Where the Payload's octets are.
    pub(crate) bytes: Bytes<'m>,
    /// The tree in which the Payload stands.
    pub(crate) tree: Tree,
    /// Which part of the tree the Payload is.
    pub(crate) at: usize,
    /// The layers, outermost first.
    pub(crate) layers: Vec<PeeledLayer>,
    /// What came along.
    pub(crate) certs: Vec<Cert>,
    pub(crate) crls: Vec<Vec<u8>>,
    pub(crate) wanted: Vec<Handle>,
    pub(crate) defects: Vec<String>,
    /// Whether it may be told when the layers are broken.
    pub(crate) told: Told,
    /// What stood around the first layer that anybody may have altered.
    outside: Option<Outside<'m>>,
}

/// Where the Payload is when a layer stays closed after all.
struct Outside<'m> {
    bytes: Bytes<'m>,
    tree: Tree,
    at: usize,
    /// How much there was, that layer included.
    layers: usize,
    certs: usize,
    crls: usize,
    wanted: usize,
    defects: usize,
}

/// Whether a reader hears of signatures that do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Yes: the message says on its outside that it is signed or encrypted.
    All,
    /// No: the signatures are unobtrusive, and one that does not count is as good as none (R145).
    VerifiedOnly,
}

/// Removes layer after layer. `keys` and `certs` are the caller's, so that an inspection can go without any.
pub(crate) fn peel<'m>(
    mail: &Mail,
    bytes: Bytes<'m>,
    tree: Tree,
    certs: &dyn CertSource,
    keys: &dyn KeySource,
) -> Result<Unwrapped<'m>, Error> {
    let mut policy = mail.policy().clone();
    policy.max_plaintext =
        policy.max_plaintext.min(FREE.max(mailseal_mime::Source::len(&bytes).saturating_mul(MAX_RATIO)));
    let with = Context { policy: &policy, certs, keys };
    let mut state = Unwrapped {
        bytes,
        tree,
        at: 0,
        layers: Vec::new(),
        certs: Vec::new(),
        crls: Vec::new(),
        wanted: Vec::new(),
        defects: Vec::new(),
        told: Told::All,
        outside: None,
    };
    if let Some(found) = Unobtrusive::of(&state.tree)
        && state.verify_unobtrusive(mail, &found, &with)?
    {
        return Ok(state);
    }
    for depth in 0.. {
        let found = match secure::recognise(&state.tree, state.at) {
            None if depth == 0 => repair::repaired(mail, &mut state)?,
            found => found,
        };
        let Some(found) = found else { break };
        let removed = if depth == mail.policy().max_layers {
            Err(CoreError::Limit { what: "the number of cryptographic layers", limit: depth as u64 }.into())
        } else {
            state.remove(mail, found, &with)
        };
        match removed {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                state.close(error)?;
                break;
            }
        }
    }
    Ok(state)
}

/// The protocol whose detached signatures have this media type.
pub(crate) fn by_signature<'p>(mail: &'p Mail, media_type: &str) -> Option<&'p Arc<dyn Protocol>> {
    mail.protocols().iter().find(|protocol| {
        let form = &protocol.profile().signature;
        one_of(media_type, form.media_type, form.also_read)
    })
}

/// The protocol whose Sig fields have this `t`.
fn by_sig<'p>(mail: &'p Mail, kind: &str) -> Option<&'p Arc<dyn Protocol>> {
    mail.protocols().iter().find(|known| known.profile().unobtrusive == Some(kind))
}

/// The protocol whose multipart/encrypted has this control part.
pub(crate) fn by_control<'p>(mail: &'p Mail, media_type: &str) -> Option<&'p Arc<dyn Protocol>> {
    mail.protocols().iter().find(|known| match known.profile().encrypted {
        EncryptedForm::ControlAndOctets { protocol, .. } => one_of(media_type, protocol, &[]),
        _ => false,
    })
}

/// The protocol whose opaque parts have this media type.
pub(crate) fn by_opaque<'p>(mail: &'p Mail, media_type: &str) -> Option<&'p Arc<dyn Protocol>> {
    mail.protocols().iter().find(|known| {
        let profile = known.profile();
        let encrypted = match profile.encrypted {
            EncryptedForm::Opaque(form) => one_of(media_type, form.media_type, form.also_read),
            _ => false,
        };
        encrypted || profile.opaque_signed.is_some_and(|form| one_of(media_type, form.media_type, form.also_read))
    })
}

fn one_of(media_type: &str, written: &str, also_read: &[&str]) -> bool {
    media_type.eq_ignore_ascii_case(written) || also_read.iter().any(|read| media_type.eq_ignore_ascii_case(read))
}

impl Unwrapped<'_> {
    /// Removes one layer; says whether there may be another one inside.
    fn remove(&mut self, mail: &Mail, found: Secured, with: &Context<'_>) -> Result<bool, Error> {
        match found {
            Secured::Signed(signed) => match by_signature(mail, &signed.protocol) {
                Some(protocol) => self.verify(protocol.as_ref(), &signed, with),
                None => Ok(self.unknown(&signed.protocol)),
            },
            Secured::Encrypted(encrypted) => match by_control(mail, &encrypted.protocol) {
                Some(protocol) if self.is_controlled(protocol.as_ref(), encrypted.control)? => {
                    self.open(mail, protocol.as_ref(), encrypted.data, with)
                }
                Some(_) => {
                    self.defects.push("the control part names no known version".to_owned());
                    Ok(false)
                }
                None => Ok(self.unknown(&encrypted.protocol)),
            },
            Secured::Opaque(opaque) => match by_opaque(mail, &opaque.media_type) {
                Some(protocol) => self.open(mail, protocol.as_ref(), self.at, with),
                None => Ok(self.unknown(&opaque.media_type)),
            },
            Secured::Malformed(why) => {
                self.defects.push(why.to_string());
                Ok(false)
            }
        }
    }

    /// A limit that is passed inside a layer without integrity must not show, for its plaintext may be an attacker's: that
    /// layer has failed, like any other that is altered (R135). Other errors are handed on.
    fn close(&mut self, error: Error) -> Result<(), Error> {
        let outside = match (error, self.outside.take()) {
            (Error::Core(CoreError::Limit { .. }), Some(outside)) => outside,
            (error, _) => return Err(error),
        };
        (self.bytes, self.tree, self.at) = (outside.bytes, outside.tree, outside.at);
        self.layers.truncate(outside.layers);
        self.certs.truncate(outside.certs);
        self.crls.truncate(outside.crls);
        self.wanted.truncate(outside.wanted);
        self.defects.truncate(outside.defects);
        if let Some(PeeledLayer { layer: Layer::Encrypted(encryption), .. }) = self.layers.last_mut() {
            encryption.decryption = Decryption::Failed;
        }
        Ok(())
    }

    /// Verifies multipart/signed; what is inside stands in the same tree.
    fn verify(&mut self, protocol: &dyn Protocol, signed: &secure::Signed, with: &Context<'_>) -> Result<bool, Error> {
        let mut signature = Vec::new();
        let read = self.decoded(signed.signature).take(MAX_SIGNATURE).read_to_end(&mut signature);
        let peeled = match read {
            Ok(_) => {
                let octets = SignedOctets { bytes: &self.bytes, range: signed.range.clone() };
                protocol.verify(&octets, &signature, with)?
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Peeled::default(),
            Err(error) => return Err(error.into()),
        };
        self.take(protocol.id(), or_malformed(protocol, peeled));
        self.at = signed.content;
        Ok(true)
    }

    /// Verifies the unobtrusive signatures of protocols that are known; without any of those the message is unsigned. All
    /// stand at the root, over the same octets. The message keeps its defects, but hears of none of the signatures'.
    fn verify_unobtrusive(&mut self, mail: &Mail, found: &Unobtrusive, with: &Context<'_>) -> Result<bool, Error> {
        let known = found.signatures.iter().filter_map(|sig| Some((by_sig(mail, &sig.kind)?, sig)));
        for (protocol, sig) in known.take(MAX_SIGS) {
            let octets = UnobtrusiveOctets { bytes: &self.bytes, found };
            let mut peeled = match &sig.octets {
                Some(signature) => protocol.verify(&octets, signature, with)?,
                None => Peeled::default(),
            };
            peeled.defects.clear();
            let first = self.layers.len();
            self.take(protocol.id(), or_malformed(protocol.as_ref(), peeled));
            self.layers[first..].iter_mut().for_each(|layer| layer.part.clear());
        }
        if self.layers.is_empty() {
            return Ok(false);
        }
        self.tree.leave_out_fields(found.content, found.fields);
        (self.at, self.told) = (found.content, Told::VerifiedOnly);
        Ok(true)
    }

    /// Opens a blob; what is inside becomes the new octets once it was committed.
    fn open(&mut self, mail: &Mail, protocol: &dyn Protocol, data: usize, with: &Context<'_>) -> Result<bool, Error> {
        let mut sink = MemorySink::new();
        let opened = protocol.open(&mut self.decoded(data), with, &mut sink);
        let mut peeled = match opened {
            Ok(peeled) => peeled,
            Err(CoreError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => failed(),
            Err(error) => return Err(error.into()),
        };
        let plaintext = sink.into_committed().map(Arc::new);
        // What is wrong with the MIME inside an encryption must not show (multipart/oracle): it is one more way to fail.
        let inside = plaintext.and_then(|octets| {
            let len = octets.len() as u64;
            let tree = Tree::parse_entity(&octets, 0..len, mail.limits()).ok()?;
            let is_whole = !has_no_integrity(&peeled) || well_formed::is_well_formed(&octets, &tree);
            is_whole.then_some((octets, tree))
        });
        let locked = !with.keys.locked().is_empty();
        for layer in &mut peeled.layers {
            if let Layer::Encrypted(encryption) = layer {
                match encryption.decryption {
                    Decryption::Done if inside.is_none() => encryption.decryption = Decryption::Failed,
                    Decryption::NoKey if locked => encryption.decryption = Decryption::Locked,
                    _ => {}
                }
            }
        }
        let (has_layer, may_be_altered) = (!peeled.layers.is_empty(), has_no_integrity(&peeled));
        self.take(protocol.id(), peeled);
        match inside {
            Some((octets, tree)) if has_layer => {
                let bytes = std::mem::replace(&mut self.bytes, Bytes::Plaintext(octets));
                let tree = std::mem::replace(&mut self.tree, tree);
                let at = std::mem::take(&mut self.at);
                if may_be_altered && self.outside.is_none() {
                    let (layers, certs, crls) = (self.layers.len(), self.certs.len(), self.crls.len());
                    let (wanted, defects) = (self.wanted.len(), self.defects.len());
                    self.outside = Some(Outside { bytes, tree, at, layers, certs, crls, wanted, defects });
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Whether the control part says what the protocol's own does: `Version: 1` (RFC 3156 §4, R12).
    fn is_controlled(&self, protocol: &dyn Protocol, control: usize) -> Result<bool, Error> {
        let EncryptedForm::ControlAndOctets { control: text, .. } = protocol.profile().encrypted else {
            return Ok(false);
        };
        let found = secure::control_version(&self.bytes, &self.tree, control)?;
        Ok(found == Header::from_raw(text.as_bytes()).text("Version"))
    }

    /// Whether the Payload is a MIME entity. A file, a text or a commit that somebody signed is none: its signature was
    /// never meant for a mail (attack 18). An entity has a Content field or MIME-Version among its fields, or no field and
    /// begins with the blank line (RFC 2046 §5.1): lines like fields alone begin many a file.
    pub(super) fn is_entity(&self) -> bool {
        self.tree.get(self.at).is_some_and(|part| {
            let fields = part.header.fields();
            let is_like_one = fields.is_empty() || fields.iter().any(Field::is_structural);
            is_like_one && !part.defects.contains(&Defect::NoHeader)
        })
    }

    fn unknown(&mut self, protocol: &str) -> bool {
        self.defects.push(format!("a layer of an unknown protocol: {protocol}"));
        false
    }

    /// The decoded body of a part, strict: what is not base64 is an error, not skipped (R14).
    pub(super) fn decoded(&self, part: usize) -> Box<dyn Read + Send + Sync + '_> {
        match self.tree.get(part) {
            Some(found) => transfer::strict_decoder(&found.encoding, self.tree.body(&self.bytes, part)),
            None => Box::new(io::empty()),
        }
    }

    fn take(&mut self, protocol: ProtocolId, peeled: Peeled) {
        for layer in peeled.layers {
            let part = vec!["1"; self.layers.len()].join(".");
            let first_signature = self.layers.iter().map(|known| signatures(&known.layer).len()).sum();
            self.layers.push(PeeledLayer { part, protocol, layer, first_signature });
        }
        self.certs.extend(peeled.certs);
        self.crls.extend(peeled.crls);
        self.wanted.extend(peeled.wanted);
        self.defects.extend(peeled.defects);
    }
}

/// The signatures of a layer; none for other layers.
pub(crate) fn signatures(layer: &Layer) -> &[Signature] {
    match layer {
        Layer::Signed(signatures) => signatures,
        _ => &[],
    }
}

/// Whether anybody could have changed what was decrypted.
fn has_no_integrity(peeled: &Peeled) -> bool {
    peeled
        .layers
        .iter()
        .any(|layer| matches!(layer, Layer::Encrypted(found) if found.integrity == Some(Integrity::None)))
}

/// What came of a detached signature: where there was none to be found, one that is malformed.
fn or_malformed(protocol: &dyn Protocol, mut peeled: Peeled) -> Peeled {
    if peeled.layers.is_empty() {
        peeled.layers.push(Layer::Signed(vec![Signature::new(protocol.id(), Check::Malformed)]));
    }
    peeled
}

/// Ciphertext whose transfer encoding is broken cannot be decrypted, whatever was wrong.
fn failed() -> Peeled {
    let mut peeled = Peeled::default();
    peeled.layers.push(Layer::Encrypted(mailseal_core::Encryption::new(Decryption::Failed)));
    peeled
}
