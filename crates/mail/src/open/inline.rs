//! Inline protection: blocks of a protocol's own armor in the middle of a text. They are told and never counted, whatever they
//! are worth (R39): nothing says that the text around them, the subject or the sender belongs to them.

use super::bytes::Bytes;
use super::{Errant, Form, Opened};
use crate::{Error, Mail};
use mailseal_core::{
    Address, Cert, Context, Decryption, InlineForm, Judgement, Layer, MemorySink, Protocol, ProtocolId, Purpose,
    Reason, Signature,
};
use mailseal_mime::{Tree, decode_charset, transfer};
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

/// The most blocks of one message that are told.
const MAX_BLOCKS: usize = 64;

/// How much of a text part is looked at, in octets.
const MAX_TEXT: u64 = 16 << 20;

/// One block of inline protection, opened by itself.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inline {
    /// The text part that it stands in, counted from the Payload; empty for the Payload itself.
    pub part: String,
    /// Its protocol.
    pub protocol: ProtocolId,
    /// How decryption went; `None` when it is not encrypted.
    pub decryption: Option<Decryption>,
    /// Its signatures.
    pub signatures: Vec<InlineSignature>,
    /// What was inside, when it could be read and, where it was encrypted, is authentic.
    pub text: Option<Vec<u8>>,
    /// The charset of the part that it stands in; empty where that names none.
    pub charset: String,
    /// What is wrong with its form.
    pub defects: Vec<String>,
}

impl Inline {
    /// The text in words: UTF-8 (RFC 9580 §5.9), and where it is none, what the part says that it is in. Nobody signed what
    /// the part says, and some charsets make another text of signed ASCII.
    pub fn words(&self) -> Option<String> {
        let text = self.text.as_deref()?;
        match std::str::from_utf8(text) {
            Ok(words) => Some(words.to_owned()),
            Err(_) => Some(decode_charset(&self.charset, text)),
        }
    }
}

/// A signature of a block. There is no sender to compare with: whoever reads it looks at the addresses.
#[derive(Debug)]
#[non_exhaustive]
pub struct InlineSignature {
    /// What the mathematics says.
    pub fact: Signature,
    /// What the signer's certificate is worth: for one of its addresses, and where nobody vouches for any, as such.
    pub judgement: Judgement,
    /// The addresses of the certificate that somebody vouches for. It may claim more.
    pub vouched: Vec<Address>,
}

impl Mail {
    /// Opens each block of inline protection by itself, because somebody asked for it. What comes out belongs to no message:
    /// it is not to be shown as one, nor together with the text around it (attacks 4 and 5).
    ///
    /// # Errors
    /// [`Error::Core`] and [`Error::Io`] when the job could not be done.
    pub fn open_inline(&self, opened: &Opened<'_>) -> Result<Vec<Inline>, Error> {
        let payload = &opened.payload;
        let mut found = Vec::new();
        for index in (0..payload.tree.parts().len()).filter(|index| is_below(opened, *index)) {
            let text = text(&payload.bytes, &payload.tree, index);
            for (protocol, _, block) in blocks(self, &text) {
                if found.len() == MAX_BLOCKS {
                    return Ok(found);
                }
                let part = super::errant::below(&payload.tree.number(payload.at), &payload.tree.number(index));
                let charset = payload.tree.parts()[index].content_type.param("charset").unwrap_or_default();
                found.push(Inline { part, charset: charset.to_owned(), ..self.open_block(&protocol, &text[block])? });
            }
        }
        Ok(found)
    }

    fn open_block(&self, protocol: &Arc<dyn Protocol>, block: &[u8]) -> Result<Inline, Error> {
        let with = Context { policy: self.policy(), certs: self.certs(), keys: self.keys() };
        let mut sink = MemorySink::new();
        let peeled = protocol.open_inline(block, &with, &mut sink)?;
        let mut inline = Inline {
            part: String::new(),
            charset: String::new(),
            protocol: protocol.id(),
            decryption: None,
            signatures: Vec::new(),
            text: sink.into_committed(),
            defects: peeled.defects,
        };
        for layer in peeled.layers {
            match layer {
                Layer::Encrypted(encryption) => inline.decryption = Some(encryption.decryption),
                Layer::Signed(signatures) => {
                    let judged = signatures.into_iter().map(|fact| self.judge_block(fact, &peeled.certs, &peeled.crls));
                    inline.signatures.extend(judged);
                }
                _ => {}
            }
        }
        Ok(inline)
    }

