//! Keygrips are those of gpg.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use mailseal_core::Protocol;
use mailseal_openpgp::{OpenPgp, Tie, agent_keys};
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

/// Attack 20: only the primary key and subkeys that agreed show who has a certificate, not those that it claims.
#[test]
fn who_has_a_claimed_key_is_not_the_owner() {
    use sequoia_openpgp as openpgp;
    use sequoia_openpgp::cert::CertBuilder;
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    use sequoia_openpgp::serialize::SerializeInto;
    use sequoia_openpgp::types::{KeyFlags, SignatureType};
    let made = |name: &str| {
        CertBuilder::new().add_userid(name).add_signing_subkey().add_transport_encryption_subkey().generate().unwrap().0
    };
    let ties = |cert: &openpgp::Cert| -> Vec<Tie> {
        let cert = OpenPgp.parse_certs(&cert.to_vec().unwrap()).unwrap().remove(0);
        agent_keys(&cert).unwrap().into_iter().map(|key| key.tie).collect()
    };
    let (alice, mallory) = (made("alice"), made("mallory"));
    assert_eq!(ties(&alice), [Tie::Own, Tie::Own, Tie::Claimed]);

    // Alice's three keys in Mallory's certificate, which says that they sign and encrypt; with the back signature of before.
    let mut signer = mallory.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let backs = alice.keys().subkeys().flat_map(|key| key.bundle().self_signatures().cloned().collect::<Vec<_>>());
    let back = backs.flat_map(|one| one.embedded_signatures().cloned().collect::<Vec<_>>()).next().unwrap();
    let mut packets = Vec::new();
    for key in alice.keys() {
        let key = key.key().clone().role_into_subordinate();
        let binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
            .set_key_flags(KeyFlags::empty().set_transport_encryption())
            .and_then(|builder| builder.set_embedded_signature(back.clone()))
            .and_then(|builder| key.bind(&mut signer, &mallory, builder))
            .unwrap();
        packets.extend([openpgp::Packet::from(key), binding.into()]);
    }
    let claims = mallory.insert_packets(packets).unwrap().0;
    assert_eq!(claims.keys().count(), 6);
    let own = ties(&claims).into_iter().filter(|tie| *tie == Tie::Own).count();
    assert_eq!(own, 2, "Mallory's own primary key and signing subkey");
}
