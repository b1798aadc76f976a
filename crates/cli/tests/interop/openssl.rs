//! `openssl cms` and S/MIME (RFC 8551). It reads and writes whole messages by itself.

use std::fs;
use std::path::PathBuf;

use mailseal_testkit::personas::{ALICE, BOB, CAPABLE, DAVE, FRANK, GRACE, Persona, intermediate, root};
use mailseal_testkit::program::{self, Program};

use crate::ours::{DRAFTS, LATER, Ours, smime_key};
use crate::table;
use crate::wire::{ENTITY, Entity, changed, crlf, find, mail, smime};

/// `openssl cms -verify` judges at the time of our mail.
const VERIFY: [&str; 6] = ["-verify", "-inform", "SMIME", "-purpose", "smimesign", "-attime=1780272060"];

/// The header that `openssl cms` puts over what it makes.
pub(crate) const HEADER: [&str; 6] =
    ["-from", "Alice <alice@example.org>", "-to", "bob@example.org", "-subject", "Hello"];

/// A version of openssl, and a folder for its files.
pub(crate) struct OpenSsl {
    /// What the table calls it.
    pub(crate) name: &'static str,
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl OpenSsl {
    /// The system's, and version 3.6 where it is built (`scripts/openssl-3.6`).
    fn all() -> impl Iterator<Item = OpenSsl> {
        let folder = || tempfile::tempdir().unwrap();
        let system = program::path("openssl").map(|program| OpenSsl { name: "openssl", program, folder: folder() });
        system.into_iter().chain(OpenSsl::newer())
    }

    /// Version 3.6, where it is built.
    pub(crate) fn newer() -> Option<OpenSsl> {
        let program = std::env::var_os("MAILSEAL_OPENSSL36").filter(|path| !path.is_empty()).map(PathBuf::from)?;
        Some(OpenSsl { name: "openssl 3.6", program, folder: tempfile::tempdir().unwrap() })
    }

    fn cms(&self, words: &[&str]) -> Program {
        Program::at(&self.program).dir(self.folder.path()).arg("cms").args(words)
    }

    /// A file of the folder with these octets.
    fn file(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    /// Verifies a message and gives its entity; the signer's certificate is that of `by`.
    pub(crate) fn verified(&self, message: &[u8], by: Persona) -> Vec<u8> {
        let message = self.file("message", message);
        let verify = self.cms(&VERIFY).args(["-signer", "signer.pem", "-CAfile"]).arg(root());
        let entity = verify.arg("-in").arg(message).succeed();
        let signer = fs::read_to_string(self.folder.path().join("signer.pem")).unwrap();
        assert_eq!(signer, certificate(by));
        entity
    }

    pub(crate) fn decrypted(&self, message: &[u8], by: Persona) -> Vec<u8> {
        let message = self.file("message", message);
        let decrypt = self.cms(&["-decrypt", "-inform", "SMIME", "-recip"]).arg(by.smime_cert());
        decrypt.arg("-inkey").arg(by.smime_key()).arg("-in").arg(message).succeed()
    }

    /// What is in a message to a password; `None` when this is not it.
    fn unlocked(&self, message: &[u8], password: &str) -> Option<Vec<u8>> {
        let message = self.file("message", message);
        let decrypt = self.cms(&["-decrypt", "-inform", "SMIME", "-pwri_password", password, "-in"]);
        let output = decrypt.arg(message).run();
        output.status.success().then_some(output.stdout)
    }

    /// What openssl signs, as a message, or as an entity when `header` is empty.
    pub(crate) fn signed(&self, by: Persona, header: &[&str], words: &[&str]) -> Vec<u8> {
        let sign = self.cms(&["-sign", "-signer"]).arg(by.smime_cert()).arg("-inkey").arg(by.smime_key());
        let entity = self.file("entity", ENTITY);
        crlf(&sign.args(words).args(header).arg("-certfile").arg(intermediate()).arg("-in").arg(entity).succeed())
    }

    /// A message that openssl encrypts to these and as `words` say.
    fn encrypted_for(&self, cipher: &str, entity: &[u8], to: &[Persona], words: &[&str]) -> Vec<u8> {
        let entity = self.file("entity", entity);
        let encrypt = self.cms(&["-encrypt", cipher]).args(HEADER).args(words).arg("-in").arg(entity);
        let recipient = |encrypt: Program, to: &Persona| encrypt.arg("-recip").arg(to.smime_cert());
        crlf(&to.iter().fold(encrypt, recipient).succeed())
    }

    /// A message that openssl encrypts; `words` follow each recipient, which `-keyopt` is about.
    pub(crate) fn encrypted(&self, cipher: &str, entity: &[u8], to: &[Persona], words: &[&str]) -> Vec<u8> {
        let entity = self.file("entity", entity);
        let mut encrypt = self.cms(&["-encrypt", cipher]).args(HEADER).arg("-in").arg(entity);
        for persona in to {
            encrypt = encrypt.arg("-recip").arg(persona.smime_cert()).args(words);
        }
        crlf(&encrypt.succeed())
    }
}

/// The PEM of a certificate, without the text around it.
fn certificate(persona: Persona) -> String {
    let file = fs::read_to_string(persona.smime_cert()).unwrap();
    file[file.find("-----BEGIN").unwrap()..].to_owned()
}

/// How each of them signs.
const SIGNERS: [(Persona, &str); 4] = [(ALICE, "RSA"), (BOB, "P-256"), (FRANK, "P-384"), (GRACE, "P-521")];

/// R2, R17, R40 to R45
#[test]
fn openssl_verifies_our_mail() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        for (from, kind) in SIGNERS {
            for (form, feature) in [("", "multipart/signed"), ("--opaque", "signed-data")] {
                for name in DRAFTS {
                    let draft = ours.draft(name, from);
                    let signed = ours.protect(&format!("sign --smime {form} {}", smime_key(from)));
                    draft.assert_is(&openssl.verified(&signed, from));
                }
                table::reads(openssl.name, &format!("{feature}, {kind}"));
            }
        }
    }
}

