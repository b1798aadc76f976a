//! The conversations of RFC 9788 Appendix C once more in OpenPGP: the same payloads under the same outer headers, signed and
//! encrypted with keys that gpg made.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use mailseal::openpgp::OpenPgp;
use mailseal_core::{Cert, Credential, NoPrompt, Policy, Protocol};
use mailseal_testkit::corpus::{self, Case};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas;
use serde_json::Value;

use crate::common::Sandbox;
use crate::gpg::look;
use crate::wire::{Entity, crlf, encrypted_part, find, pgp_encrypted, pgp_signed, signed_parts};

/// gpg makes its keys long before anybody writes.
const BORN: [&str; 2] = ["--faked-system-time", "20260101T000000"];
const PEOPLE: [&str; 2] = ["alice", "bob"];

/// Payloads of Appendix C that declare header protection: those only signed, and those encrypted too.
const SIGNED: usize = 4;
const ENCRYPTED: usize = 16;

/// The secret key of somebody of RFC 9216, made by gpg: Ed25519 with Curve25519.
fn made_by_gpg(home: &Home, name: &str) -> Vec<u8> {
    let address = format!("{name}@smime.example");
    let user = format!("{name} <{address}>");
    let gpg = || home.gpg().args(BORN).args(["--passphrase", ""]);
    drop(gpg().args(["--quick-generate-key", &user, "future-default", "default", "never"]).succeed());
    gpg().args(["--armor", "--export-secret-keys", &address]).succeed()
}

/// The outer header of a vector without what tells of its S/MIME.
fn outer_header(message: &[u8]) -> Vec<u8> {
    let end = find(message, b"\r\n\r\n").unwrap();
    let header = String::from_utf8(message[..end + 2].to_vec()).unwrap();
    let mut fields: Vec<String> = Vec::new();
    for line in header.split_inclusive("\r\n") {
        match fields.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(field) => field.push_str(line),
            None => fields.push(line.to_owned()),
        }
    }
    fields.retain(|field| !field.starts_with("Content-"));
    fields.concat().into_bytes()
}

fn signed(payload: &[u8], by: &Credential) -> Vec<u8> {
    let mut armor = Vec::new();
    let policy = Policy::at(personas::now());
    let signed = OpenPgp.sign(&payload.to_vec(), std::slice::from_ref(by), &policy, &mut armor).unwrap();
    pgp_signed(payload, &armor, &signed.micalg)
}

fn sealed(payload: &[u8], to: &[Cert], by: &Credential) -> Vec<u8> {
    let mut armor = Vec::new();
    let policy = Policy::at(personas::now());
    OpenPgp.encrypt(&payload.to_vec(), to, std::slice::from_ref(by), &policy, &mut armor).unwrap();
    pgp_encrypted(&armor)
}

/// What gpg takes out, once it has found the signature good: exactly what was put in.
fn by_gpg(home: &Home, message: &[u8], encrypted: bool) -> Vec<u8> {
    let (content, status) = if encrypted {
        let (content, status) = look(home, &["--decrypt"], &encrypted_part(message));
        assert!(status.contains("DECRYPTION_OKAY") && status.contains("GOODMDC"), "{status}");
        (content, status)
    } else {
        let (content, signature) = signed_parts(message);
        let files = [home.path().join("signature"), home.path().join("content")];
        fs::write(&files[0], signature).unwrap();
        fs::write(&files[1], &content).unwrap();
        let (_, status) = look(home, &["--verify", files[0].to_str().unwrap(), files[1].to_str().unwrap()], b"");
        (content, status)
    };
    let good: Vec<_> = status.lines().filter(|line| line.starts_with("[GNUPG:] GOODSIG ")).collect();
    assert!(good.len() == 1 && good[0].ends_with("<alice@smime.example>"), "{status}");
    content
}

