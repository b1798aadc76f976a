//! Layers around exactly these octets, without header protection.

use super::Way;
use mailseal_core::{Address, EncryptedForm, Policy, Protocol};
use mailseal_mime::secure::{self, Control, SignatureBody, SignatureEncoding};
use mailseal_testkit::personas;
use std::io::{self, Write};
use std::sync::Arc;

fn protocol(way: &Way) -> &Arc<dyn Protocol> {
    way.alice.protocols().get(way.protocol).unwrap()
}

/// multipart/signed around an entity, signed by Alice.
pub(crate) fn signed(way: &Way, entity: &str) -> String {
    let (policy, octets) = (Policy::at(personas::now()), entity.as_bytes().to_vec());
    let by = way.alice.keys().by_address(&Address::parse("alice@example.org").unwrap());
    let mut signature = Vec::new();
    let made = protocol(way).sign(&octets, &by, &policy, &mut signature).unwrap();
    let form = &protocol(way).profile().signature;
    let body = SignatureBody {
        media_type: form.media_type,
        file_name: form.file_name,
        description: None,
        octets: &signature,
        encoding: if form.armored { SignatureEncoding::Armored } else { SignatureEncoding::Base64 },
    };
    let mut out = Vec::new();
    let content = |out: &mut dyn Write| out.write_all(&octets);
    secure::write_signed(&mut out, b"", &made.micalg, &content, &body, &secure::boundary().unwrap()).unwrap();
    String::from_utf8(out).unwrap()
}

/// An entity encrypted to Bob.
pub(crate) fn encrypted(way: &Way, entity: &str) -> String {
    let (policy, octets) = (Policy::at(personas::now()), entity.as_bytes().to_vec());
    let to = way.alice.certs().by_address(&Address::parse("bob@example.org").unwrap());
    let mut body =
        |out: &mut dyn Write| protocol(way).encrypt(&octets, &to, &[], &policy, out).map_err(io::Error::other);
    let mut out = Vec::new();
    match protocol(way).profile().encrypted {
        EncryptedForm::ControlAndOctets { protocol, control, file_name } => {
            let control = Control { media_type: protocol, description: None, text: control, data_file_name: file_name };
            secure::write_encrypted(&mut out, b"", &control, &mut body, &secure::boundary().unwrap()).unwrap();
        }
        EncryptedForm::Opaque(form) => {
            let smime_type = "enveloped-data";
            secure::write_opaque(&mut out, b"", form.media_type, smime_type, form.file_name, &mut body).unwrap();
        }
        _ => unreachable!("the two protocols have these forms"),
    }
    String::from_utf8(out).unwrap()
}
