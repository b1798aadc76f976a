//! `mailseal key`: what is made, imported and trusted is what the other verbs use.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use assert_cmd::assert::Assert;
use common::ring::{key, print as fingerprint};
use common::{Sandbox, failed, stderr, stdout};
use mailseal_testkit::personas::{NOW, REVOKED};
use mailseal_testkit::program::Program;
use std::fs;

/// Another verb with that keyring.
fn with_ring(sandbox: &Sandbox, line: &str) -> Assert {
    let (verb, rest) = line.split_once(' ').unwrap();
    let mut command = sandbox.command();
    command.args([verb, "--keyring", "ring", "--batch", "--at", NOW]).args(rest.split_whitespace()).assert()
}

#[cfg(unix)]
fn mode(sandbox: &Sandbox, name: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(sandbox.path(name)).unwrap().permissions().mode() & 0o777
}

fn names(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(sandbox.path(folder)) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Made, listed, used: a draft is signed with a key of each technology, and the reader trusts it once it is pinned.
#[test]
fn generated_keys_sign() {
    let sandbox = Sandbox::new();
    sandbox.write("pass", "correct horse\n");
    let draft = sandbox.read("draft.eml").replace("alice@example.org", "ann@example.org");
    sandbox.write("draft.eml", draft);
    for (technology, name) in [("--pgp", "OpenPGP"), ("--smime", "S/MIME")] {
        let made = key(&sandbox, &format!("generate ann@example.org {technology} --name Ann --passphrase-file pass"));
        let made = made.success();
        let print = fingerprint(&made);
        assert_eq!(stdout(&made), format!("{print} {name} ann@example.org\n"));
        let listed = stdout(&key(&sandbox, &format!("list {print}")).success());
        assert_eq!(listed, format!("{print} {name} ann@example.org, until 2029-05-31, secret, trusted as pinned\n"));
        // The passphrase is needed, and is the one given.
        failed(with_ring(&sandbox, &format!("sign {technology} draft.eml")), 67);
        let signed = format!("sign {technology} --passphrase-file pass -o {name}.eml draft.eml")
            .replace("S/MIME.eml", "smime.eml");
        with_ring(&sandbox, &signed).success();
    }
    // Somebody else trusts neither, before pinning.
    key(&sandbox, "export ann@example.org -o ann.pem").success();
    let text = sandbox.read("ann.pem");
    assert!(
        text.contains("BEGIN CERTIFICATE") && text.contains("BEGIN PGP PUBLIC KEY BLOCK") && !text.contains("PRIVATE")
    );
    with_ring(&sandbox, "verify OpenPGP.eml smime.eml").success();
    sandbox.run("verify OpenPGP.eml smime.eml").code(3);
    #[cfg(unix)]
    for folder in ["ring/keys", "ring/revocations"] {
        assert_eq!(mode(&sandbox, folder), 0o700);
        assert!(names(&sandbox, folder).iter().all(|name| mode(&sandbox, &format!("{folder}/{name}")) == 0o600));
    }
    assert_eq!((names(&sandbox, "ring/keys").len(), names(&sandbox, "ring/revocations").len()), (2, 1));
}

/// Several addresses, in both technologies, told as JSON; version 6 where that is asked for.
#[test]
fn what_is_made_is_told_as_json() {
    let sandbox = Sandbox::new();
    let json = |line: &str| -> serde_json::Value {
        serde_json::from_str(&stdout(&key(&sandbox, &format!("{line} --no-passphrase --json")).success())).unwrap()
    };
    let addresses = serde_json::json!(["ann@example.org", "ann@work.example"]);
    for technology in ["--pgp", "--smime", "--pgp --profile rfc9580"] {
        let made = json(&format!("generate ann@example.org ann@work.example ann@example.org {technology}"));
        assert_eq!((&made["addresses"], &made["not_after"]), (&addresses, &"2029-05-31T00:00:00Z".into()), "{made}");
        assert!(sandbox.path(made["key"].as_str().unwrap()).exists());
        assert_eq!(made["revocation"].is_string(), technology.starts_with("--pgp"));
        let digits = if technology == "--pgp" { 40 } else { 64 };
        assert_eq!(made["fingerprint"].as_str().unwrap().len(), digits);
        let listed = stdout(&key(&sandbox, &format!("list {}", made["fingerprint"].as_str().unwrap())).success());
        assert!(listed.contains("ann@example.org ann@work.example, until 2029-05-31, secret"), "{listed}");
    }
    for file in ["", "-o ann.csr"] {
        let asked = json(&format!("request ann@example.org ann@work.example {file}"));
        assert_eq!(asked["addresses"], addresses);
        assert!(asked["request"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
        assert!(sandbox.path(asked["key"].as_str().unwrap()).exists());
    }
    assert!(sandbox.read("ann.csr").contains("CERTIFICATE REQUEST"));
}

/// RFC 9980 where the build knows it; else a plain refusal that names the builds that do, and nothing is left.
#[test]
fn post_quantum_keys() {
    let sandbox = Sandbox::new();
    let line = "generate ann@example.org --pgp --profile pqc --no-passphrase";
    let run = key(&sandbox, line);
    if run.get_output().status.success() {
        let draft = sandbox.read("draft.eml").replace("alice@example.org", "ann@example.org");
        sandbox.write("draft.eml", draft);
        with_ring(&sandbox, "encrypt --pgp -r ann@example.org -o sealed.eml draft.eml").success();
        with_ring(&sandbox, "open --require-signed sealed.eml").success();
    } else {
        let said = failed(run, 13);
        assert!(said.contains("openssl-vendored") && said.contains("rust-crypto"), "{said}");
        assert!(!sandbox.path("ring").exists());
    }
}

/// gpg reads the key and the revocation that were made.
#[test]
fn gpg_reads_what_is_made() {
    let sandbox = Sandbox::new();
    let print = fingerprint(&key(&sandbox, "generate ann@example.org --pgp --passphrase-file alice.pass").success());
    key(&sandbox, "export ann@example.org --secret --passphrase-file alice.pass -o ann.asc").success();
    fs::create_dir(sandbox.path("gnupg")).unwrap();
    let home = sandbox.path("gnupg").display().to_string();
    let gpg = |arguments: &[&str]| {
        let gpg = Program::find("gpg")?.args(["--homedir", &home, "--batch", "--pinentry-mode", "loopback"]);
        Some(gpg.args(["--passphrase", "alice"]).args(arguments).dir(&sandbox.path("")).run())
    };
    let Some(imported) = gpg(&["--import", "ann.asc"]) else { return };
    assert!(imported.stderr.contains("secret keys imported: 1"), "{}", imported.stderr);
    let Some(signed) = gpg(&["--clearsign", "--output", "-", "draft.eml"]) else { return };
    assert!(signed.status.success(), "{}", signed.stderr);
    let revocation = format!("ring/revocations/{print}.cert.asc");
    let Some(revoked) = gpg(&["--import", &revocation]) else { return };
    assert!(revoked.stderr.contains("revocation"), "{}", revoked.stderr);
    if let Some(gpgconf) = Program::find("gpgconf") {
        let _ = gpgconf.args(["--homedir", &home, "--kill", "all"]).run();
    }
}

/// Certificates, PKCS#12, a bare key beside its certificate: afterwards they encrypt, open and sign.
#[test]
fn what_is_imported_is_used() {
    let sandbox = Sandbox::new();
    let run = key(
        &sandbox,
        "import carol.cert.asc alice.p12 alice.key.asc bob.key.pem bob.crt.pem --passphrase-file alice.pass",
    );
    let told = stdout(&run.success());
    assert_eq!(told.lines().count(), 5, "{told}");
    assert_eq!(names(&sandbox, "ring/keys").len(), 3);
    // PKCS#12 became PEM, still locked.
    let kept: Vec<_> = names(&sandbox, "ring/keys").into_iter().filter(|name| name.ends_with(".pem")).collect();
    let texts: Vec<_> = kept.iter().map(|name| sandbox.read(&format!("ring/keys/{name}"))).collect();
    assert_eq!(texts.iter().filter(|text| text.contains("BEGIN ENCRYPTED PRIVATE KEY")).count(), 1);
    let listed = stdout(&key(&sandbox, "list").success());
    assert_eq!(listed.matches(", secret").count(), 3, "{listed}");
    failed(with_ring(&sandbox, "sign --smime draft.eml"), 67);
    with_ring(&sandbox, "sign --smime --passphrase-file alice.pass -o signed.eml draft.eml").success();
    // Carol is encrypted to once somebody vouches for her.
    with_ring(&sandbox, "check carol@example.org").code(17);
    let carol = stdout(&key(&sandbox, "list carol@example.org").success());
    assert!(carol.contains("nobody vouches for it"), "{carol}");
    key(&sandbox, &format!("trust {}", &carol[..16])).success();
    with_ring(&sandbox, "check carol@example.org").success();
    assert!(stdout(&key(&sandbox, "list carol@example.org").success()).contains("trusted as pinned"));
    with_ring(&sandbox, "encrypt --pgp -r carol@example.org -o sealed.eml draft.eml").success();
}

/// Attack 24: somebody else's certificate with a key that does not open it becomes nobody's own.
#[test]
fn a_key_that_does_not_open_is_not_imported() {
    let sandbox = Sandbox::new();
    failed(key(&sandbox, "import alice.p12"), 67);
    failed(key(&sandbox, "import locked.key.asc"), 67);
    key(&sandbox, "import alice.p12 --passphrase-file alice.pass").success();
    let name = names(&sandbox, "ring/keys").remove(0);
    let text = sandbox.read(&format!("ring/keys/{name}"));
    let key_block = &text[text.find("-----BEGIN ENCRYPTED").unwrap()..];
    sandbox.write("forged.pem", format!("{}{key_block}", sandbox.read("dave.crt.pem")));
    failed(key(&sandbox, "import forged.pem --passphrase-file alice.pass"), 41);
    assert_eq!(names(&sandbox, "ring/keys").len(), 1);
}

#[test]
fn exported_keys_are_read_by_others() {
    let sandbox = Sandbox::new();
    key(&sandbox, "import alice.p12 --passphrase-file alice.pass").success();
    failed(key(&sandbox, "export alice@example.org --secret -o out.p12"), 67);
    for compat in ["", "--compat legacy"] {
        let line =
            format!("export alice@example.org --secret {compat} --passphrase-file alice.pass -o out.p12 --overwrite");
        key(&sandbox, &line).success();
        let Some(openssl) = Program::find("openssl") else { return };
        let shown = openssl
            .args(["pkcs12", "-info", "-noout", "-passin", "pass:alice", "-in"])
            .arg(sandbox.path("out.p12"))
            .run();
        assert!(shown.status.success(), "{}", shown.stderr);
        let cipher = if compat.is_empty() { "AES-256-CBC" } else { "pbeWithSHA1And3-KeyTripleDES-CBC" };
        assert!(shown.stderr.contains(cipher), "{}", shown.stderr);
        sandbox.run("sign --smime --key out.p12 --passphrase-file alice.pass draft.eml").success();
    }
    failed(key(&sandbox, "export carol@example.org"), 61);
    failed(key(&sandbox, "export --compat legacy alice@example.org"), 2);
}

/// PKCS#10: the key waits, the authority's certificate finds it.
#[test]
fn a_request_and_its_answer() {
    let sandbox = Sandbox::new();
    key(&sandbox, "request ann@example.org --name Ann --passphrase-file alice.pass -o ann.csr").success();
    assert_eq!((names(&sandbox, "ring/requests").len(), names(&sandbox, "ring/keys").len()), (1, 0));
    key(&sandbox, "generate root@example.org --smime --no-passphrase").success();
    let authority = names(&sandbox, "ring/keys").remove(0);
    let Some(openssl) = Program::find("openssl") else { return };
    let authority = format!("ring/keys/{authority}");
    let _ = openssl
        .args(["x509", "-req", "-copy_extensions", "copy", "-days", "9000", "-in", "ann.csr", "-out", "ann.crt"])
        .args(["-CA", &authority, "-CAkey", &authority])
        .dir(&sandbox.path(""))
        .succeed();
    let imported = key(&sandbox, "import ann.crt").success();
    assert!(stderr(&imported).contains("answers the request"), "{}", stderr(&imported));
    assert_eq!((names(&sandbox, "ring/requests").len(), names(&sandbox, "ring/keys").len()), (0, 2));
    let listed = stdout(&key(&sandbox, "list ann@example.org").success());
    assert!(listed.contains(", secret"), "{listed}");
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "ann@"));
    with_ring(&sandbox, "sign --smime --passphrase-file alice.pass --at 2027-06-01T00:00:00Z draft.eml").success();
}

/// A copy without the revocation does not take the place of one with it.
#[test]
fn a_revocation_is_not_imported_away() {
    let sandbox = Sandbox::new();
    let print = fingerprint(&key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success());
    key(&sandbox, &format!("export {print} -o ann.asc")).success();
    let revoked = sandbox.read(&format!("ring/revocations/{print}.cert.asc"));
    key(&sandbox, &format!("remove --yes --secret {print}")).success();
    sandbox.write("revoked.asc", revoked);
    for file in ["ann.asc", "revoked.asc", "ann.asc"] {
        key(&sandbox, &format!("import {file}")).success();
    }
    key(&sandbox, &format!("trust {print}")).success();
    assert_eq!(names(&sandbox, "ring/certs").len(), 1);
    let told = stdout(&with_ring(&sandbox, "check ann@example.org").code(17));
    assert!(told.contains("revoked"), "{told}");
}

#[test]
fn anchors() {
    let sandbox = Sandbox::new();
    let root = fingerprint(&key(&sandbox, "import root.crt.pem").success());
    let alice = fingerprint(&key(&sandbox, "import alice.crt.pem intermediate.crt.pem").success());
    assert!(stdout(&key(&sandbox, &format!("list {alice}")).success()).contains("nobody vouches"));
    key(&sandbox, &format!("trust --anchor {root}")).success();
    let listed = stdout(&key(&sandbox, &format!("list {alice}")).success());
    assert!(listed.contains("trusted through"), "{listed}");
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&key(&sandbox, &format!("list --json {root}")).success())).unwrap();
    assert_eq!((&json["by"], &json["protocol"], &json["secret"]), (&"anchor".into(), &"smime".into(), &false.into()));
    let carol = fingerprint(&key(&sandbox, "import carol.cert.asc").success());
    failed(key(&sandbox, &format!("trust --anchor {carol}")), 2);
    failed(key(&sandbox, &format!("trust {carol} eve@example.org")), 2);
    failed(key(&sandbox, "trust abcdef"), 61);
}

