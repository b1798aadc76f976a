//! Opening: peel every layer, confirm the protected header, ask for trust, fold into one summary.

mod author;
mod autocrypt;
mod bytes;
mod content;
mod errant;
mod headers;
mod inline;
mod main_body;
mod part;
mod payload;
mod peel;
mod recipients;
mod repair;
mod sender;
mod signature;
mod summary;
mod timing;
mod well_formed;

pub use autocrypt::{Autocrypt, AutocryptKey};
pub use errant::{Errant, Form};
pub use headers::HeaderField;
pub use inline::{Inline, InlineSignature};
pub use main_body::MainBodyPart;
pub use payload::Payload;
pub use peel::PeeledLayer;
pub use signature::JudgedSignature;
pub use summary::{Encryption, Sender, Summary, Why};
pub use timing::Timing;

use crate::{Error, Mail, Verdict};
use bytes::Bytes;
use mailseal_core::{
    Cert, CertSource, Decryption, Handle, Judgement, KeySource, Layer, NoCerts, NoKeys, Purpose, Reason, Signature,
};
use mailseal_mime::header_protection::{Protection, Scheme};
use mailseal_mime::{Header, Source, Tree};
use peel::{Told, Unwrapped};
use std::time::SystemTime;

/// A message with every layer off, and everything that is known of it.
///
/// The facts stand here as they were found; what they mean for a reader is [`Opened::summary`] alone.
#[derive(Debug)]
pub struct Opened<'m> {
    /// What a reader is told.
    pub summary: Summary,
    /// The layers of the Cryptographic Envelope, outermost first.
    pub layers: Vec<PeeledLayer>,
    /// Every signature of those layers, judged by itself.
    pub signatures: Vec<JudgedSignature>,
    /// The header fields, each with its protection.
    pub headers: Vec<HeaderField>,
    /// How the message declares header protection; [`Protection::None`] where it does not.
    pub protection: Protection,
    /// By which scheme the protected header was found.
    pub scheme: Option<Scheme>,
    /// Layers inside the Payload.
    pub errant: Vec<Errant>,
    /// What is wrong with the form of the message; for people, may hold text of its author.
    pub defects: Vec<String>,
    /// The protected Message-ID, else the one outside.
    pub message_id: Option<String>,
    /// Certificates that came along: offered, never trusted for that.
    pub certs: Vec<Cert>,
    /// Handles of certificates or keys that were missing.
    pub wanted: Vec<Handle>,
    /// What was inside.
    pub payload: Payload<'m>,
    whole: Whole,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    /// A message, with a header of its own.
    Message,
    /// A layer out of a message: it has no From.
    Layer,
}

