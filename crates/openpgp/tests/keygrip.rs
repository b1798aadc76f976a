//! Keygrips are those of gpg.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use mailseal_core::Protocol;
use mailseal_openpgp::{OpenPgp, agent_keys};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, BOB, CAROL};

/// The fingerprint and the keygrip of each key that gpg lists.
fn listed(home: &Home) -> Vec<(String, String)> {
    let said = home.gpg().args(["--with-colons", "--with-keygrip", "--list-keys"]).succeed();
    let said = String::from_utf8(said).unwrap();
    let field = |record: &str| -> Vec<String> {
        let lines = said.lines().filter(|line| line.starts_with(record));
        lines.map(|line| line.split(':').nth(9).unwrap().to_ascii_lowercase()).collect()
    };
    field("fpr:").into_iter().zip(field("grp:")).collect()
}

/// RSA, Curve25519, NIST and Brainpool, of primary keys and subkeys.
#[test]
fn the_keygrips_of_gpg() {
    let Some(home) = Home::new() else { return };
    for persona in [ALICE, BOB, CAROL] {
        drop(home.gpg().arg("--import").arg(persona.openpgp_cert()).succeed());
    }
    let curves = ["nistp256", "nistp384", "nistp521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"];
    for kind in curves.into_iter().chain(["rsa2048"]) {
        let made = home.gpg().args(["--passphrase", "", "--quick-generate-key", kind, kind, "sign", "never"]);
        drop(made.succeed());
        let print = listed(&home).last().unwrap().0.clone();
        drop(home.gpg().args(["--passphrase", "", "--quick-add-key", &print, kind, "encr"]).succeed());
    }
    let exported = home.gpg().arg("--export").succeed();
    let mut ours = Vec::new();
    for cert in OpenPgp.parse_certs(&exported).unwrap() {
        for key in agent_keys(&cert).unwrap() {
            let keygrip: String = key.keygrip.iter().map(|octet| format!("{octet:02x}")).collect();
            ours.push((key.handle.to_string(), keygrip));
        }
    }
    assert!(ours.len() >= 20, "{ours:?}");
    let mut listed = listed(&home);
    listed.sort();
    ours.sort();
    assert_eq!(ours, listed);
}