#[test]
fn removing_asks_and_keeps_secrets() {
    let sandbox = Sandbox::new();
    let carol = fingerprint(&key(&sandbox, "import carol.cert.asc").success());
    let alice = fingerprint(&key(&sandbox, "import alice.key.asc").success());
    key(&sandbox, &format!("trust {carol}")).success();
    failed(key(&sandbox, &format!("remove {carol}")), 2);
    key(&sandbox, &format!("remove --yes {carol}")).success();
    assert!(names(&sandbox, "ring/certs").is_empty());
    assert_eq!(sandbox.read("ring/pins"), "");
    failed(key(&sandbox, &format!("remove --yes {alice}")), 2);
    key(&sandbox, &format!("remove --yes --secret {alice}")).success();
    assert!(names(&sandbox, "ring/keys").is_empty());
    failed(key(&sandbox, &format!("remove --yes --secret {alice}")), 61);
}

#[test]
fn mistakes() {
    let sandbox = Sandbox::new();
    failed(key(&sandbox, "generate ann@example.org --no-passphrase"), 2);
    failed(key(&sandbox, "generate ann@example.org --pgp --smime --no-passphrase"), 83);
    failed(key(&sandbox, "generate ann --pgp --no-passphrase"), 2);
    failed(key(&sandbox, "generate ann@example.org --pgp"), 67);
    failed(key(&sandbox, "generate ann@example.org --smime --no-passphrase --algorithm dsa"), 37);
    failed(key(&sandbox, "generate ann@example.org --pgp --no-passphrase --algorithm dsa"), 37);
    failed(key(&sandbox, "generate ann@example.org --pgp --no-passphrase --profile rfc1991"), 37);
    failed(key(&sandbox, "generate ann@example.org --smime --no-passphrase --profile rfc9580"), 83);
    failed(key(&sandbox, "generate ann@example.org --smime --no-passphrase --until 2020-01-01T00:00:00Z"), 2);
    failed(key(&sandbox, "generate ann@example.org --pgp --no-passphrase --until 2020-01-01T00:00:00Z"), 2);
    failed(key(&sandbox, "generate ann@example.org --pgp --no-passphrase --name <"), 2);
    failed(key(&sandbox, "import draft.eml"), 41);
    failed(key(&sandbox, "import missing.pem"), 61);
    failed(key(&sandbox, "list nobody@example.org"), 61);
    assert_eq!(stdout(&key(&sandbox, "list").success()), "");
    assert!(!sandbox.path("ring").exists());
}

