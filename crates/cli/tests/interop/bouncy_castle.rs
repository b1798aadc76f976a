//! Bouncy Castle, the library of most mail software in Java, behind `peers/BouncyCastle.java`.

use std::path::Path;
use std::process::Command;

use mailseal_testkit::peer::Peer;
use mailseal_testkit::personas::{ALICE, BOB, CAPABLE, DAVE, FRANK, GRACE, HEIDI, Persona, intermediate, root};
use mailseal_testkit::program::Program;

use crate::ours::{DRAFTS, LATER, Ours, smime_key};
use crate::table;
use crate::wire::{ENTITY, Entity, changed, find, mail, signed_parts, smime, smime_signed};

const NAME: &str = "Bouncy Castle";

/// The time of our mail, in milliseconds.
const AT: u64 = 1_780_272_060_000;

/// Where Debian's packages put the library.
const CLASS_PATH: &str = "/usr/share/java/bcpkix.jar:/usr/share/java/bcprov.jar:/usr/share/java/bcutil.jar";

struct BouncyCastle(Peer);

impl BouncyCastle {
    fn start() -> Option<Self> {
        // `java` runs a source file only where the compiler is installed.
        Program::find("javac")?;
        if !Path::new("/usr/share/java/bcpkix.jar").exists() {
            mailseal_testkit::skip("Bouncy Castle");
            return None;
        }
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/peers/BouncyCastle.java");
        let mut java = Command::new("java");
        java.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", CLASS_PATH]).arg(source);
        Some(Self(Peer::start(java)))
    }

    /// The content that every signer of `cms` signed, by certificates under our root that are for mail.
    fn verified(&mut self, cms: &[u8], content: Option<&[u8]>) -> Result<Vec<u8>, String> {
        let content = content.map_or("-".to_owned(), |content| self.0.file("content", content));
        self.0.ask("verify", cms, &format!("{content} {} {AT}", root().display()))
    }

    fn signed(&mut self, form: &str, signers: &[(&str, Persona)]) -> Vec<u8> {
        let mut words = format!("{form} {}", intermediate().display());
        for (algorithm, by) in signers {
            words += &format!(" {algorithm},{},{}", by.smime_key().display(), by.smime_cert().display());
        }
        self.0.ask("sign", ENTITY, &words).unwrap()
    }

    fn decrypted(&mut self, cms: &[u8], kind: &str, by: Persona) -> Vec<u8> {
        self.0.ask("decrypt", cms, &format!("{kind},{}", by.smime_key().display())).unwrap()
    }

    fn encrypted(&mut self, entity: &[u8], cipher: &str, to: &[(&str, Persona)]) -> Vec<u8> {
        let to: Vec<_> = to.iter().map(|(kind, to)| format!("{kind},{}", to.smime_cert().display())).collect();
        self.0.ask("encrypt", entity, &format!("{cipher} {}", to.join(" "))).unwrap()
    }
}

/// R2, R17, R40 to R45
#[test]
fn bouncy_castle_verifies_our_mail() {
    let Some(mut bouncy) = BouncyCastle::start() else { return };
    let ours = Ours::new();
    for (from, kind) in [(ALICE, "RSA"), (BOB, "P-256"), (FRANK, "P-384"), (GRACE, "P-521"), (HEIDI, "Ed25519")] {
        for name in DRAFTS {
            let draft = ours.draft(name, from);
            let (entity, cms) = signed_parts(&ours.protect(&format!("sign --smime {}", smime_key(from))));
            assert_eq!(bouncy.verified(&cms, Some(&entity)).unwrap(), entity);
            draft.assert_is(&entity);
            bouncy.verified(&cms, Some(&changed(&entity, entity.len() / 2))).unwrap_err();

            let opaque = ours.protect(&format!("sign --smime --opaque {}", smime_key(from)));
            draft.assert_is(&bouncy.verified(&Entity::parse(&opaque).content(), None).unwrap());
        }
        table::reads(NAME, &format!("multipart/signed, {kind}"));
        table::reads(NAME, &format!("signed-data, {kind}"));
    }
}

