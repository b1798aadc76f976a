//! gpgsm 2.2 and S/MIME: RSA and AES-CBC.

use std::fs;

use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, BOB, CAPABLE, DAVE, Persona};

use crate::ours::{DRAFTS, LATER, Ours, smime_key};
use crate::reader::smime_fingerprint;
use crate::table;
use crate::wire::{ENTITY, Entity, changed, find, mail, signed_parts, smime, smime_signed};

const CLOCK: [&str; 2] = ["--faked-system-time", "20260601T000100"];

fn home(personas: &[Persona]) -> Option<Home> {
    let home = Home::new()?;
    for persona in personas {
        home.import_smime(*persona);
    }
    Some(home)
}

/// What gpgsm writes, and its status lines.
fn look(home: &Home, words: &[&str], stdin: &[u8]) -> (Vec<u8>, String) {
    let output = home.gpgsm().args(CLOCK).args(["--status-fd", "2"]).args(words).stdin(stdin).run();
    assert!(output.status.success(), "{}", output.stderr);
    (output.stdout, output.stderr)
}

/// A good signature by a certificate of the persona, under a root that gpgsm trusts.
#[track_caller]
fn assert_signed(status: &str, by: Persona) {
    let fingerprint = smime_fingerprint(by);
    for line in ["[GNUPG:] GOODSIG ", &format!("[GNUPG:] VALIDSIG {fingerprint} "), "[GNUPG:] TRUST_FULLY "] {
        assert!(status.contains(line), "{line}: {status}");
    }
}

/// R2, R44, R45
#[test]
fn gpgsm_verifies_our_mail() {
    let Some(home) = home(&[ALICE]) else { return };
    let ours = Ours::new();
    let (content_file, signature_file) = (home.path().join("content"), home.path().join("content.p7s"));
    let files = [signature_file.to_str().unwrap(), content_file.to_str().unwrap()];
    for (from, kind) in [(ALICE, "RSA"), (BOB, "P-256")] {
        for name in DRAFTS {
            let draft = ours.draft(name, from);
            let key = smime_key(from);
            let (content, signature) = signed_parts(&ours.protect(&format!("sign --smime {key}")));
            fs::write(&content_file, &content).unwrap();
            fs::write(&signature_file, signature).unwrap();
            let (_, status) = look(&home, &["--verify", files[0], files[1]], b"");
            assert_signed(&status, from);
            draft.assert_is(&content);

            let opaque = ours.protect(&format!("sign --smime --opaque {key}"));
            let (content, status) = look(&home, &["--output", "-", "--verify"], &Entity::parse(&opaque).content());
            assert_signed(&status, from);
            draft.assert_is(&content);
        }
        table::reads("gpgsm", &format!("multipart/signed, {kind}"));
        table::reads("gpgsm", &format!("signed-data, {kind}"));
    }
}

/// R49
#[test]
fn gpgsm_opens_our_mail() {
    // gpgsm's exit code tells of the recipients that it does not know.
    let Some(home) = home(&[ALICE, DAVE]) else { return };
    let ours = Ours::new();
    for name in DRAFTS {
        let draft = ours.draft(name, ALICE);
        let to_him = "--cert dave.crt.pem -r dave@example.org";
        let sealed = ours.protect(&format!("encrypt --smime --no-sign --cert alice.crt.pem {to_him}"));
        let (entity, status) = look(&home, &["--decrypt"], &Entity::parse(&sealed).content());
        assert!(status.contains("[GNUPG:] DECRYPTION_OKAY"), "{status}");
        draft.assert_is(&entity);
    }
    table::reads("gpgsm", "AES-256-CBC, RSA");
}