/// A revocation list is kept where the other verbs look for it.
#[test]
fn imported_lists_count() {
    let sandbox = Sandbox::new();
    sandbox.take(&REVOKED.smime_cert());
    sandbox.take(&REVOKED.smime_key());
    key(&sandbox, "import intermediate.crt.pem").success();
    sandbox.run("sign --key revoked.key.pem --cert revoked.crt.pem -o mail draft.eml").success();
    let verify = "verify --anchor root.crt.pem --intermediate intermediate.crt.pem mail";
    with_ring(&sandbox, verify).success();
    key(&sandbox, "import intermediate.crl.pem").success();
    assert_eq!(names(&sandbox, "ring/crls"), ["intermediate.crl.pem"]);
    let words = stdout(&with_ring(&sandbox, verify).code(3));
    assert!(words.contains("revoked"), "{words}");
    // Another list of that name, of whomever, takes nothing back; nor does one more copy.
    fs::create_dir(sandbox.path("other")).unwrap();
    let revoking = fs::read(sandbox.path("intermediate.crl.pem")).unwrap();
    let twice = [revoking.as_slice(), b"\n"].concat();
    sandbox.write("other/intermediate.crl.pem", &twice);
    key(&sandbox, "import other/intermediate.crl.pem").success();
    key(&sandbox, "import intermediate.crl.pem").success();
    let mut kept = names(&sandbox, "ring/crls");
    kept.sort();
    assert_eq!(kept, ["intermediate-2.crl.pem", "intermediate.crl.pem"]);
    assert_eq!(fs::read(sandbox.path("ring/crls/intermediate.crl.pem")).unwrap(), revoking);
    assert!(stdout(&with_ring(&sandbox, verify).code(3)).contains("revoked"));
    // A hidden file would not be read.
    fs::remove_dir_all(sandbox.path("ring/crls")).unwrap();
    fs::rename(sandbox.path("intermediate.crl.pem"), sandbox.path(".hidden.pem")).unwrap();
    key(&sandbox, "import .hidden.pem").success();
    assert!(stdout(&with_ring(&sandbox, verify).code(3)).contains("revoked"));
}