/// R49 to R51
#[test]
fn bouncy_castle_opens_our_mail() {
    let Some(mut bouncy) = BouncyCastle::start() else { return };
    let ours = Ours::new();
    for (to, kind, feature) in [
        (DAVE, "rsa", "AES-256-CBC, RSA"),
        (CAPABLE, "rsa", "AES-256-GCM, RSA-OAEP with SHA-256"),
        (BOB, "ecdh", "AES-256-CBC, P-256, dhSinglePass-stdDH-sha256kdf"),
        (FRANK, "ecdh", "AES-256-CBC, P-384, dhSinglePass-stdDH-sha256kdf"),
        (GRACE, "ecdh", "AES-256-CBC, P-521, dhSinglePass-stdDH-sha256kdf"),
    ] {
        for name in DRAFTS {
            let from = if to == CAPABLE { CAPABLE } else { ALICE };
            let draft = ours.draft(name, from);
            let certs = format!("--cert {}.crt.pem --cert {}.crt.pem -r {}", from.name, to.name, to.address);
            let sealed = ours.protect(&format!("encrypt --smime --no-sign {certs}"));
            draft.assert_is(&bouncy.decrypted(&Entity::parse(&sealed).content(), kind, to));

            let sealed = ours.protect(&format!("encrypt --smime {} {certs}", smime_key(from)));
            let (entity, cms) = signed_parts(&bouncy.decrypted(&Entity::parse(&sealed).content(), kind, to));
            draft.assert_is(&bouncy.verified(&cms, Some(&entity)).unwrap());
        }
        table::reads(NAME, feature);
        table::reads(NAME, &format!("{feature}, signed inside"));
    }
}

/// R4, R44
#[test]
fn we_verify_the_mail_of_bouncy_castle() {
    let Some(mut bouncy) = BouncyCastle::start() else { return };
    let ours = Ours::new();
    for (algorithm, by, attributes, feature) in [
        ("SHA256withRSA", ALICE, "attributes", "RSA"),
        ("SHA512withRSA", ALICE, "attributes", "RSA with SHA-512"),
        ("SHA256withRSAandMGF1", ALICE, "attributes", "RSA-PSS"),
        ("SHA512withRSAandMGF1", ALICE, "attributes", "RSA-PSS with SHA-512"),
        ("SHA256withRSA", ALICE, "direct", "no signed attributes"),
        ("SHA256withECDSA", BOB, "attributes", "P-256"),
        ("SHA384withECDSA", FRANK, "attributes", "P-384"),
        ("SHA512withECDSA", GRACE, "attributes", "P-521"),
        ("Ed25519", HEIDI, "attributes", "Ed25519"),
        ("Ed25519", HEIDI, "direct", "Ed25519, no signed attributes"),
    ] {
        let check = if attributes == "direct" { "bad-signature" } else { "digest-mismatch" };
        let cms = bouncy.signed(&format!("detached {attributes}"), &[(algorithm, by)]);
        let message = mail(by, &smime_signed(ENTITY, &cms, "sha-256"));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        let other = changed(&message, find(&message, b"bring").unwrap());
        ours.verdict(LATER, &other).assert_broken("unprotected", check);
        table::writes(NAME, &format!("multipart/signed, {feature}"));

        let cms = bouncy.signed(&format!("opaque {attributes}"), &[(algorithm, by)]);
        let message = mail(by, &smime("signed-data", &cms));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        let other = changed(&cms, find(&cms, b"bring").unwrap());
        ours.verdict(LATER, &mail(by, &smime("signed-data", &other))).assert_broken("unprotected", check);
        table::writes(NAME, &format!("signed-data, {feature}"));
    }
    let both = [("SHA256withRSA", ALICE), ("SHA256withECDSA", BOB)];
    let message = mail(BOB, &smime("signed-data", &bouncy.signed("opaque attributes", &both)));
    ours.verdict(LATER, &message).assert_good("signed", &["signed valid valid"]);
    table::writes(NAME, "signed-data, two signers");
}

/// RFC 3274: compressed before it is signed, or after.
#[test]
fn we_read_what_bouncy_castle_compressed() {
    let Some(mut bouncy) = BouncyCastle::start() else { return };
    let ours = Ours::new();
    let compressed = |bouncy: &mut BouncyCastle, entity: &[u8]| {
        smime("compressed-data", &bouncy.0.ask("compress", entity, "").unwrap())
    };
    let signature = bouncy.signed("detached attributes", &[("SHA256withRSA", ALICE)]);
    let inside = smime_signed(ENTITY, &signature, "sha-256");
    let message = mail(ALICE, &compressed(&mut bouncy, &inside));
    ours.verdict(LATER, &message).assert_good("signed", &["compressed zlib", "signed valid"]);
    assert_eq!(ours.payload(LATER, &message), ENTITY);
    table::writes(NAME, "compressed-data, signed inside");
}

