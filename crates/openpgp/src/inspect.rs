//! Looking at a message without any key: its outer layers, decrypting nothing.

use crate::message::Found;
use crate::pipe::Source;
use crate::{names, signature};
use mailseal_core::{Check, Compression, Decryption, Error, Layer, Peeled, Policy, ProtocolId, Signature};
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::parse::{PacketParser, PacketParserBuilder, PacketParserResult, Parse};
use std::io::Read;
use std::sync::PoisonError;

/// The most packets that are looked at.
const MAX_PACKETS: usize = 1024;

/// The outer layers: recipients, cipher where it is visible, signatures by their claims (none is checked: each is
/// `CertificateMissing`). Looks into compressed data once.
pub(crate) fn inspect(blob: &mut (dyn Read + Send + Sync), _: &Policy) -> Result<Peeled, Error> {
    let (source, tally) = Source::new(blob);
    let mut peeled = Peeled::default();
    let outcome = PacketParserBuilder::from_reader(source)
        .and_then(|builder| builder.max_recursion_depth(1).build())
        .map_err(|error| format!("{error:#}"))
        .and_then(|parser| look(parser, &mut peeled));
    if let Some(error) = tally.lock().unwrap_or_else(PoisonError::into_inner).error.take() {
        return Err(Error::Io(error));
    }
    if let Err(why) = outcome {
        peeled.defects.push(format!("this is no whole OpenPGP message: {why}"));
    }
    Ok(peeled)
}

fn look(mut parser: PacketParserResult<'_>, peeled: &mut Peeled) -> Result<(), String> {
    let mut found = Found::default();
    let mut signatures: Vec<Signature> = Vec::new();
    let mut compressed = None;
    let mut end = Ok(());
    for _ in 0..MAX_PACKETS {
        let PacketParserResult::Some(parsed) = parser else { break };
        found.note(&parsed.packet);
        match &parsed.packet {
            Packet::CompressedData(one) => compressed = Some(Compression::new(names::compression(one.algo()))),
            Packet::OnePassSig(one) => {
                let mut fact = Signature::new(ProtocolId::OPENPGP, Check::CertificateMissing);
                fact.issuer = vec![names::handle(&one.issuer())];
                fact.hash = names::hash(one.hash_algo());
                fact.algorithm = Some(names::public_key(one.pk_algo()));
                signatures.push(fact);
            }
            // Of a one-pass signed message the signature says more than its announcement.
            Packet::Signature(one) => {
                let fact = signature::describe(one, Check::CertificateMissing);
                match signatures.iter_mut().rev().find(|known| announces(known, &fact)) {
                    Some(known) => *known = fact,
                    None => signatures.push(fact),
                }
            }
            _ => {}
        }
        parser = match step(parsed) {
            Ok(next) => next,
            Err(why) => {
                end = Err(why);
                break;
            }
        };
    }
    peeled.wanted = signature::wanted(&signatures).collect();
    peeled.layers.extend(compressed.map(Layer::Compressed));
    if !signatures.is_empty() {
        peeled.layers.push(Layer::Signed(signatures));
    }
    for mut encryption in found.into_encryptions() {
        encryption.decryption = Decryption::NotTried;
        peeled.layers.push(Layer::Encrypted(encryption));
    }
    end
}

/// Whether a one-pass signature announces this signature: the same issuer, and not yet replaced.
fn announces(one_pass: &Signature, signature: &Signature) -> bool {
    one_pass.signed_at.is_none() && one_pass.issuer.iter().any(|issuer| signature.issuer.contains(issuer))
}

/// Into compressed data, past everything else.
fn step(parsed: PacketParser<'_>) -> Result<PacketParserResult<'_>, String> {
    let step = match parsed.packet {
        Packet::CompressedData(_) => parsed.recurse(),
        _ => parsed.next(),
    };
    step.map(|(_, next)| next).map_err(|error| format!("{error:#}"))
}
