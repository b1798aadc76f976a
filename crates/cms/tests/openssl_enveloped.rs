//! `openssl cms`, NSS `cmsutil` and `gpgsm` decrypt what is encrypted here, and the other way round.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use mailseal_cms::algorithm::{ContentCipher, RsaPadding};
use mailseal_cms::engine::Hash;
use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
use mailseal_cms::recipient::Recipient;

mod support;
use support::envelopes::{Person, open};
use support::testdata;

/// A directory for one conversation; `None`, said plainly, where the program is missing.
struct Peer {
    program: &'static str,
    directory: tempfile::TempDir,
}

impl Peer {
    fn new(program: &'static str) -> Option<Self> {
        if Command::new(program).arg("-h").output().is_err() {
            eprintln!("skipped: {program} is not installed");
            return None;
        }
        Some(Self { program, directory: tempfile::tempdir().unwrap() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, octets: &[u8]) {
        std::fs::write(self.path(name), octets).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs the program with these words, or `program` with the rest of them.
    fn run(&self, words: &[&str]) {
        self.run_other(self.program, words);
    }

    fn run_other(&self, program: &str, words: &[&str]) {
        let output = Command::new(program).args(words).current_dir(self.directory.path()).output().unwrap();
        assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// `openssl cms -encrypt` of `content`.
    fn openssl_encrypt(&self, content: &[u8], words: &[&str]) -> Vec<u8> {
        self.write("content", content);
        let first = ["cms", "-encrypt", "-binary", "-in", "content", "-outform", "DER", "-out", "sealed"];
        self.run(&[&first, words].concat());
        self.read("sealed")
    }

    /// `openssl cms -decrypt` as the person of this name.
    fn openssl_decrypt(&self, sealed: &[u8], name: &str) -> Vec<u8> {
        self.write("sealed", sealed);
        let (cert, key) = (shown(&format!("{name}.crt.pem")), shown(&format!("{name}.key.pem")));
        let first = ["cms", "-decrypt", "-binary", "-inform", "DER", "-in", "sealed", "-out", "opened"];
        self.run(&[&first[..], &["-recip", &cert, "-inkey", &key]].concat());
        self.read("opened")
    }
}

fn shown(file: &str) -> String {
    let path: &Path = &testdata(file);
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// Longer than our segments, our window and openssl's buffers, with every octet in it.
fn content() -> Vec<u8> {
    (0..100_000u32).map(|i| i.wrapping_mul(i) as u8 ^ (i >> 8) as u8).collect()
}

#[test]
fn openssl_ciphers_are_read() {
    let Some(openssl) = Peer::new("openssl") else { return };
    let (alice, bob) = (Person::named("alice"), Person::named("bob"));
    let (alice_cert, bob_cert) = (shown("alice.crt.pem"), shown("bob.crt.pem"));
    let ciphers = [
        ("-aes-128-cbc", "aes-128-cbc"),
        ("-aes-192-cbc", "aes-192-cbc"),
        ("-aes-256-cbc", "aes-256-cbc"),
        ("-aes-128-gcm", "aes-128-gcm"),
        ("-aes-192-gcm", "aes-192-gcm"),
        ("-aes-256-gcm", "aes-256-gcm"),
        ("-des3", "3des-cbc"),
    ];
    for (word, name) in ciphers {
        for form in [&[][..], &["-stream"], &["-keyid"]] {
            let recipients = [alice_cert.as_str(), &bob_cert];
            let sealed = openssl.openssl_encrypt(&content(), &[&[word][..], form, &recipients].concat());
            for person in [&alice, &bob] {
                let (facts, plaintext) = open(&sealed, &[person]).unwrap();
                assert_eq!(facts.cipher.name(), name);
                assert!(plaintext == content(), "{word} {form:?}");
            }
        }
    }
}

#[test]
fn openssl_recipients_are_read() {
    let Some(openssl) = Peer::new("openssl") else { return };
    let alice = [
        &[][..],
        &["-keyopt", "rsa_padding_mode:oaep"],
        &["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"],
        &["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha512", "-keyopt", "rsa_mgf1_md:sha1"],
        &["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha384", "-keyopt", "rsa_mgf1_md:sha384"],
    ];
    let bob = [
        &[][..],
        &["-keyopt", "ecdh_kdf_md:sha1"],
        &["-keyopt", "ecdh_kdf_md:sha224"],
        &["-keyopt", "ecdh_kdf_md:sha256", "-aes128-wrap"],
        &["-keyopt", "ecdh_kdf_md:sha384", "-aes192-wrap"],
        &["-keyopt", "ecdh_kdf_md:sha512", "-aes256-wrap"],
        &["-keyopt", "ecdh_kdf_md:sha256", "-keyopt", "ecdh_cofactor_mode:1"],
    ];
    for (name, variants) in [("alice", &alice[..]), ("bob", &bob)] {
        let person = Person::named(name);
        for variant in variants {
            for cipher in ["-aes-128-cbc", "-aes-256-gcm"] {
                let cert = shown(&format!("{name}.crt.pem"));
                let sealed = openssl.openssl_encrypt(b"text", &[&[cipher, "-recip", &cert], *variant].concat());
                assert_eq!(open(&sealed, &[&person]).unwrap().1, b"text", "{name} {variant:?} {cipher}");
            }
        }
    }
}

#[test]
fn openssl_reads_ours() {
    let Some(openssl) = Peer::new("openssl") else { return };
    let names = ["alice", "bob", "dave"];
    let ciphers = [
        ContentCipher::Aes128Cbc,
        ContentCipher::Aes192Cbc,
        ContentCipher::Aes256Cbc,
        ContentCipher::Aes128Gcm,
        ContentCipher::Aes256Gcm,
    ];
    for (cipher, hash) in
        ciphers.into_iter().zip([Hash::Sha256, Hash::Sha224, Hash::Sha384, Hash::Sha512, Hash::Sha256])
    {
        for padding in [RsaPadding::Pkcs1v15, RsaPadding::oaep(hash)] {
            let builder = names.into_iter().fold(EnvelopedDataBuilder::new(cipher), |builder, name| {
                let recipient = Recipient::from_certificate(&Person::named(name).cert).unwrap();
                builder.recipient(recipient.rsa_padding(padding.clone()).key_derivation(hash))
            });
            let mut writer = builder.encrypt(Vec::new()).unwrap();
            writer.write_all(&content()).unwrap();
            let sealed = writer.finish().unwrap();
            for name in names {
                assert!(openssl.openssl_decrypt(&sealed, name) == content(), "{name} {cipher:?} {padding:?}");
            }
        }
    }
}

#[test]
fn nss_reads_ours_and_is_read() {
    let Some(nss) = Peer::new("cmsutil") else { return };
    if Peer::new("pk12util").is_none() || Peer::new("certutil").is_none() {
        return;
    }
    nss.run_other("certutil", &["-N", "-d", "sql:.", "--empty-password"]);
    nss.run_other("pk12util", &["-i", &shown("alice.p12"), "-W", "alice", "-d", "sql:."]);
    let alice = Person::named("alice");
    for cipher in [ContentCipher::Aes128Cbc, ContentCipher::Aes256Cbc] {
        let recipient = Recipient::from_certificate(&alice.cert).unwrap();
        let mut writer = EnvelopedDataBuilder::new(cipher).recipient(recipient).encrypt(Vec::new()).unwrap();
        writer.write_all(&content()).unwrap();
        nss.write("sealed", &writer.finish().unwrap());
        nss.run(&["-D", "-d", "sql:.", "-i", "sealed", "-o", "opened"]);
        assert!(nss.read("opened") == content(), "{cipher:?}");
    }
    nss.write("content", &content());
    nss.run_other(
        "certutil",
        &["-A", "-d", "sql:.", "-a", "-n", "root", "-t", "CT,CT,CT", "-i", &shown("root.crt.pem")],
    );
    nss.run(&["-E", "-d", "sql:.", "-i", "content", "-o", "sealed", "-r", "alice@example.org"]);
    assert!(open(&nss.read("sealed"), &[&alice]).unwrap().1 == content());
}

/// Answers every question of the agent for a passphrase with "x": keys from PKCS#12 are never without one in gpgsm.
const PINENTRY: &str = "#!/bin/sh
echo OK
while read -r word rest; do
    [ \"$word\" != GETPIN ] || echo D x
    echo OK
    [ \"$word\" != BYE ] || exit 0
done
";

#[test]
fn gpgsm_reads_ours_and_is_read() {
    let (Some(gpgsm), Some(_)) = (Peer::new("gpgsm"), Peer::new("openssl")) else { return };
    let home = gpgsm.directory.path().to_str().unwrap().to_owned();
    std::fs::set_permissions(&home, Permissions::from_mode(0o700)).unwrap();
    gpgsm.write("pinentry", PINENTRY.as_bytes());
    std::fs::set_permissions(gpgsm.path("pinentry"), Permissions::from_mode(0o700)).unwrap();
    gpgsm.write("gpg-agent.conf", format!("pinentry-program {home}/pinentry\n").as_bytes());
    // gpgsm 2.2 does not read PBES2.
    let (cert, key) = (shown("alice.crt.pem"), shown("alice.key.pem"));
    let old = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-passout", "pass:x"];
    let export = ["pkcs12", "-export", "-in", &cert, "-inkey", &key, "-out", "alice.p12"];
    gpgsm.run_other("openssl", &[&export[..], &old].concat());

    let alice = Person::named("alice");
    let recipient = Recipient::from_certificate(&alice.cert).unwrap();
    let builder = EnvelopedDataBuilder::new(ContentCipher::Aes256Cbc).recipient(recipient);
    let mut writer = builder.encrypt(Vec::new()).unwrap();
    writer.write_all(&content()).unwrap();
    gpgsm.write("sealed", &writer.finish().unwrap());
    gpgsm.write("content", &content());

    let quiet = ["--homedir", &home, "--batch", "--disable-crl-checks", "--disable-dirmngr"];
    let run = |words: &[&str]| gpgsm.run(&[&quiet[..], words].concat());
    let (root, intermediate) = (shown("root.crt.pem"), shown("intermediate.crt.pem"));
    run(&["--import", &root, &intermediate]);
    run(&["--import", "alice.p12"]);
    run(&["--output", "opened", "--decrypt", "--assume-binary", "sealed"]);
    let opened = gpgsm.read("opened");
    std::fs::remove_file(gpgsm.path("sealed")).unwrap();
    let fingerprint = Hash::Sha1.digest(&der::pem::decode_vec(&std::fs::read(root).unwrap()).unwrap().1);
    let fingerprint: String = fingerprint.iter().map(|octet| format!("{octet:02X}")).collect();
    gpgsm.write("trustlist.txt", format!("{fingerprint} S relax\n").as_bytes());
    run(&["--output", "sealed", "--recipient", "alice@example.org", "--encrypt", "content"]);
    gpgsm.run_other("gpgconf", &["--homedir", &home, "--kill", "all"]);
    assert!(opened == content());
    assert!(open(&gpgsm.read("sealed"), &[&alice]).unwrap().1 == content());
}