/// Roots become anchors when that is asked for, those for mail alone.
#[test]
fn roots_of_nss_are_anchors() {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].map(std::path::Path::new);
    let places = folders.iter().flat_map(|folder| ["libnssckbi.so", "nss/libnssckbi.so"].map(|name| folder.join(name)));
    let Some(module) = places.into_iter().find(|place| place.is_file()) else {
        return mailseal_testkit::skip("libnssckbi.so (libnss3)");
    };
    let sandbox = Sandbox::new();
    sandbox.take(&module);
    failed(key(&sandbox, "import libnssckbi.so"), 41);
    assert!(names(&sandbox, "ring/anchors").is_empty(), "nothing is trusted that nobody asked for");
    let said = stdout(&key(&sandbox, "import --roots libnssckbi.so").success());
    assert!(said.contains("roots are trusted for mail"), "{said}");
    let listed = key(&sandbox, "list").success();
    assert!(stdout(&listed).lines().count() > 50 && stderr(&listed).is_empty(), "{listed}");
    failed(key(&sandbox, "import --roots root.crt.pem"), 41);
}

#[test]
fn a_passphrase_beside_no_passphrase() {
    let sandbox = Sandbox::new();
    sandbox.write("pass", "correct horse\n");
    for verb in ["generate ann@example.org --pgp", "request ann@example.org"] {
        failed(key(&sandbox, &format!("{verb} --no-passphrase --passphrase-file pass")), 83);
    }
    assert!(!sandbox.path("ring").exists());
}
