//! Looking at a message without any key: its outer layers, decrypting nothing.

use crate::names;
use crate::pipe::Source;
use crate::read::budget::{Budget, MAX_PACKET};
use crate::read::facts::Facts;
use crate::read::librepgp::Header;
use crate::read::message::Stop;
use crate::read::signature;
use mailseal_core::{Check, Decryption, Error, Peeled, Policy, ProtocolId, Signature};
use sequoia_openpgp::packet::{Packet, Tag};
use sequoia_openpgp::parse::buffered_reader::BufferedReader;
use sequoia_openpgp::parse::{PacketParser, PacketParserBuilder, PacketParserResult, Parse};
use std::io::Read;
use std::sync::PoisonError;

/// The outer layers: recipients, cipher where it is visible, signatures by their claims (none is checked: each is
/// `CertificateMissing`). Looks into compressed data.
pub(crate) fn inspect(blob: &mut (dyn Read + Send + Sync), policy: &Policy) -> Result<Peeled, Error> {
    let (source, tally) = Source::new(blob);
    let mut peeled = Peeled::default();
    let outcome = PacketParserBuilder::from_reader(source)
        .and_then(|builder| builder.max_recursion_depth(2).max_packet_size(MAX_PACKET).build())
        .map_err(Stop::from)
        .and_then(|parser| look(parser, Budget::new(&tally, policy), &mut peeled));
    if let Some(error) = tally.lock().unwrap_or_else(PoisonError::into_inner).error.take() {
        return Err(Error::Io(error));
    }
    match outcome {
        Ok(()) => {
            if peeled.layers.is_empty() {
                peeled.defects.push("it is neither encrypted nor signed".to_owned());
            }
            Ok(peeled)
        }
        Err(Stop::Job(error)) => Err(error),
        Err(Stop::Message(why)) => {
            peeled.defects.push(format!("this is no whole OpenPGP message: {why}"));
            Ok(peeled)
        }
    }
}

fn look<'a>(mut parser: PacketParserResult<'a>, mut budget: Budget<'_>, peeled: &mut Peeled) -> Result<(), Stop> {
    let mut facts = Facts::default();
    let mut step = |facts: &mut Facts, mut parsed: PacketParser<'a>| -> Result<PacketParserResult<'a>, Stop> {
        facts.note(&parsed.packet)?;
        describe(&parsed.packet, &mut facts.signatures);
        if parsed.packet.tag() == Tag::AED {
            let algorithms = parsed.data(Header::FIXED).ok().and_then(Header::algorithms);
            algorithms.into_iter().for_each(|(cipher, aead)| facts.note_cipher(cipher, Some(aead)));
        }
        // Into compressed data, through everything else.
        if !matches!(parsed.packet, Packet::CompressedData(_)) {
            budget.drain(&mut parsed, |_| Ok(()))??;
        }
        Ok(parsed.recurse()?.1)
    };
    let end = loop {
        let PacketParserResult::Some(parsed) = parser else { break Ok(()) };
        parser = match step(&mut facts, parsed) {
            Ok(next) => next,
            Err(stop) => break Err(stop),
        };
    };
    if let Some(encryption) = facts.encryption.as_mut() {
        encryption.decryption = Decryption::NotTried;
    }
    facts.wanted = signature::wanted(&facts.signatures).collect();
    *peeled = facts.into_opened();
    end
}

/// Adds what a packet says of a signature; a signature says more than the one-pass packet that announced it.
fn describe(packet: &Packet, signatures: &mut Vec<Signature>) {
    match packet {
        Packet::OnePassSig(one) => {
            let mut fact = Signature::new(ProtocolId::OPENPGP, Check::CertificateMissing);
            fact.issuer = vec![names::handle(&one.issuer())];
            fact.hash = names::hash(one.hash_algo());
            fact.algorithm = Some(names::public_key(one.pk_algo()));
            signatures.push(fact);
        }
        Packet::Signature(one) => {
            let fact = signature::describe(one, Check::CertificateMissing);
            match signatures.iter_mut().rev().find(|known| announces(known, &fact)) {
                Some(known) => *known = fact,
                None => signatures.push(fact),
            }
        }
        _ => {}
    }
}

/// Whether a one-pass signature announces this signature: the same issuer, and not yet replaced.
fn announces(one_pass: &Signature, signature: &Signature) -> bool {
    one_pass.signed_at.is_none() && one_pass.issuer.iter().any(|issuer| signature.issuer.contains(issuer))
}