    fn judge_block(&self, fact: Signature, helpers: &[Cert], crls: &[Vec<u8>]) -> InlineSignature {
        let Some(cert) = &fact.signer else {
            let judgement = Judgement::Unknown(Reason::UnknownCertificate);
            return InlineSignature { fact, judgement, vouched: Vec::new() };
        };
        let worth = |address| self.worth(cert, address, Purpose::Sign, helpers, crls);
        let mut judgement = None;
        let mut vouched = Vec::new();
        for address in fact.addresses() {
            let judged = worth(Some(address));
            if matches!(judged, Judgement::Trusted(_)) {
                vouched.push(address.clone());
                judgement = judgement.or(Some(judged));
            }
        }
        let judgement = judgement.unwrap_or_else(|| worth(None));
        InlineSignature { fact, judgement, vouched }
    }
}

/// The blocks of a part, by their outside alone.
pub(super) fn look(mail: &Mail, bytes: &Bytes<'_>, tree: &Tree, index: usize) -> Vec<(ProtocolId, &'static str)> {
    let text = text(bytes, tree, index);
    let kind = |protocol: &Arc<dyn Protocol>, form: &InlineForm, block: Range<usize>| {
        let seen = protocol.inspect(&mut &text[block], mail.policy()).ok();
        match seen.as_ref().and_then(|seen| seen.layers.first()) {
            Some(Layer::Signed(_)) => "signed",
            Some(Layer::Encrypted(_)) => "encrypted",
            Some(_) => "compressed",
            None => form.kind,
        }
    };
    let blocks = blocks(mail, &text).into_iter().take(MAX_BLOCKS);
    blocks.map(|(protocol, form, block)| (protocol.id(), kind(&protocol, form, block))).collect()
}

/// Whether a part of the Payload is one in which inline protection is looked for: its own text, not that of a layer inside.
fn is_below(opened: &Opened<'_>, index: usize) -> bool {
    let (tree, at) = (&opened.payload.tree, opened.payload.at);
    let number = super::errant::below(&tree.number(at), &tree.number(index));
    let is_inside = |errant: &&Errant| errant.form == Form::Part && is_or_below(&number, &errant.part);
    tree.is_within(index, at) && !opened.errant.iter().any(|errant| is_inside(&errant))
}

fn is_or_below(number: &str, part: &str) -> bool {
    number.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The decoded text of a part; empty when it is no text/plain, and without what stands behind a fault of its encoding.
fn text(bytes: &Bytes<'_>, tree: &Tree, index: usize) -> Vec<u8> {
    let mut text = Vec::new();
    if let Some(part) = tree.get(index).filter(|part| part.children.is_empty() && part.content_type.is("text/plain")) {
        let mut decoded = transfer::strict_decoder(&part.encoding, tree.body(bytes, index)).take(MAX_TEXT);
        // What could be read before an error is looked at.
        drop(decoded.read_to_end(&mut text));
    }
    text
}

/// The blocks of a text, each from its first line to its last. One without an end reaches to the end of the text.
fn blocks(mail: &Mail, text: &[u8]) -> Vec<(Arc<dyn Protocol>, &'static InlineForm, Range<usize>)> {
    let mut found = Vec::new();
    let mut open: Option<(Arc<dyn Protocol>, &'static InlineForm, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let (start, bare) = (at, line.trim_ascii_end());
        at += line.len();
        match &open {
            Some((_, form, _)) if bare != form.end.as_bytes() => {}
            Some(_) => found.extend(open.take().map(|(protocol, form, begin)| (protocol, form, begin..at))),
            None if !bare.starts_with(b"-----BEGIN ") => {}
            None => {
                open = mail.protocols().iter().find_map(|protocol| {
                    let form = protocol.profile().inline.iter().find(|form| bare == form.begin.as_bytes())?;
                    Some((protocol.clone(), form, start))
                });
            }
        }
    }
    found.extend(open.map(|(protocol, form, begin)| (protocol, form, begin..text.len())));
    found
}
