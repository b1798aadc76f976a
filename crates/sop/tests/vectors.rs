//! Files of other people's tests: the samples of RFC 9580, cleartext messages, keys of every algorithm.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Folder, Sop};
use mailseal_testkit::corpus::vectors;
use std::path::Path;

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// RFC 9580 Appendix A: the certificate, the key open and locked, the cleartext message, the messages to a password.
#[test]
fn samples_of_the_standard() {
    let Some(vectors) = vectors() else { return };
    let (sop, folder, samples) = (Sop::ours(), Folder::new(), vectors.join("sequoia/data/crypto-refresh"));
    let sample = |name: &str| std::fs::read(samples.join(name)).unwrap();
    let cert = samples.join("v6-minimal-cert.key");

    let message = sample("cleartext-signed-message.txt");
    let words = format!("inline-verify --verifications-out=told {}", shown(&cert));
    assert_eq!(sop.ok(&folder, &words, &message), sample("cleartext-signed-message.txt.plain"));
    assert!(folder.take("told").starts_with("2022-12-13T16:08:03Z CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F"));

    folder.write("password", b"correct horse battery staple");
    for (option, key) in [
        ("", "v6-minimal-secret.key"),
        ("--with-key-password=password", "v6-minimal-secret-locked.key"),
        ("--with-key-password=password", "v6-minimal-secret-locked-for-constrained-envs.key"),
    ] {
        let key = samples.join(key);
        folder.write("sig", &sop.ok(&folder, &format!("sign {option} {}", shown(&key)), b"text"));
        sop.ok(&folder, &format!("verify sig {}", shown(&cert)), b"text");
    }

    folder.write("password", b"password");
    for name in ["v6skesk-aes128-ocb.pgp", "v6skesk-aes128-gcm.pgp"] {
        assert_eq!(sop.ok(&folder, "decrypt --with-password=password", &sample(name)), b"Hello, world!", "{name}");
    }
    folder.write("wrong", b"passwort");
    assert_eq!(sop.code(&folder, "decrypt --with-password=wrong", &sample("v6skesk-aes128-ocb.pgp")), 29);
}

/// Keys of every algorithm of RFC 9580, by rPGP: each opens its messages and verifies its cleartext message; a version 6 key with
/// a legacy algorithm is none.
#[test]
fn keys_of_every_algorithm() {
    let Some(vectors) = vectors() else { return };
    let (sop, folder, root) = (Sop::ours(), Folder::new(), vectors.join("rpgp/tests/rfc9580"));
    let (mut opened, mut verified) = (0, 0);
    for entry in std::fs::read_dir(&root).unwrap() {
        let case = entry.unwrap().path();
        let key = case.join("tsk.asc");
        let Ok(secret) = std::fs::read(&key) else { continue };
        if case.ends_with("v6-legacy_illegal") {
            assert_eq!(sop.code(&folder, "extract-cert", &secret), 41);
            continue;
        }
        folder.write("cert", &sop.ok(&folder, "extract-cert", &secret));
        for name in ["enc-seipdv1.msg", "enc-seipdv2.msg"] {
            let Ok(message) = std::fs::read(case.join(name)) else { continue };
            assert_eq!(sop.ok(&folder, &format!("decrypt {}", shown(&key)), &message), b"hello world\n");
            opened += 1;
        }
        if let Ok(message) = std::fs::read(case.join("csf.msg")) {
            assert!(!sop.ok(&folder, "inline-verify cert", &message).is_empty(), "{}", case.display());
            verified += 1;
        }
    }
    assert_eq!((opened, verified), (15, 6));
}

/// Cleartext messages: empty, with an empty line first; `NotDashEscaped`, which hides what is signed, is refused.
#[test]
fn cleartext_messages() {
    let Some(vectors) = vectors() else { return };
    let (sop, folder, root) = (Sop::ours(), Folder::new(), vectors.join("rpgp/tests/unit-tests/csf"));
    let read = |name: &str| std::fs::read(root.join(name)).unwrap();
    let words = format!("inline-verify {}", shown(&root.join("alice.pub.asc")));
    for (name, text) in [("msg.csf", "hello world\n"), ("empty.csf", ""), ("starts-with-newline.csf", "\ntest\n")] {
        assert_eq!(sop.ok(&folder, &words, &read(name)), text.as_bytes(), "{name}");
    }
    assert_eq!(sop.code(&folder, &words, &read("gpg.fail-notdash")), 41);

    let data = vectors.join("sequoia/data");
    let words = format!("inline-verify {}", shown(&data.join("keys/testy-new.pgp")));
    for name in ["a-cypherpunks-manifesto.txt", "a-problematic-poem.txt"] {
        let message = std::fs::read(data.join(format!("messages/{name}.cleartext.sig"))).unwrap();
        let lines = |text: Vec<u8>| String::from_utf8(text).unwrap().trim_end().to_owned();
        let text = lines(std::fs::read(data.join(format!("messages/{name}"))).unwrap());
        assert_eq!(lines(sop.ok(&folder, &words, &message)), text, "{name}");
    }
}