impl Mail {
    /// Removes every cryptographic layer and judges the message.
    ///
    /// # Errors
    /// [`Error::Mime`] when it is no message or beyond the limits, [`Error::Core`] and [`Error::Io`] when the job could not
    /// be done. What a correspondent or attacker can cause is a fact in [`Opened`].
    pub fn open<'m>(&self, message: &'m dyn Source) -> Result<Opened<'m>, Error> {
        let tree = Tree::parse(message, self.limits())?;
        self.judge(Bytes::Input(message), tree, Whole::Message, self.certs(), self.keys())
    }

    /// Looks at the outside: no key is used, nothing is decrypted, nobody's certificate is looked up. Decryptions are
    /// [`Decryption::NotTried`].
    ///
    /// # Errors
    /// As [`Mail::open`].
    pub fn inspect<'m>(&self, message: &'m dyn Source) -> Result<Opened<'m>, Error> {
        let tree = Tree::parse(message, self.limits())?;
        let mut opened = self.judge(Bytes::Input(message), tree, Whole::Message, &NoCerts, &NoKeys)?;
        for found in &mut opened.layers {
            if let Layer::Encrypted(encryption) = &mut found.layer {
                encryption.decryption = Decryption::NotTried;
            }
        }
        Ok(opened)
    }

    fn judge<'m>(
        &self,
        message: Bytes<'m>,
        tree: Tree,
        whole: Whole,
        certs: &dyn CertSource,
        keys: &dyn KeySource,
    ) -> Result<Opened<'m>, Error> {
        let outer = match whole {
            Whole::Message => tree.root().header.clone(),
            Whole::Layer => Header::new(),
        };
        let mut unwrapped = peel::peel(self, message, tree, certs, keys)?;
        let encryption = encryption(&unwrapped.layers);
        let encrypted = encryption == Encryption::Full;
        let unsigned = author::confirm(&outer, &unwrapped, encrypted, false);
        let author = match whole {
            Whole::Message => author::Protected::read(&outer, &unsigned),
            Whole::Layer => author::Protected::nobody(),
        };
        let dates = timing::unsigned_dates(&outer, &unsigned);
        let signatures = self.signatures(&unwrapped, &author, &dates, keys);
        let counted = counted(&unwrapped.layers, &signatures);
        let empty_layer =
            unwrapped.layers.iter().any(|found| matches!(&found.layer, Layer::Signed(list) if list.is_empty()));
        let sender = match sender::fold(&counted, &author.author, empty_layer) {
            Sender::Verified { .. } if !unwrapped.is_entity() => Sender::Unverified(Why::Malformed),
            sender => sender,
        };
        let sender = match unwrapped.told {
            Told::All => sender,
            Told::VerifiedOnly => sender::verified_or_unsigned(sender),
        };
        let signed = matches!(sender, Sender::Verified { .. });
        let confirmed = if signed { author::confirm(&outer, &unwrapped, encrypted, true) } else { unsigned };
        let from_outside = author.is_disputed(&outer, signed);
        let headers = headers::list(&confirmed, &outer, from_outside);
        let mut defects = std::mem::take(&mut unwrapped.defects);
        defects.extend(structural_defects(&unwrapped));
        defects.extend(from_outside.then(|| author.warning(&outer)));
        if signed && encrypted {
            defects.extend(recipients::warning(confirmed.protected(), author.author.address(), keys));
        }
        Ok(Opened {
            summary: Summary { sender, encryption, from: author.author.address().cloned() },
            errant: errant::list(self, &unwrapped),
            protection: confirmed.protection(),
            scheme: confirmed.scheme(),
            message_id: message_id(confirmed.protected(), &outer),
            signatures,
            headers,
            defects,
            certs: unwrapped.certs,
            wanted: unwrapped.wanted,
            payload: Payload {
                bytes: unwrapped.bytes,
                tree: unwrapped.tree,
                at: unwrapped.at,
                outer,
                confirmed,
                encrypted,
                from_outside,
            },
            layers: unwrapped.layers,
            whole,
        })
    }

    /// Every signature with what its certificate is worth for the author.
    fn signatures(
        &self,
        unwrapped: &Unwrapped<'_>,
        protected: &author::Protected,
        dates: &[SystemTime],
        keys: &dyn KeySource,
    ) -> Vec<JudgedSignature> {
        let address = protected.author.address();
        let encryption = encryption(&unwrapped.layers);
        let all = unwrapped.layers.iter().flat_map(|found| peel::signatures(&found.layer));
        let judge = |fact: &Signature| {
            let judgement = match &fact.signer {
                Some(cert) => self.worth(cert, address, Purpose::Sign, &unwrapped.certs, &unwrapped.crls),
                None => Judgement::Unknown(Reason::UnknownCertificate),
            };
            let address_match = address.is_some_and(|address| fact.addresses().contains(address));
            let is_for_us = recipients::is_for_us(fact, encryption, keys);
            let timing = timing::judge(fact.signed_at, self.policy().at, dates);
            JudgedSignature { fact: fact.clone(), judgement, address_match, is_for_us, timing }
        };
        all.map(judge).collect()
    }
}

impl Opened<'_> {
    /// The verdict as data; `path` names the message.
    pub fn verdict(&self, path: Option<&str>) -> Verdict {
        Verdict::of(self, path)
    }

    /// The verdict as one line of JSON, the same that the command line prints.
    pub fn to_json(&self) -> String {
        self.verdict(None).to_json()
    }

    /// Whether it is a message and not a layer out of one.
    pub(crate) fn is_message(&self) -> bool {
        self.whole == Whole::Message
    }

    /// How the outermost encryption that was not opened went; `None` when there is none.
    pub fn undecrypted(&self) -> Option<Decryption> {
        self.layers.iter().find_map(|found| match &found.layer {
            Layer::Encrypted(encryption) if encryption.decryption != Decryption::Done => Some(encryption.decryption),
            _ => None,
        })
    }
}

/// Encrypted is what was decrypted; a label alone is nothing (R103).
fn encryption(layers: &[PeeledLayer]) -> Encryption {
    let done = |found: &PeeledLayer| matches!(&found.layer, Layer::Encrypted(encryption) if encryption.decryption == Decryption::Done);
    if layers.iter().any(done) { Encryption::Full } else { Encryption::None }
}

/// The signatures that speak for the content: those inside every encryption. One around a ciphertext says who posted it,
/// not who wrote what is in it (R65).
fn counted<'s>(layers: &[PeeledLayer], signatures: &'s [JudgedSignature]) -> Vec<(usize, &'s JudgedSignature)> {
    let innermost = layers.iter().rposition(|found| matches!(found.layer, Layer::Encrypted(_)));
    let inside = layers.iter().skip(innermost.unwrap_or(0)).find(|found| matches!(found.layer, Layer::Signed(_)));
    let first = inside.map_or(signatures.len(), |found| found.first_signature);
    signatures.iter().enumerate().skip(first).collect()
}

/// What the MIME layer found wrong, with part numbers counted from the root of the message or, inside an encryption, of what
/// was decrypted.
fn structural_defects(payload: &Unwrapped<'_>) -> Vec<String> {
    let mut defects = Vec::new();
    for (index, part) in payload.tree.parts().iter().enumerate() {
        for defect in &part.defects {
            let number = payload.tree.number(index);
            defects.push(if number.is_empty() { defect.to_string() } else { format!("{defect} in part {number}") });
        }
    }
    defects
}

fn message_id(protected: &Header, outer: &Header) -> Option<String> {
    protected.text("Message-ID").or_else(|| outer.text("Message-ID")).map(|id| id.trim().to_owned())
}
