//! Whatever comes in: the documented exit code, one clear line, nothing left behind, no panic.

mod common;

use std::process::Stdio;

use common::{Sandbox, failed, stderr, stdout};

/// Not one of them is a mail message.
fn no_messages() -> Vec<(&'static str, Vec<u8>)> {
    let garbage = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let nested = {
        let mut mail = String::from("From: eve@example.org\n");
        for level in 0..2000 {
            mail += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }
        mail.into_bytes()
    };
    let header = format!("From: eve@example.org\nSubject: {}\n\nbody\n", "x".repeat(2 << 20));
    let fields = format!("From: eve@example.org\n{}\nbody\n", "X-A: b\n".repeat(400_000));
    vec![
        ("empty", vec![]),
        ("garbage", garbage),
        ("zeros", vec![0; 4096]),
        ("text", b"no header at all, just words\n".to_vec()),
        ("nested", nested),
        ("huge field", header.into_bytes()),
        ("many fields", fields.into_bytes()),
    ]
}

#[test]
fn what_is_no_message_is_41() {
    let sandbox = Sandbox::new();
    let before = sandbox.names();
    for (name, octets) in no_messages() {
        for line in [
            "sign --key alice.key.asc -o out.eml",
            "sign --smime --key alice.key.pem --cert alice.crt.pem -o out.eml",
            "encrypt --key alice.key.asc --cert carol.cert.asc -r carol@example.org -o out.eml",
            "open --key carol.key.asc -o out.eml",
            "verify --cert alice.cert.asc",
            "inspect",
        ] {
            let run = sandbox.run_with(line, &octets);
            let said = format!("{name}, {line}: {}{}", stdout(&run), stderr(&run));
            assert_eq!(run.get_output().status.code(), Some(41), "{said}");
            failed(run, 41);
            assert_eq!(sandbox.names(), before, "{name}, {line}");
        }
    }
}

#[test]
fn messages_in_odd_forms_are_read() {
    let sandbox = Sandbox::with_mail();
    let plain = sandbox.read("draft.eml");
    let odd = [
        ("bare LF", plain.replace("\r\n", "\n").into_bytes()),
        ("CRLF", plain.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()),
        ("8-bit", plain.replace("bridge", "br\u{fc}cke").into_bytes()),
        (
            "Latin-1",
            plain
                .replace("bridge", "bridge \u{1}")
                .into_bytes()
                .iter()
                .map(|&c| if c == 1 { 0xfc } else { c })
                .collect(),
        ),
        ("no body", plain.split("\n\n").next().unwrap().as_bytes().to_vec()),
        ("cut in the header", plain.as_bytes()[..40].to_vec()),
    ];
    for (name, octets) in odd {
        let run = sandbox.run_with("verify", &octets);
        assert_eq!(run.get_output().status.code(), Some(3), "{name}: {}", stderr(&run));
        sandbox.run_with("open", &octets).success();
    }
}

/// R61: a signature that was cut off is none; nothing of it passes for more
#[test]
fn truncated_at_any_place() {
    let sandbox = Sandbox::with_mail();
    for file in ["signed.eml", "sealed.eml"] {
        let whole = sandbox.read(file);
        for tenth in 1..10 {
            let cut = &whole.as_bytes()[..whole.len() * tenth / 10];
            let run = sandbox.run_with("open --key carol.key.asc --cert alice.cert.asc --require-signed", cut);
            let code = run.get_output().status.code().unwrap();
            assert!([3, 29, 41].contains(&code), "{file} {tenth}: {code} {}", stderr(&run));
            assert_eq!(stdout(&run), "", "{file} {tenth}");
            assert!(!stderr(&run).contains("panicked"));
        }
    }
}

#[test]
fn no_input_is_61() {
    let sandbox = Sandbox::new();
    let before = sandbox.names();
    for verb in ["sign --key alice.key.asc -o out.eml", "open -o out.eml", "verify", "inspect"] {
        for name in ["gone.eml", "."] {
            failed(sandbox.run(&format!("{verb} {name}")), 61);
        }
    }
    for line in [
        "verify --maildir gone",
        "verify --maildir .",
        "verify --mbox gone",
        "verify --files-from gone",
        "verify --cert gone draft.eml",
        "verify --intermediate gone draft.eml",
        "verify --anchor gone draft.eml",
        "verify --crl gone draft.eml",
        "open --key gone draft.eml",
        "open --passphrase-file gone draft.eml",
    ] {
        failed(sandbox.run(line), 61);
    }
    assert_eq!(sandbox.names(), before);
}

#[test]
fn what_is_no_certificate_or_key_is_41() {
    let sandbox = Sandbox::new();
    for option in ["--cert", "--intermediate", "--anchor", "--crl", "--key"] {
        let said = failed(sandbox.run(&format!("verify {option} draft.eml draft.eml")), 41);
        assert!(said.contains("draft.eml"), "{said}");
    }
}

#[test]
fn a_reader_that_hangs_up() {
    let sandbox = Sandbox::with_mail();
    for args in [
        &["open", "--no-keyring", "--batch", "--key", "carol.key.asc", "sealed.eml"][..],
        &["verify", "--no-keyring", "--batch", "signed.eml"],
        &["verify", "--no-keyring", "--batch", "--json", "signed.eml"],
        &["inspect", "signed.eml"],
        &["schema"],
        &["completions", "zsh"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_mailseal"))
            .args(args)
            .current_dir(sandbox.path(""))
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let code = child.wait().unwrap().code();
        let mut said = String::new();
        std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut said).unwrap();
        assert_eq!(code, Some(1), "{args:?}: {said}");
        assert!(!said.contains("error") && !said.contains("panicked"), "{args:?}: {said}");
    }
}

#[test]
fn several_messages_exit_with_the_worst() {
    let sandbox = Sandbox::with_mail();
    sandbox.run("verify --cert alice.cert.asc signed.eml").success();
    sandbox.run("verify --cert alice.cert.asc signed.eml draft.eml").code(3);
    sandbox.run("verify --cert alice.cert.asc gone.eml signed.eml draft.eml").code(61);
    sandbox.run("verify --cert alice.cert.asc signed.eml alice.pass draft.eml").code(41);
    sandbox.run("verify --cert alice.cert.asc --fail-on never signed.eml draft.eml").success();
}
