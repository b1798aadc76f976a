//! The certificate directory that OpenPGP programs share is read by every verb, and vouches for nothing.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, stdout};
use mailseal_testkit::personas::NOW;
use mailseal_testkit::program::Program;
use std::fs;

/// The certificate of a file put into the directory under its fingerprint, binary, as sq would.
fn share(sandbox: &Sandbox, directory: &str, cert: &str) -> Option<String> {
    let listed = sandbox.command().args(["key", "import", "--keyring", "aside", "--batch", cert]).assert().success();
    let fingerprint = stdout(&listed).split(' ').next().unwrap().to_owned();
    let folder = sandbox.path(directory).join(&fingerprint[..2]);
    fs::create_dir_all(&folder).unwrap();
    let binary = Program::find("gpg")?.arg("--dearmor").stdin(sandbox.read(cert)).succeed();
    fs::write(folder.join(&fingerprint[2..]), binary).unwrap();
    Some(fingerprint)
}

/// Found in the known places, used once it is pinned, not looked for with --no-keyring.
#[test]
fn found_pinned_and_used() {
    for (variable, value, directory) in [
        ("PGP_CERT_D", "certs", "certs"),
        ("XDG_DATA_HOME", "data", "data/pgp.cert.d"),
        ("NONE", "", ".local/share/pgp.cert.d"),
    ] {
        let sandbox = Sandbox::with_mail();
        let Some(alice) = share(&sandbox, directory, "alice.cert.asc") else { return };
        let run = |words: &[&str]| {
            let mut command = sandbox.command();
            command.env(variable, value).args(words).args(["--at", NOW]).assert()
        };
        let verify = run(&["verify", "--keyring", "ring", "--batch", "signed.eml"]);
        drop(verify.code(61)); // the keyring that is named must be there
        fs::create_dir(sandbox.path("ring")).unwrap();
        let verdict = stdout(&run(&["verify", "--keyring", "ring", "--batch", "--json", "signed.eml"]).code(3));
        assert!(verdict.contains(r#""check":"valid""#) && verdict.contains(r#""reason":"untrusted""#), "{verdict}");
        assert!(verdict.contains(&alice), "{verdict}");
        let unseen = stdout(&run(&["verify", "--no-keyring", "--batch", "--json", "signed.eml"]).code(3));
        assert!(unseen.contains(r#""check":"certificate-missing""#), "{unseen}");

        sandbox.write("ring/pins", format!("openpgp {alice} alice@example.org\n"));
        run(&["verify", "--keyring", "ring", "--batch", "signed.eml"]).success();
        let checked = stdout(&run(&["check", "--keyring", "ring", "alice@example.org"]).success());
        assert!(checked.contains(&alice) && checked.contains("pinned"), "{checked}");
    }
}
