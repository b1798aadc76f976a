//! For the mail programs that read with GnuPG: a home with keys of both technologies, and a mail of each kind.

use std::fs;

use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, CAROL, DAVE, Persona};
use mailseal_testkit::program::Program;

use crate::ours::{Draft, Ours, smime_key};

/// Options of gpg and gpgsm for programs that start them without any.
const GPG: &str = "faked-system-time 20260601T000100\n";
const GPGSM: &str = "faked-system-time 20260601T000100\ndisable-crl-checks\ndisable-dirmngr\n";

/// A home in which Carol reads OpenPGP and Dave S/MIME; both know Alice, who can sign there too.
pub(crate) fn home() -> Option<Home> {
    let home = Home::new()?;
    for persona in [ALICE, CAROL] {
        drop(home.gpg().arg("--import").arg(persona.openpgp_key()).succeed());
        let ultimate = format!("{}:6:\n", openpgp_fingerprint(&home, persona));
        drop(home.gpg().args(["--trust-model", "pgp", "--import-ownertrust"]).stdin(ultimate).succeed());
    }
    for persona in [ALICE, DAVE] {
        home.import_smime(persona);
    }
    fs::write(home.path().join("gpg.conf"), GPG).unwrap();
    fs::write(home.path().join("gpgsm.conf"), GPGSM).unwrap();
    Some(home)
}

/// A mail of ours, and what it is.
pub(crate) struct Sample {
    /// How it is protected, for the table.
    pub(crate) feature: &'static str,
    pub(crate) mail: Vec<u8>,
    pub(crate) draft: Draft,
    pub(crate) signed: bool,
    pub(crate) encrypted: bool,
    /// Whether it is S/MIME and not OpenPGP.
    pub(crate) smime: bool,
}

/// One mail of each kind, by Alice.
pub(crate) fn samples(ours: &Ours) -> Vec<Sample> {
    let pgp = format!("--pgp --key {}.key.asc", ALICE.name);
    let smime = format!("--smime {}", smime_key(ALICE));
    let to_carol = "--pgp --cert alice.cert.asc --cert carol.cert.asc -r carol@example.org";
    let to_dave = "--smime --cert alice.crt.pem --cert dave.crt.pem -r dave@example.org";
    [
        ("OpenPGP multipart/signed", "utf8-8bit", format!("sign {pgp}")),
        ("OpenPGP multipart/signed, attachment", "html-attachment", format!("sign {pgp}")),
        ("OpenPGP multipart/encrypted, signed inside", "plain", format!("encrypt {to_carol} --key alice.key.asc")),
        ("OpenPGP multipart/encrypted", "plain", format!("encrypt {to_carol} --no-sign")),
        ("S/MIME multipart/signed", "utf8-8bit", format!("sign {smime}")),
        ("S/MIME signed-data", "html-attachment", format!("sign --opaque {smime}")),
        ("S/MIME enveloped-data, signed inside", "plain", format!("encrypt {to_dave} {}", smime_key(ALICE))),
        ("S/MIME enveloped-data", "utf8-8bit", format!("encrypt {to_dave} --no-sign")),
    ]
    .into_iter()
    .map(|(feature, name, line)| Sample {
        feature,
        draft: ours.draft(name, ALICE),
        mail: ours.protect(&line),
        signed: !line.contains("--no-sign"),
        encrypted: line.starts_with("encrypt"),
        smime: line.contains("--smime"),
    })
    .collect()
}

/// The fingerprint of the primary key.
pub(crate) fn openpgp_fingerprint(home: &Home, persona: Persona) -> String {
    let listed = home.gpg().args(["--with-colons", "--list-keys", persona.address]).succeed();
    let listed = String::from_utf8(listed).unwrap();
    let line = listed.lines().find(|line| line.starts_with("fpr:")).unwrap();
    line.split(':').nth(9).unwrap().to_owned()
}

/// The SHA-1 fingerprint of a certificate, which gpgsm calls it by.
pub(crate) fn smime_fingerprint(persona: Persona) -> String {
    let openssl = Program::find("openssl").expect("Home needs it too");
    let told = openssl.args(["x509", "-noout", "-fingerprint", "-sha1", "-in"]).arg(persona.smime_cert()).succeed();
    let told = String::from_utf8(told).unwrap();
    told.trim_end().split_once('=').unwrap().1.replace(':', "")
}