/// A key without a PKCS#12 file signs with the path to the root, of which openssl knows nothing but the root.
#[test]
fn openssl_finds_the_path_in_our_mail() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        for (from, _) in SIGNERS {
            let draft = ours.draft("plain", from);
            let key = format!("--key {0}.key.pem --cert {0}.crt.pem --intermediate intermediate.crt.pem", from.name);
            draft.assert_is(&openssl.verified(&ours.protect(&format!("sign --smime {key}")), from));
        }
    }
}

/// R49 to R51
#[test]
fn openssl_opens_our_mail() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        for (from, to, smime_type, feature) in [
            (BOB, DAVE, "enveloped-data", "AES-256-CBC, RSA"),
            (ALICE, BOB, "enveloped-data", "AES-256-CBC, P-256, dhSinglePass-stdDH-sha256kdf"),
            (ALICE, FRANK, "enveloped-data", "AES-256-CBC, P-384, dhSinglePass-stdDH-sha256kdf"),
            (ALICE, GRACE, "enveloped-data", "AES-256-CBC, P-521, dhSinglePass-stdDH-sha256kdf"),
            (CAPABLE, CAPABLE, "authEnveloped-data", "AES-256-GCM, RSA-OAEP with SHA-256"),
        ] {
            for name in DRAFTS {
                let draft = ours.draft(name, from);
                let to_him = format!("--cert {}.crt.pem -r {}", to.name, to.address);
                let sealed = ours.protect(&format!("encrypt --smime --no-sign --cert {}.crt.pem {to_him}", from.name));
                assert_eq!(Entity::parse(&sealed).parameter("smime-type"), Some(smime_type));
                draft.assert_is(&openssl.decrypted(&sealed, to));

                let sealed = ours.protect(&format!("encrypt --smime {} {to_him}", smime_key(from)));
                assert_eq!(Entity::parse(&sealed).parameter("smime-type"), Some(smime_type));
                let signed = openssl.decrypted(&sealed, to);
                draft.assert_is(&openssl.verified(&signed, from));
                assert_eq!(openssl.decrypted(&sealed, from), signed, "the sender reads it too");
            }
            table::reads(openssl.name, feature);
            table::reads(openssl.name, &format!("{feature}, signed inside"));
        }
    }
}