/// R49, R50: every cipher, every way to hand a content key over, and several of them in one message.
#[test]
fn we_open_the_mail_of_bouncy_castle() {
    let Some(mut bouncy) = BouncyCastle::start() else { return };
    let ours = Ours::new();
    let signature = bouncy.signed("detached attributes", &[("SHA256withRSA", ALICE)]);
    let inside = smime_signed(ENTITY, &signature, "sha-256");
    let mut opens = |cipher: &str, to: &[(&str, Persona)], layer: &str, feature: &str| {
        for (entity, summary, signed, suffix) in
            [(ENTITY, "encrypted", &[][..], ""), (&inside, "signed+encrypted", &["signed valid"], ", signed inside")]
        {
            let cms = bouncy.encrypted(entity, cipher, to);
            let kind = if layer.contains("aead") { "authEnveloped-data" } else { "enveloped-data" };
            let message = mail(ALICE, &smime(kind, &cms));
            for (_, reader) in to {
                let key = format!("{LATER} {}", smime_key(*reader));
                ours.verdict(&key, &message).assert_good(summary, &[&[layer], signed].concat());
                assert_eq!(ours.payload(&key, &message), ENTITY);
            }
            table::writes(NAME, &format!("{feature}{suffix}"));
        }
    };
    for (cipher, layer, name) in [
        ("AES128_CBC", "encrypted aes-128-cbc none done", "AES-128-CBC"),
        ("AES192_CBC", "encrypted aes-192-cbc none done", "AES-192-CBC"),
        ("AES256_CBC", "encrypted aes-256-cbc none done", "AES-256-CBC"),
        ("DES_EDE3_CBC", "encrypted 3des-cbc none done", "3DES"),
        ("AES128_GCM", "encrypted aes-128-gcm aead done", "AES-128-GCM"),
        ("AES192_GCM", "encrypted aes-192-gcm aead done", "AES-192-GCM"),
        ("AES256_GCM", "encrypted aes-256-gcm aead done", "AES-256-GCM"),
    ] {
        opens(cipher, &[("rsa", DAVE)], layer, &format!("{name}, RSA"));
    }
    let gcm = "encrypted aes-256-gcm aead done";
    for (to, name) in [(BOB, "P-256"), (FRANK, "P-384"), (GRACE, "P-521")] {
        for hash in ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512"] {
            for (scheme, cofactor) in [("ECDH", "stdDH"), ("ECCDH", "cofactorDH")] {
                let kind = format!("ecdh,{scheme}_{hash}KDF,AES256_WRAP");
                let feature = format!("AES-256-GCM, {name}, dhSinglePass-{cofactor}-{}kdf", hash.to_lowercase());
                opens("AES256_GCM", &[(&kind, to)], gcm, &feature);
            }
        }
    }
    for hash in ["SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"] {
        for mask in [hash, "SHA-1"] {
            let masked = if mask == hash { String::new() } else { format!(" and MGF1 with {mask}") };
            let feature = format!("AES-256-GCM, RSA-OAEP with {hash}{masked}");
            opens("AES256_GCM", &[(&format!("oaep,{hash},{mask},"), DAVE)], gcm, &feature);
        }
    }
    opens("AES256_GCM", &[("oaep,SHA-256,SHA-256,6c6162656c", DAVE)], gcm, "AES-256-GCM, RSA-OAEP with a label");
    let many = [("rsa", ALICE), ("oaep,SHA-256,SHA-256,", DAVE), ("ecdh,ECDH_SHA256KDF,AES128_WRAP", BOB)];
    opens("AES256_GCM", &many, gcm, "AES-256-GCM, RSA, RSA-OAEP and P-256 together");
}

/// RFC 5652 §6.2.3 and §6.2.4: a password and a shared key beside the certificate of a recipient.
#[test]
fn we_open_the_mail_of_bouncy_castle_by_a_password() {
    let Some(mut bouncy) = BouncyCastle::start() else { return };
    let ours = Ours::new();
    ours.file("word.pass", b"wintergreen");
    for prf in ["HMacSHA1", "HMacSHA256", "HMacSHA512"] {
        for (wrap, name) in [("AES128_CBC", "AES-128"), ("AES256_CBC", "AES-256"), ("DES_EDE3_CBC", "3DES")] {
            let others = format!("kek,0102,{} rsa,{}", "00".repeat(32), DAVE.smime_cert().display());
            let words = format!("AES256_CBC {others} password,{prf},{wrap},wintergreen");
            let message = mail(ALICE, &smime("enveloped-data", &bouncy.0.ask("encrypt", ENTITY, &words).unwrap()));
            for key in [format!("{LATER} --passphrase-file word.pass"), format!("{LATER} {}", smime_key(DAVE))] {
                ours.verdict(&key, &message).assert_good("encrypted", &["encrypted aes-256-cbc none done"]);
                assert_eq!(ours.payload(&key, &message), ENTITY);
            }
            let hash = prf.replace("HMacSHA", "HMAC-SHA-");
            table::writes(NAME, &format!("AES-256-CBC, password by PBKDF2 with {hash} and {name}"));
        }
    }
}
