//! What openssl reads and writes since version 3.6 only.

use mailseal_testkit::personas::{HEIDI, Persona};

use crate::openssl::{ENTITY, HEADER, OpenSsl, from, opaque_changed};
use crate::ours::{DRAFTS, LATER, Ours, smime_key};
use crate::table;
use crate::wire::{changed, find};

/// Who signs as only version 3.6 does.
const SIGNERS: [(Persona, &str); 1] = [(HEIDI, "Ed25519")];

/// R44; RFC 8419.
#[test]
fn openssl36_verifies_our_mail() {
    let Some(openssl) = OpenSsl::newer() else { return };
    let ours = Ours::new();
    for (by, kind) in SIGNERS {
        for (form, feature) in [("", "multipart/signed"), ("--opaque", "signed-data")] {
            for name in DRAFTS {
                let draft = ours.draft(name, by);
                let signed = ours.protect(&format!("sign --smime {form} {}", smime_key(by)));
                draft.assert_is(&openssl.verified(&signed, by));
            }
            table::reads(openssl.name, &format!("{feature}, {kind}"));
        }
    }
}

/// R44; RFC 8419.
#[test]
fn we_verify_the_mail_of_openssl36() {
    let Some(openssl) = OpenSsl::newer() else { return };
    let ours = Ours::new();
    for (by, kind) in SIGNERS {
        let message = from(by, &openssl.signed(by, &HEADER, &["-md", "sha512"]));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        let other = changed(&message, find(&message, b"bring").unwrap());
        ours.verdict(LATER, &other).assert_broken("unprotected", "digest-mismatch");
        table::writes(openssl.name, &format!("multipart/signed, {kind}"));

        let message = from(by, &openssl.signed(by, &HEADER, &["-md", "sha512", "-nodetach"]));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        ours.verdict(LATER, &opaque_changed(by, &message)).assert_broken("unprotected", "digest-mismatch");
        table::writes(openssl.name, &format!("signed-data, {kind}"));
    }
}
