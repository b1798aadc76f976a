//! Transferable public keys (RFC 9580 §10.1) as certificates of `mailseal-core`.

use crate::cert::keybox;
use crate::cert::subkey::is_revoked;
use crate::error::engine;
use crate::names;
use crate::policy::describing;
use mailseal_core::{Cert, CertBuilder, CertSource, Error, Handle, ProtocolId};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::CertParser;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::{Packet, Tag};
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::Curve;
use std::borrow::Cow;
use std::time::SystemTime;

const WHAT: &str = "OpenPGP certificate";

/// Sequoia's form of a certificate inside [`Cert::parsed`]. Only this crate can name it.
struct Parsed(openpgp::Cert);

/// Reads certificates: armored or binary, one or many; of transferable secret keys only the public part is kept (R36).
pub(crate) fn parse(encoded: &[u8]) -> Result<Vec<Cert>, Error> {
    parse_packets(encoded, WHAT)?.into_iter().map(wrap).collect()
}

/// Reads certificates and keys with their secrets, as Sequoia's.
///
/// Those that this build can't read (an unknown version) are left out, unless none is left. Several armored blocks one
/// after another, and the certificates of a keybox, are read one by one.
pub(crate) fn parse_packets(encoded: &[u8], what: &'static str) -> Result<Vec<openpgp::Cert>, Error> {
    let mut certs = Vec::new();
    let mut failure = None;
    let parts = match keybox::certificates(encoded) {
        Some(parts) => parts?,
        None => blocks(encoded).into_iter().map(Ok).collect(),
    };
    for part in parts {
        match part.map_err(Into::into).and_then(packets) {
            Ok(packets) => {
                for cert in CertParser::from_iter(packets) {
                    match cert.and_then(lawful) {
                        Ok(cert) => certs.push(cert),
                        Err(error) => failure = Some(error),
                    }
                }
            }
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if certs.is_empty() => Err(Error::malformed(what, format!("{error:#}"))),
        None if certs.is_empty() => Err(Error::malformed(what, "there is none")),
        _ => Ok(certs),
    }
}

/// The packets of a keyring. It ends at a container or message: a certificate is in none, and a compressed one may be a
/// bomb even if it is only passed over.
fn packets(encoded: &[u8]) -> openpgp::Result<Vec<Packet>> {
    let mut packets = Vec::new();
    let mut parser = PacketParser::from_bytes(encoded)?;
    while let PacketParserResult::Some(parsed) = parser {
        if is_message(parsed.packet.tag()) {
            break;
        }
        let (packet, next) = parsed.next()?;
        packets.push(packet);
        parser = next;
    }
    Ok(packets)
}

fn is_message(tag: Tag) -> bool {
    matches!(tag, Tag::CompressedData | Tag::SED | Tag::SEIP | Tag::AED | Tag::Literal)
}

/// A version 6 key with an algorithm that its version forbids is none (RFC 9580 §9.2.1, §9.1).
fn lawful(cert: openpgp::Cert) -> openpgp::Result<openpgp::Cert> {
    let unlawful = cert.keys().any(|key| {
        key.key().version() == 6
            && match key.key().mpis() {
                PublicKey::EdDSA { .. } | PublicKey::DSA { .. } | PublicKey::ElGamal { .. } => true,
                PublicKey::ECDH { curve, .. } => *curve == Curve::Cv25519,
                _ => false,
            }
    });
    if unlawful {
        return Err(openpgp::Error::MalformedCert("a version 6 key with a legacy algorithm".to_owned()).into());
    }
    Ok(cert)
}

/// The armored blocks of a text, each from its header line on; the whole when there is at most one.
pub(crate) fn blocks(encoded: &[u8]) -> Vec<&[u8]> {
    const HEADER: &[u8] = b"-----BEGIN PGP ";
    let is_line_start = |at: usize| at == 0 || encoded[at - 1] == b'\n';
    let starts: Vec<usize> = encoded
        .windows(HEADER.len())
        .enumerate()
        .filter(|(at, window)| *window == HEADER && is_line_start(*at))
        .map(|(at, _)| at)
        .collect();
    if starts.len() < 2 || encoded.first().is_some_and(|octet| octet & 0x80 != 0) {
        return vec![encoded];
    }
    let ends = starts.iter().skip(1).copied().chain([encoded.len()]);
    starts.iter().zip(ends).map(|(start, end)| &encoded[*start..end]).collect()
}

/// A certificate of Sequoia's as one of `mailseal-core`, without secrets.
///
/// The addresses are those of User IDs that the owner signed validly and did not revoke since, and the validity is what
/// the owner said last. No clock is asked: the certificate is read as of its own last statement.
pub(crate) fn wrap(cert: openpgp::Cert) -> Result<Cert, Error> {
    let cert = cert.strip_secret_key_material();
    let mut handles = Vec::new();
    for key in cert.keys() {
        handles.push(names::fingerprint(&key.key().fingerprint()));
        handles.push(names::key_id(&key.key().keyid()));
    }

    let at = last_statement(&cert);
    let policy = describing(at);
    let mut addresses = Vec::new();
    let mut user_ids = Vec::new();
    let mut not_after = None;
    if let Ok(valid) = cert.with_policy(&policy, at) {
        not_after = valid.primary_key().key_expiration_time();
        for user_id in valid.userids().filter(|user_id| !is_revoked(&user_id.revocation_status())) {
            let text = String::from_utf8_lossy(user_id.userid().value()).into_owned();
            let address = names::address(user_id.userid());
            addresses.extend(address.filter(|address| !addresses.contains(address)));
            user_ids.push(text);
        }
    }

    Ok(CertBuilder {
        protocol: ProtocolId::OPENPGP,
        fingerprint: names::fingerprint(&cert.fingerprint()),
        handles,
        addresses,
        names: user_ids,
        not_before: Some(cert.primary_key().key().creation_time()),
        not_after,
        encoded: cert.to_vec().map_err(|error| Error::malformed(WHAT, error))?,
        parsed: Box::new(Parsed(cert)),
    }
    .build())
}

/// Sequoia's form of a certificate: kept from parsing, or parsed again when somebody else made the [`Cert`].
pub(crate) fn parsed(cert: &Cert) -> Result<Cow<'_, openpgp::Cert>, Error> {
    if cert.protocol() != ProtocolId::OPENPGP {
        return Err(Error::Misuse("a certificate of another protocol was given to OpenPGP"));
    }
    match cert.parsed::<Parsed>() {
        Some(Parsed(known)) => Ok(Cow::Borrowed(known)),
        None => openpgp::Cert::from_bytes(cert.encoded())
            .map(Cow::Owned)
            .map_err(|error| Error::malformed(WHAT, format!("{error:#}"))),
    }
}

