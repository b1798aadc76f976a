//! NSS `cmsutil`, the S/MIME of Thunderbird: RSA and AES-CBC.

use std::fs;

use mailseal_testkit::nss::Database;
use mailseal_testkit::personas::{ALICE, BOB, CAPABLE, DAVE, Persona};

use crate::ours::{DRAFTS, LATER, Ours, smime_key};
use crate::table;
use crate::wire::{ENTITY, Entity, changed, find, mail, signed_parts, smime, smime_signed};

fn database(personas: &[Persona]) -> Option<Database> {
    let database = Database::new()?;
    for persona in personas {
        database.import(*persona);
    }
    Some(database)
}

/// What `cmsutil -D` says of the signer of `cms`, over the content of a file if that is not inside.
fn signer(database: &Database, cms: &[u8], content: Option<&[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut cmsutil = database.cmsutil("-D").args(["-n", "-h", "0"]);
    if let Some(content) = content {
        let file = folder.path().join("content");
        fs::write(&file, content).unwrap();
        cmsutil = cmsutil.arg("-c").arg(file);
    }
    let told = String::from_utf8(cmsutil.stdin(cms).succeed()).unwrap();
    told.lines().find(|line| line.contains("signer0")).unwrap_or_else(|| panic!("{told}")).trim().to_owned()
}

fn content(database: &Database, cms: &[u8]) -> Vec<u8> {
    database.cmsutil("-D").stdin(cms).succeed()
}

/// R2, R44, R45
#[test]
fn nss_verifies_our_mail() {
    let Some(database) = database(&[ALICE]) else { return };
    let ours = Ours::new();
    for (from, name, kind) in [(ALICE, "Alice", "RSA"), (BOB, "Bob", "P-256")] {
        let good = format!("signer0.id=\"{name}\"; signer0.status=GoodSignature;");
        for name in DRAFTS {
            let draft = ours.draft(name, from);
            let key = smime_key(from);
            let (entity, signature) = signed_parts(&ours.protect(&format!("sign --smime {key}")));
            assert_eq!(signer(&database, &signature, Some(&entity)), good);
            draft.assert_is(&entity);

            let opaque = Entity::parse(&ours.protect(&format!("sign --smime --opaque {key}"))).content();
            assert_eq!(signer(&database, &opaque, None), good);
            draft.assert_is(&content(&database, &opaque));
        }
        table::reads("NSS", &format!("multipart/signed, {kind}"));
        table::reads("NSS", &format!("signed-data, {kind}"));
    }
}

/// R49
#[test]
fn nss_opens_our_mail() {
    let Some(database) = database(&[DAVE]) else { return };
    let ours = Ours::new();
    for name in DRAFTS {
        let draft = ours.draft(name, ALICE);
        let to_him = "--cert dave.crt.pem -r dave@example.org";
        let sealed = ours.protect(&format!("encrypt --smime --no-sign --cert alice.crt.pem {to_him}"));
        draft.assert_is(&content(&database, &Entity::parse(&sealed).content()));

        let sealed = ours.protect(&format!("encrypt --smime {} {to_him}", smime_key(ALICE)));
        let (entity, signature) = signed_parts(&content(&database, &Entity::parse(&sealed).content()));
        assert!(signer(&database, &signature, Some(&entity)).contains("GoodSignature"));
        draft.assert_is(&entity);
    }
    table::reads("NSS", "AES-256-CBC, RSA");
    table::reads("NSS", "AES-256-CBC, RSA, signed inside");
}

/// NSS 3.87 knows neither key agreement nor AES-GCM in mail, later ones do; where it decrypts, what comes out is right.
#[test]
fn nss_may_read_more() {
    let Some(database) = database(&[BOB, CAPABLE]) else { return };
    let ours = Ours::new();
    for (to, feature) in [(BOB, "AES-256-CBC, P-256"), (CAPABLE, "AES-256-GCM, RSA-OAEP")] {
        let draft = ours.draft("plain", to);
        let sealed = ours.protect(&format!("encrypt --smime --no-sign --cert {}.crt.pem -r {}", to.name, to.address));
        let output = database.cmsutil("-D").stdin(Entity::parse(&sealed).content()).run();
        if output.status.success() {
            draft.assert_is(&output.stdout);
            table::reads("NSS", feature);
        } else {
            table::lacks("NSS", feature);
        }
    }
}

/// R4, R44
#[test]
fn we_verify_the_mail_of_nss() {
    let Some(database) = database(&[ALICE, BOB]) else { return };
    let ours = Ours::new();
    for (by, hash, feature) in
        [(ALICE, "SHA256", "RSA"), (ALICE, "SHA512", "RSA with SHA-512"), (BOB, "SHA256", "P-256")]
    {
        let sign = ["-N", by.name, "-G", "-H", hash];
        let made = |words: &[&str]| database.cmsutil("-S").args(sign).args(words).stdin(ENTITY).succeed();
        let message = mail(by, &smime_signed(ENTITY, &made(&["-T"]), hash));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        ours.verdict(LATER, &changed(&message, find(&message, b"bring").unwrap())).assert_changed("unprotected");
        table::writes("NSS", &format!("multipart/signed, {feature}"));

        let cms = made(&[]);
        let message = mail(by, &smime("signed-data", &cms));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        let other = changed(&cms, find(&cms, b"bring").unwrap());
        ours.verdict(LATER, &mail(by, &smime("signed-data", &other))).assert_changed("unprotected");
        table::writes("NSS", &format!("signed-data, {feature}"));
    }
}

/// R49, R63
#[test]
fn we_open_the_mail_of_nss() {
    let Some(database) = database(&[ALICE, DAVE]) else { return };
    let ours = Ours::new();
    let key = format!("{LATER} {}", smime_key(DAVE));
    let sealed = |entity: &[u8]| {
        let encrypt = database.cmsutil("-E").args(["-r", &format!("{},{}", ALICE.address, DAVE.address)]);
        mail(ALICE, &smime("enveloped-data", &encrypt.stdin(entity).succeed()))
    };
    let message = sealed(ENTITY);
    let layer = "encrypted aes-128-cbc none done";
    ours.verdict(&key, &message).assert_good("encrypted", &[layer]);
    assert_eq!(ours.payload(&key, &message), ENTITY);

    let signature = database.cmsutil("-S").args(["-N", ALICE.name, "-G", "-T"]).stdin(ENTITY).succeed();
    let message = sealed(&smime_signed(ENTITY, &signature, "sha-256"));
    ours.verdict(&key, &message).assert_good("signed+encrypted", &[layer, "signed valid"]);
    assert_eq!(ours.payload(&key, &message), ENTITY);
    table::writes("NSS", "AES-128-CBC, RSA");
    table::writes("NSS", "AES-128-CBC, RSA, signed inside");
}
