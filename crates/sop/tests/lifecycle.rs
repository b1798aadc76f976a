//! The life of keys and certificates: locked anew, revoked, kept up to date, merged, certified, validated.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Folder, Sop};

const TEXT: &[u8] = b"Hello, world!\n";

/// The profiles of keys.
fn profiles(folder: &Folder) -> Vec<String> {
    let listed = String::from_utf8(Sop::ours().ok(folder, "list-profiles generate-key", b"")).unwrap();
    listed.lines().map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
}

/// A key and its certificate, `NAME.key` and `NAME.cert`, with the user ID `NAME@example.org`.
fn person(folder: &Folder, profile: &str, options: &str, name: &str) {
    let sop = Sop::ours();
    let words = format!("generate-key --profile={profile} {options} {name}@example.org");
    let key = sop.ok(folder, &words, b"");
    folder.write(&format!("{name}.key"), &key);
    folder.write(&format!("{name}.cert"), &sop.ok(folder, "extract-cert", &key));
}

fn read(folder: &Folder, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn passwords_are_changed() {
    let folder = Folder::new();
    let sop = Sop::ours();
    folder.write("old", b"the old one");
    folder.write("new", b"the new one\n");
    for profile in profiles(&folder) {
        person(&folder, &profile, "", "alice");
        let cert = read(&folder, "alice.cert");
        let locked = sop.ok(&folder, "change-key-password --new-key-password=old", &read(&folder, "alice.key"));
        folder.write("alice.key", &locked);
        assert_eq!(sop.code(&folder, "sign alice.key", TEXT), 67);
        assert_eq!(sop.code(&folder, "change-key-password --new-key-password=new", &locked), 67);
        let changed = sop.ok(&folder, "change-key-password --old-key-password=old --new-key-password=new", &locked);
        folder.write("alice.key", &changed);
        assert_eq!(sop.code(&folder, "sign --with-key-password=old alice.key", TEXT), 67);
        folder.write("sig", &sop.ok(&folder, "sign --with-key-password=new alice.key", TEXT));
        sop.ok(&folder, "verify sig alice.cert", TEXT);
        let open = sop.ok(&folder, "change-key-password --old-key-password=new", &changed);
        folder.write("alice.key", &open);
        folder.write("sig", &sop.ok(&folder, "sign alice.key", TEXT));
        assert_eq!(sop.ok(&folder, "extract-cert", &open), cert, "nothing else changes");
    }
}

/// A revoked certificate verifies nothing, what it signed before included, and is not encrypted to.
#[test]
fn keys_are_revoked() {
    let folder = Folder::new();
    let sop = Sop::ours();
    folder.write("password", b"open sesame");
    for profile in profiles(&folder) {
        person(&folder, &profile, "--with-key-password=password", "alice");
        folder.write("sig", &sop.ok(&folder, "sign --with-key-password=password alice.key", TEXT));
        sop.ok(&folder, "verify sig alice.cert", TEXT);
        let key = read(&folder, "alice.key");
        assert_eq!(sop.code(&folder, "revoke-key", &key), 67);
        folder.write("revoked.cert", &sop.ok(&folder, "revoke-key --with-key-password=password", &key));
        assert_eq!(sop.code(&folder, "verify sig revoked.cert", TEXT), 3);
        assert_eq!(sop.code(&folder, "encrypt revoked.cert", TEXT), 17);

        let merged = sop.ok(&folder, "merge-certs revoked.cert", &read(&folder, "alice.cert"));
        folder.write("merged.cert", &merged);
        assert_eq!(sop.code(&folder, "verify sig merged.cert", TEXT), 3);
        let words = "update-key --with-key-password=password --merge-certs=revoked.cert";
        assert_eq!(sop.code(&folder, words, &key), 103);
    }
}

#[test]
fn keys_are_kept_up_to_date() {
    let folder = Folder::new();
    let sop = Sop::ours();
    folder.write("password", b"open sesame");
    for profile in profiles(&folder) {
        person(&folder, &profile, "--signing-only --with-key-password=password", "alice");
        let key = read(&folder, "alice.key");
        assert_eq!(sop.code(&folder, "encrypt alice.cert", TEXT), 17);
        assert_eq!(sop.code(&folder, "update-key", &key), 67);

        for option in ["--signing-only", "--no-added-capabilities"] {
            let updated = sop.ok(&folder, &format!("update-key {option} --with-key-password=password"), &key);
            folder.write("same.cert", &sop.ok(&folder, "extract-cert", &updated));
            assert_eq!(sop.code(&folder, "encrypt same.cert", TEXT), 17, "{option}");
        }
        let updated = sop.ok(&folder, "update-key --with-key-password=password", &key);
        folder.write("able.key", &updated);
        folder.write("able.cert", &sop.ok(&folder, "extract-cert", &updated));
        let message = sop.ok(&folder, "encrypt able.cert", TEXT);
        assert_eq!(sop.code(&folder, "decrypt able.key", &message), 67, "the new subkey is locked as the old are");
        assert_eq!(sop.ok(&folder, "decrypt --with-key-password=password able.key", &message), TEXT);
        folder.write("sig", &sop.ok(&folder, "sign --with-key-password=password able.key", TEXT));
        sop.ok(&folder, "verify sig alice.cert", TEXT);
    }
}

/// What others say of a certificate comes in; other certificates do not.
#[test]
fn certificates_are_merged() {
    let folder = Folder::new();
    let sop = Sop::ours();
    person(&folder, "default", "", "alice");
    person(&folder, "rfc9580", "", "bob");
    let alice = read(&folder, "alice.cert");
    assert_eq!(sop.ok(&folder, "merge-certs bob.cert", &alice), alice);
    let twice = [alice.as_slice(), alice.as_slice()].concat();
    assert_eq!(sop.ok(&folder, "merge-certs", &twice), alice);
    let both = sop.ok(&folder, "merge-certs", &[alice.as_slice(), &read(&folder, "bob.cert")].concat());
    folder.write("both.cert", &both);
    let message = sop.ok(&folder, "encrypt both.cert", TEXT);
    for reader in ["alice.key", "bob.key"] {
        assert_eq!(sop.ok(&folder, &format!("decrypt {reader}"), &message), TEXT);
    }
}

#[test]
fn user_ids_are_certified_and_validated() {
    let folder = Folder::new();
    let sop = Sop::ours();
    for profile in profiles(&folder) {
        for name in ["alice", "authority", "other"] {
            person(&folder, &profile, "", name);
        }
        let alice = read(&folder, "alice.cert");
        let validate = "validate-userid alice@example.org authority.cert";
        assert_eq!(sop.code(&folder, validate, &alice), 107, "not certified yet");

        let certify = "certify-userid --userid=alice@example.org authority.key";
        let certified = sop.ok(&folder, certify, &alice);
        sop.ok(&folder, validate, &certified);
        sop.ok(&folder, "validate-userid --addr-spec-only alice@example.org authority.cert", &certified);
        sop.ok(&folder, "validate-userid alice@example.org other.cert authority.cert", &certified);
        sop.ok(&folder, "validate-userid alice@example.org authority.cert", &sop.ok(&folder, "armor", &certified));
        for (words, why) in [
            ("validate-userid alice@example.org other.cert", "another authority"),
            ("validate-userid bob@example.org authority.cert", "another user ID"),
            ("validate-userid alice authority.cert", "a part of the user ID"),
            ("validate-userid --validate-at=2000-01-01T00:00:00Z alice@example.org authority.cert", "before"),
        ] {
            assert_eq!(sop.code(&folder, words, &certified), 107, "{why}");
        }

        // The certification comes in by merging, and goes with the authority.
        folder.write("certified.cert", &certified);
        sop.ok(&folder, validate, &sop.ok(&folder, "merge-certs certified.cert", &alice));
        folder.write("revoked.cert", &sop.ok(&folder, "revoke-key", &read(&folder, "authority.key")));
        assert_eq!(sop.code(&folder, "validate-userid alice@example.org revoked.cert", &certified), 107);

        // A user ID that the owner does not sign is certified only on demand, and is never valid.
        let words = "certify-userid --userid=president@example.org authority.key";
        assert_eq!(sop.code(&folder, words, &alice), 107);
        let words = "certify-userid --no-require-self-sig --userid=president@example.org authority.key";
        let others = sop.ok(&folder, words, &alice);
        assert_eq!(sop.code(&folder, "validate-userid president@example.org authority.cert", &others), 107);
    }
    folder.write("password", b"open sesame");
    person(&folder, "default", "--with-key-password=password", "locked");
    let alice = read(&folder, "alice.cert");
    assert_eq!(sop.code(&folder, "certify-userid --userid=alice@example.org locked.key", &alice), 67);
    sop.ok(&folder, "certify-userid --with-key-password=password --userid=alice@example.org locked.key", &alice);
}