/// R49 to R51: a password beside a recipient and without any
#[test]
fn openssl_unlocks_our_mail() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        ours.file("word.pass", b"wintergreen\n");
        let draft = ours.draft_to(ALICE, &[DAVE]);
        let locked = ours.protect("encrypt --smime --no-sign --with-password word.pass");
        draft.assert_is(&openssl.unlocked(&locked, "wintergreen").unwrap());
        assert_eq!(openssl.unlocked(&locked, "evergreen"), None);
        table::reads(openssl.name, "AES-256-CBC, password");

        let certs = format!("{} --cert dave.crt.pem", smime_key(ALICE));
        let either = ours.protect(&format!("encrypt --smime {certs} --with-password word.pass"));
        let signed = openssl.unlocked(&either, "wintergreen").unwrap();
        assert_eq!(openssl.decrypted(&either, DAVE), signed);
        draft.assert_is(&openssl.verified(&signed, ALICE));
        table::reads(openssl.name, "AES-256-CBC, password or RSA, signed inside");
    }
}

/// R49, R135: whoever knows the password opens it
#[test]
fn we_unlock_the_mail_of_openssl() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        ours.file("right.pass", b"wintergreen\n");
        ours.file("wrong.pass", b"evergreen\n");
        for (to, feature) in [(&[][..], "password"), (&[DAVE], "password or RSA")] {
            let message = openssl.encrypted_for("-aes-256-cbc", ENTITY, to, &["-pwri_password", "wintergreen"]);
            let right = format!("{LATER} --passphrase-file right.pass");
            ours.verdict(&right, &message).assert_good("encrypted", &[CBC]);
            assert_eq!(ours.payload(&right, &message), ENTITY);
            ours.gives_nothing(&format!("{LATER} --passphrase-file wrong.pass"), &message);
            table::writes(openssl.name, &format!("AES-256-CBC, {feature}"));
        }
    }
}

/// R4, R44, R48; DER and indefinite length
#[test]
fn we_verify_the_mail_of_openssl() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        for (form, name) in [(&[][..], "multipart/signed"), (&["-nodetach"], "signed-data")] {
            for (variant, by, feature) in [
                (&[][..], ALICE, "RSA"),
                (&["-md", "sha512"], ALICE, "RSA with SHA-512"),
                (&["-keyopt", "rsa_padding_mode:pss"], ALICE, "RSA-PSS"),
                (&["-stream"], ALICE, "indefinite length"),
                (&["-keyid"], ALICE, "signer by key identifier"),
                (&["-noattr"], ALICE, "no signed attributes"),
                (&[], BOB, "P-256"),
                (&["-md", "sha384", "-stream"], BOB, "P-256 with SHA-384"),
                (&["-md", "sha384"], FRANK, "P-384"),
                (&["-md", "sha512"], GRACE, "P-521"),
            ] {
                let message = openssl.signed(by, &HEADER, &[form, variant].concat());
                let message = from(by, &message);
                ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
                assert_eq!(ours.payload(LATER, &message), ENTITY);
                let other = if form.is_empty() {
                    changed(&message, find(&message, b"bring").unwrap())
                } else {
                    opaque_changed(by, &message)
                };
                // Without signed attributes there is no digest to compare with.
                let check = if variant.contains(&"-noattr") { "bad-signature" } else { "digest-mismatch" };
                ours.verdict(LATER, &other).assert_broken("unprotected", check);
                table::writes(openssl.name, &format!("{name}, {feature}"));
            }
        }
    }
}