/// The certificates that answer to any of `handles`. Several copies of one certificate are merged, so that a revocation
/// in any of them counts.
pub(crate) fn find(certs: &dyn CertSource, handles: &[Handle]) -> Vec<Cert> {
    let mut found: Vec<Cert> = Vec::new();
    for cert in handles.iter().flat_map(|handle| certs.by_handle(handle)) {
        if cert.protocol() != ProtocolId::OPENPGP || found.contains(&cert) {
            continue;
        }
        match found.iter_mut().find(|known| known.fingerprint() == cert.fingerprint()) {
            Some(known) => *known = merge(known, &cert).unwrap_or_else(|| known.clone()),
            None => found.push(cert),
        }
    }
    found
}

/// Two copies of one certificate as one.
fn merge(one: &Cert, other: &Cert) -> Option<Cert> {
    wrap(merged(one, other).ok()?).ok()
}

/// As [`merge`], in Sequoia's form.
pub(crate) fn merged(one: &Cert, other: &Cert) -> Result<openpgp::Cert, Error> {
    parsed(one)?.into_owned().merge_public(parsed(other)?.into_owned()).map_err(engine)
}

/// When the owner last said something about the certificate: the newest of its self-signatures and self-revocations.
pub(crate) fn last_statement(cert: &openpgp::Cert) -> SystemTime {
    let primary = cert.primary_key();
    let of_keys = primary.self_signatures().chain(primary.self_revocations());
    let of_user_ids = cert
        .userids()
        .flat_map(|user_id| user_id.self_signatures().chain(user_id.self_revocations()).collect::<Vec<_>>());
    of_keys
        .chain(of_user_ids)
        .filter_map(|signature| signature.signature_creation_time())
        .max()
        .unwrap_or_else(|| primary.key().creation_time())
}