/// What we tell of a message, and the octets of its payload.
fn opened(sandbox: &Sandbox, options: &str, message: &[u8]) -> (Value, Vec<u8>) {
    sandbox.write("mail.eml", message);
    let run = sandbox.run(&format!("open --payload --report told.json {options} mail.eml")).success();
    (serde_json::from_str(&sandbox.read("told.json")).unwrap(), run.get_output().stdout.clone())
}

/// Puts the keys of a vector on the desk; gives the options that name them.
fn keys_of(sandbox: &Sandbox, case: &Case) -> String {
    let mut options = String::new();
    for anchor in &case.anchors {
        options += &format!(" --anchor {}", taken(sandbox, anchor));
    }
    for secret in &case.secrets {
        let key = taken(sandbox, &secret.file);
        sandbox.write(&format!("{key}.pass"), secret.password.as_deref().unwrap());
        options += &format!(" --key {key} --passphrase-file {key}.pass");
    }
    options
}

fn taken(sandbox: &Sandbox, file: &Path) -> String {
    let name = format!("vector-{}", file.file_name().unwrap().to_str().unwrap());
    sandbox.write(&name, fs::read(file).unwrap());
    name
}

/// The statuses that the fields of a verdict have.
fn statuses(told: &Value) -> BTreeSet<&str> {
    told["headers"].as_array().unwrap().iter().map(|field| field["status"].as_str().unwrap()).collect()
}

/// R90, R95, R96: gpg takes the same octets out of the twin of each S/MIME message, and we say the same of both.
#[test]
fn the_twins_of_appendix_c() {
    let (Some(home), Some(cases)) = (Home::new(), corpus::cases("rfc9788")) else { return };
    let sandbox = Sandbox::new();
    let keys = PEOPLE.map(|name| {
        let secret = made_by_gpg(&home, name);
        sandbox.write(&format!("{name}.gpg"), &secret);
        OpenPgp.parse_keys(&secret, name, &[], Arc::new(NoPrompt)).unwrap().remove(0)
    });
    sandbox.write("alice.cert", home.gpg().args(["--armor", "--export", "alice@smime.example"]).succeed());
    let certs = keys.each_ref().map(|key| key.cert.clone());
    let mut counts = (0, 0);
    for case in &cases {
        let Ok(payload) = fs::read(case.file.with_extension("payload")) else { continue };
        let encrypted = match Entity::parse(&payload).parameter("hp") {
            Some("clear") => false,
            Some("cipher") => true,
            _ => continue,
        };
        let vector = crlf(&fs::read(&case.file).unwrap());
        let protected = if encrypted { sealed(&payload, &certs, &keys[0]) } else { signed(&payload, &keys[0]) };
        let twin = [outer_header(&vector), protected].concat();
        assert_eq!(by_gpg(&home, &twin, encrypted), payload, "{}", case.id);

        let (of_vector, octets) = opened(&sandbox, &keys_of(&sandbox, case), &vector);
        assert_eq!(octets, payload, "{}", case.id);
        let (of_twin, octets) = opened(&sandbox, "--key bob.gpg --cert alice.cert", &twin);
        assert_eq!(octets, payload, "{}", case.id);
        assert_eq!(of_twin["headers"], of_vector["headers"], "{}", case.id);
        let summary = if encrypted { "signed+encrypted" } else { "signed" };
        for told in [&of_twin, &of_vector] {
            assert_eq!((&told["summary"], &told["sender"]["status"]), (&summary.into(), &"verified".into()), "{told}");
            let hidden = statuses(told).contains("signed-and-encrypted");
            assert_eq!((hidden, statuses(told).contains("signed-only")), (encrypted, true), "{told}");
        }
        let layers =
            |told: &Value| told["layers"].as_array().unwrap().iter().all(|layer| layer["protocol"] == "openpgp");
        assert!(layers(&of_twin) && !layers(&of_vector), "{of_twin}");
        if encrypted { counts.1 += 1 } else { counts.0 += 1 }
    }
    assert_eq!(counts, (SIGNED, ENCRYPTED));
}