/// The message with another author in its header.
pub(crate) fn from(persona: Persona, message: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    text.replacen(ALICE.address, persona.address, 1).into_bytes()
}

/// An opaque message with one octet of its content changed.
pub(crate) fn opaque_changed(by: Persona, message: &[u8]) -> Vec<u8> {
    let cms = Entity::parse(message).content();
    mail(by, &smime("signed-data", &changed(&cms, find(&cms, b"bring").unwrap())))
}

const CBC: &str = "encrypted aes-256-cbc none done";
const GCM: &str = "encrypted aes-256-gcm aead done";

/// R49, R50; RSA and elliptic curves, DER and indefinite length, signed before or not
#[test]
fn we_open_the_mail_of_openssl() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        let oaep = ["-keyopt", "rsa_padding_mode:oaep"];
        let oaep_sha256 = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"];
        let sha256kdf = ["-keyopt", "ecdh_kdf_md:sha256"];
        for (cipher, layer, cipher_name) in [("-aes-256-cbc", CBC, "AES-256-CBC"), ("-aes-256-gcm", GCM, "AES-256-GCM")]
        {
            for (to, words, feature) in [
                (&[DAVE][..], &[][..], "RSA"),
                (&[DAVE], &["-stream"], "RSA, indefinite length"),
                (&[DAVE], &["-keyid"], "RSA, recipient by key identifier"),
                (&[DAVE], &oaep, "RSA-OAEP with SHA-1"),
                (&[DAVE], &oaep_sha256, "RSA-OAEP with SHA-256"),
                (&[BOB], &[], "P-256, dhSinglePass-stdDH-sha1kdf"),
                (&[BOB], &sha256kdf, "P-256, dhSinglePass-stdDH-sha256kdf"),
                (&[FRANK], &["-keyopt", "ecdh_kdf_md:sha384"], "P-384, dhSinglePass-stdDH-sha384kdf"),
                (&[GRACE], &["-keyopt", "ecdh_kdf_md:sha512"], "P-521, dhSinglePass-stdDH-sha512kdf"),
                (&[ALICE, BOB, DAVE], &["-stream"], "RSA and P-256 together"),
            ] {
                let inside = openssl.signed(ALICE, &[], &[]);
                for reader in to {
                    let key = format!("{LATER} {}", smime_key(*reader));
                    let message = openssl.encrypted(cipher, ENTITY, to, words);
                    ours.verdict(&key, &message).assert_good("encrypted", &[layer]);
                    assert_eq!(ours.payload(&key, &message), ENTITY);

                    let message = openssl.encrypted(cipher, &inside, to, words);
                    ours.verdict(&key, &message).assert_good("signed+encrypted", &[layer, "signed valid"]);
                    assert_eq!(ours.payload(&key, &message), ENTITY);
                }
                table::writes(openssl.name, &format!("{cipher_name}, {feature}"));
                table::writes(openssl.name, &format!("{cipher_name}, {feature}, signed inside"));
            }
        }
    }
}

/// R66, R135: a changed octet of AES-GCM, its tag or the encrypted key, and nothing comes out
#[test]
fn we_refuse_what_is_not_as_openssl_made_it() {
    for openssl in OpenSsl::all() {
        let ours = Ours::new();
        let message = openssl.encrypted("-aes-256-gcm", ENTITY, &[DAVE], &[]);
        let cms = Entity::parse(&message).content();
        let key = format!("{LATER} {}", smime_key(DAVE));
        let rewrapped = |cms: &[u8]| mail(ALICE, &smime("authEnveloped-data", cms));
        ours.verdict(&key, &rewrapped(&cms)).assert_good("encrypted", &[GCM]);
        for at in [cms.len() - 1, cms.len() - 30, cms.len() - 250] {
            let message = rewrapped(&changed(&cms, at));
            ours.verdict(&key, &message).assert_failed();
            ours.gives_nothing(&key, &message);
        }
    }
}
