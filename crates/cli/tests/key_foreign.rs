//! Keys that stand below another's certificate without its owner having put them there.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::ring::{key, key_in, print, with_ring};
use common::{Sandbox, failed, stderr, stdout};
use mailseal_testkit::packets::{dearmored, first, packet};
use mailseal_testkit::personas::NOW;

const PUBLIC_SUBKEY: u8 = 14;
const USER_ID: u8 = 13;

/// The certificate of `host` with the primary key of `other` below it, bound by nobody, and a name that nobody signed.
fn polluted(sandbox: &Sandbox, host: &str, other: &str) -> Vec<u8> {
    let certificate = |name: &str| dearmored(sandbox.read(&format!("{name}.cert.asc")).as_bytes());
    let below = packet(PUBLIC_SUBKEY, first(&certificate(other)));
    [certificate(host), below, packet(USER_ID, b"Mallory <mallory@example.org>")].concat()
}

/// The fingerprint of a persona's certificate.
fn fingerprint(sandbox: &Sandbox, name: &str) -> String {
    print(&key_in(sandbox, "scratch", &format!("import {name}.cert.asc")).success())
}

/// Attack 20: what stands below Alice's certificate without her having put it there comes neither into the file of her secret key
/// nor among what the keyring tells, nor to anybody else.
#[test]
fn a_keyring_takes_what_the_owner_said() {
    let sandbox = Sandbox::new();
    let (alice, eve) = (fingerprint(&sandbox, "alice"), fingerprint(&sandbox, "eve"));
    sandbox.write("evil.pgp", polluted(&sandbox, "alice", "eve"));
    for before in ["alice.key.asc", "alice.cert.asc"] {
        let ring = &format!("with-{before}");
        key_in(&sandbox, ring, &format!("import {before}")).success();
        let file = |folder: &str, ending: &str| sandbox.path(&format!("{ring}/{folder}/{alice}.{ending}"));
        let own = file("keys", "key.asc");
        let kept = std::fs::read(&own).ok();
        key_in(&sandbox, ring, "import evil.pgp").success();
        assert_eq!(std::fs::read(&own).ok(), kept, "{before}: her key file is as it was");
        let told = stdout(&key_in(&sandbox, ring, &format!("list --json {alice}")).success());
        assert!(told.contains("alice@example.org") && !told.contains(&eve) && !told.contains("mallory"), "{told}");
        let full = stdout(&key_in(&sandbox, ring, &format!("export --full {alice}")).success());
        let clean = dearmored(sandbox.read("alice.cert.asc").as_bytes());
        assert_eq!(dearmored(full.as_bytes()).len(), clean.len(), "{before}: nothing more goes to others");
    }
    // The other way round: what was there before a secret key comes.
    key(&sandbox, "import evil.pgp").success();
    key(&sandbox, "import alice.key.asc").success();
    let told = stdout(&key(&sandbox, &format!("list --json {alice}")).success());
    assert!(told.contains("alice@example.org") && !told.contains(&eve), "{told}");
}

/// Attack 20: Eve's certificate with Alice's key below it answers to none of Alice's names: it is not what gets trusted, taken
/// back or encrypted to in her place.
#[test]
fn a_key_below_another_names_nothing() {
    let sandbox = Sandbox::new();
    let (alice, eve) = (fingerprint(&sandbox, "alice"), fingerprint(&sandbox, "eve"));
    sandbox.write("evil.pgp", polluted(&sandbox, "eve", "alice"));
    key(&sandbox, "import eve.key.asc").success();
    key(&sandbox, "import evil.pgp").success();
    // A keyring that an older version wrote, or another program.
    std::fs::write(sandbox.path(&format!("ring/certs/{eve}.cert.asc")), polluted(&sandbox, "eve", "alice")).unwrap();
    let (short, id) = (&alice[..8], &alice[24..]);
    for digits in [alice.as_str(), short, id] {
        failed(key(&sandbox, &format!("trust {digits}")), 61);
        failed(key(&sandbox, &format!("list {digits}")), 61);
        failed(key(&sandbox, &format!("export {digits}")), 61);
        failed(key(&sandbox, &format!("revoke {digits} --yes")), 61);
        failed(key(&sandbox, &format!("remove {digits} --yes")), 61);
        failed(with_ring(&sandbox, &format!("sign --pgp -u {digits} --at {NOW} draft.eml")), 61);
    }
    // A signature by Alice is not Eve's.
    sandbox.run("sign --pgp --key alice.key.asc -o signed.eml draft.eml").success();
    key(&sandbox, &format!("trust {eve}")).success();
    let verified = with_ring(&sandbox, &format!("verify --at {NOW} signed.eml")).code(3);
    assert!(stdout(&verified).starts_with("unprotected"), "{}{}", stdout(&verified), stderr(&verified));
}
