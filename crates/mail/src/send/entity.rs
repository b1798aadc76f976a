//! What is protected: the prepared draft with its protected header, and what is put around it before encryption.

use super::draft::Draft;
use super::headers::Headers;
use crate::Error;
use mailseal_core::{Content, Credential, MimeProfile, OpaqueForm, Policy, Protocol};
use mailseal_mime::header_protection::legacy_display_elements;
use mailseal_mime::prepare::{self, Prepared};
use mailseal_mime::secure::{self, Sig, SignatureBody, SignatureEncoding};
use mailseal_mime::{Error as MimeError, Header};
use std::io::{self, Write};

/// The Cryptographic Payload, and what signs it outside of the encryption operation. Written the same each time, but for
/// opaque signatures of algorithms that are random; those are written once.
pub(super) enum Inner<'p> {
    /// The Payload alone: not signed, or signed by the operation that encrypts.
    Payload(Prepared<'p>),
    /// multipart/signed around the Payload.
    Detached {
        payload: Prepared<'p>,
        profile: &'static MimeProfile,
        micalg: String,
        signature: Vec<u8>,
        boundary: String,
    },
    /// The Payload under a Sig field, alone in a multipart/mixed.
    Unobtrusive { payload: Prepared<'p>, signature: Sig, boundary: String },
    /// The opaque signed part around the Payload.
    Opaque {
        payload: Prepared<'p>,
        form: OpaqueForm,
        protocol: &'p dyn Protocol,
        by: &'p [Credential],
        policy: &'p Policy,
    },
}

/// Prepares the draft under its completed `header`: the Payload with its protected header, and the outer header.
pub(super) fn payload<'p>(
    draft: &'p Draft<'_>,
    header: &Header,
    headers: &Headers,
    encrypted: bool,
) -> Result<(Prepared<'p>, Header), Error> {
    let recipe = headers.recipe(encrypted);
    let header = headers.disclosed(header, encrypted)?;
    let mut whole = Header::new();
    for field in header.iter().filter(|field| !field.is_structural()) {
        whole.push(prepare::prepare_field(field, false)?);
    }
    let mut options = prepare::Options::default();
    if headers.legacy_display {
        let hidden = recipe.header(&whole)?.hidden;
        options.inserts = legacy_display_elements(draft.source, &draft.tree, 0, &hidden)?;
    }
    let mut payload = prepare::prepare(draft.source, &draft.tree, 0, &options)?;
    for field in payload.header().iter() {
        whole.push(field.clone());
    }
    let composed = recipe.header(&whole)?;
    *payload.header_mut() = composed.payload;
    Ok((payload, composed.outer))
}

/// The octets of a prepared entity.
struct Octets<'a, 'p>(&'a Prepared<'p>);

impl Content for Octets<'_, '_> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.write_to(out)
    }
}

/// The octets of a prepared entity that an unobtrusive signature is over.
struct UnobtrusiveOctets<'a, 'p>(&'a Prepared<'p>);

impl Content for UnobtrusiveOctets<'_, '_> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.header().write_canonical(out)?;
        out.write_all(b"\r\n")?;
        secure::without_empty_end(&|out| self.0.write_body(out), out)
    }
}

impl<'p> Inner<'p> {
    /// Signs detached, now.
    pub(super) fn detached(
        payload: Prepared<'p>,
        protocol: &'p dyn Protocol,
        by: &'p [Credential],
        policy: &'p Policy,
    ) -> Result<Inner<'p>, Error> {
        let mut signature = Vec::new();
        let signed = protocol.sign(&Octets(&payload), by, policy, &mut signature)?;
        let (profile, boundary) = (protocol.profile(), secure::boundary()?);
        Ok(Inner::Detached { payload, profile, micalg: signed.micalg, signature, boundary })
    }

    /// Signs unobtrusively, now.
    pub(super) fn unobtrusive(
        payload: Prepared<'p>,
        protocol: &'p dyn Protocol,
        by: &'p [Credential],
        policy: &'p Policy,
    ) -> Result<Inner<'p>, Error> {
        let form = protocol.profile().unobtrusive;
        let kind = form.ok_or(Error::Misuse("this protocol has no unobtrusive signatures"))?.to_owned();
        let mut octets = Vec::new();
        protocol.sign_binary(&UnobtrusiveOctets(&payload), by, policy, &mut octets)?;
        let signature = Sig { kind, octets: Some(octets) };
        Ok(Inner::Unobtrusive { payload, signature, boundary: secure::boundary()? })
    }

    /// Signs in the opaque form, when it is written.
    pub(super) fn opaque(
        payload: Prepared<'p>,
        protocol: &'p dyn Protocol,
        by: &'p [Credential],
        policy: &'p Policy,
    ) -> Result<Inner<'p>, Error> {
        let form = protocol.profile().opaque_signed.ok_or(Error::Misuse("this protocol has no opaque signed form"))?;
        // A locked key or a missing token shows now, before the first octet is written.
        protocol.sign(&Vec::new(), by, policy, &mut io::sink())?;
        Ok(Inner::Opaque { payload, form, protocol, by, policy })
    }
}

impl Inner<'_> {
    /// Writes the entity behind `outer`, the fields of the message around it (none inside of an encryption).
    pub(super) fn write_behind(&self, outer: &[u8], out: &mut dyn Write) -> Result<(), MimeError> {
        match self {
            Inner::Payload(payload) => {
                out.write_all(outer)?;
                Ok(payload.write_to(out)?)
            }
            Inner::Detached { payload, profile, micalg, signature, boundary } => {
                let form = &profile.signature;
                let body = SignatureBody {
                    media_type: form.media_type,
                    file_name: form.file_name,
                    description: Some(form.description),
                    octets: signature,
                    encoding: if form.armored { SignatureEncoding::Armored } else { SignatureEncoding::Base64 },
                };
                secure::write_signed(out, outer, micalg, &|out: &mut dyn Write| payload.write_to(out), &body, boundary)
            }
            Inner::Unobtrusive { payload, signature, boundary } => {
                let entity = |out: &mut dyn Write| UnobtrusiveOctets(payload).write_to(out);
                secure::write_unobtrusive(out, outer, std::slice::from_ref(signature), &entity, boundary)
            }
            Inner::Opaque { payload, form, protocol, by, policy } => {
                let mut sign = |out: &mut dyn Write| {
                    protocol.sign_opaque(&Octets(payload), by, policy, out).map(drop).map_err(io::Error::other)
                };
                secure::write_opaque(out, outer, form.media_type, "signed-data", form.file_name, &mut sign)
            }
        }
    }
}

/// The entity as it is encrypted.
impl Content for Inner<'_> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_behind(b"", out).map_err(|error| match error {
            MimeError::Io(error) => error,
            error => io::Error::other(error),
        })
    }
}