/// gpgsm 2.2 stumbles over the nonce of AES-GCM, later ones read it; where it decrypts, what comes out is right.
#[test]
fn gpgsm_may_read_aes_gcm() {
    let Some(home) = home(&[CAPABLE]) else { return };
    let ours = Ours::new();
    let draft = ours.draft("plain", CAPABLE);
    let sealed = ours.protect("encrypt --smime --no-sign --cert capable.crt.pem -r dave@example.org");
    let output = home.gpgsm().args(CLOCK).arg("--decrypt").stdin(Entity::parse(&sealed).content()).run();
    if output.status.success() {
        draft.assert_is(&output.stdout);
        table::reads("gpgsm", "AES-256-GCM, RSA-OAEP");
    } else {
        table::lacks("gpgsm", "AES-256-GCM, RSA-OAEP");
    }
}

/// gpgsm 2.2 does not read the parameters of a password; where it decrypts, what comes out is right.
#[test]
fn gpgsm_may_open_with_a_password() {
    let Some(home) = home(&[]) else { return };
    let ours = Ours::new();
    ours.file("word.pass", b"wintergreen\n");
    let draft = ours.draft("plain", ALICE);
    let sealed = Entity::parse(&ours.protect("encrypt --smime --no-sign --with-password word.pass")).content();
    let gpgsm = home.gpgsm().args(CLOCK).args(["--pinentry-mode", "loopback", "--passphrase", "wintergreen"]);
    let output = gpgsm.arg("--decrypt").stdin(sealed).run();
    if output.status.success() {
        draft.assert_is(&output.stdout);
        table::reads("gpgsm", "AES-256-CBC, password");
    } else {
        table::lacks("gpgsm", "AES-256-CBC, password");
    }
}

/// R4, R44
#[test]
fn we_verify_the_mail_of_gpgsm() {
    let Some(home) = home(&[ALICE]) else { return };
    let ours = Ours::new();
    let made = |words: &[&str]| home.gpgsm().args(["--sign", "-u", ALICE.address]).args(words).stdin(ENTITY).succeed();
    let message = mail(ALICE, &smime_signed(ENTITY, &made(&["--detach-sign"]), "sha-256"));
    ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
    assert_eq!(ours.payload(LATER, &message), ENTITY);
    ours.verdict(LATER, &changed(&message, find(&message, b"bring").unwrap())).assert_changed("unprotected");
    table::writes("gpgsm", "multipart/signed, RSA");

    let cms = made(&[]);
    let message = mail(ALICE, &smime("signed-data", &cms));
    ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
    assert_eq!(ours.payload(LATER, &message), ENTITY);
    let other = changed(&cms, find(&cms, b"bring").unwrap());
    ours.verdict(LATER, &mail(ALICE, &smime("signed-data", &other))).assert_changed("unprotected");
    table::writes("gpgsm", "signed-data, RSA");
}

/// R49, R63
#[test]
fn we_open_the_mail_of_gpgsm() {
    let Some(home) = home(&[ALICE, DAVE]) else { return };
    let ours = Ours::new();
    let key = format!("{LATER} {}", smime_key(DAVE));
    let sealed = |entity: &[u8], cipher: &str| {
        let encrypt = home.gpgsm().args(["--encrypt", "-r", ALICE.address, "-r", DAVE.address]);
        mail(ALICE, &smime("enveloped-data", &encrypt.args(["--cipher-algo", cipher]).stdin(entity).succeed()))
    };
    let signature = home.gpgsm().args(["--sign", "--detach-sign", "-u", ALICE.address]).stdin(ENTITY).succeed();
    for (cipher, name) in [("AES", "aes-128-cbc"), ("AES256", "aes-256-cbc")] {
        let layer = format!("encrypted {name} none done");
        let message = sealed(ENTITY, cipher);
        ours.verdict(&key, &message).assert_good("encrypted", &[&layer]);
        assert_eq!(ours.payload(&key, &message), ENTITY);

        let message = sealed(&smime_signed(ENTITY, &signature, "sha-256"), cipher);
        ours.verdict(&key, &message).assert_good("signed+encrypted", &[&layer, "signed valid"]);
        assert_eq!(ours.payload(&key, &message), ENTITY);
        table::writes("gpgsm", &format!("{}, RSA", name.to_uppercase()));
        table::writes("gpgsm", &format!("{}, RSA, signed inside", name.to_uppercase()));
    }
}
