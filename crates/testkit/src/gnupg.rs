//! GnuPG with a home folder of its own, which is gone with its daemons when the test ends.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::personas::{Persona, intermediate, root};
use crate::program::Program;

/// Answers every question of the agent for a passphrase with "x": keys from PKCS#12 are never without one in gpgsm.
const PINENTRY: &str = "#!/bin/sh
echo OK
while read -r word rest; do
    [ \"$word\" != GETPIN ] || echo D x
    echo OK
    [ \"$word\" != BYE ] || exit 0
done
";

/// A home folder for `gpg` and `gpgsm`.
#[derive(Debug)]
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// An empty home; none where `gpg` is not installed ([`crate::skip`]).
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn new() -> Option<Self> {
        Program::find("gpg")?;
        // The path of the agent's socket has to be short: the system's temporary folder, not the build's.
        let private = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix("gpg").permissions(private).tempdir();
        let folder = folder.expect("a temporary folder can be made");
        let pinentry = folder.path().join("pinentry");
        fs::write(&pinentry, PINENTRY).expect("our folder");
        fs::set_permissions(&pinentry, Permissions::from_mode(0o700)).expect("our file");
        let configuration = format!("pinentry-program {}\ns2k-count 65536\n", pinentry.display());
        fs::write(folder.path().join("gpg-agent.conf"), configuration).expect("our folder");
        Some(Self { folder })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `gpg` in this home, asking nothing.
    ///
    /// # Panics
    /// If it is not installed.
    #[must_use]
    pub fn gpg(&self) -> Program {
        self.program("gpg").args(["--batch", "--pinentry-mode", "loopback", "--trust-model", "always"])
    }

    /// `gpgsm` in this home, asking nothing and fetching nothing.
    ///
    /// # Panics
    /// If it is not installed.
    #[must_use]
    pub fn gpgsm(&self) -> Program {
        self.program("gpgsm").args(["--batch", "--disable-crl-checks", "--disable-dirmngr"])
    }

    /// Gives `gpgsm` the authorities of `testdata/` as trusted, and the persona's key and certificate.
    ///
    /// # Panics
    /// If `gpgsm` or `openssl` refuses.
    pub fn import_smime(&self, persona: Persona) {
        let fingerprint = openssl(&["x509", "-noout", "-fingerprint", "-sha1", "-in"]).arg(root()).succeed();
        let fingerprint = String::from_utf8(fingerprint).expect("openssl writes ASCII");
        let (_, fingerprint) = fingerprint.trim_end().split_once('=').expect("openssl writes NAME=FINGERPRINT");
        fs::write(self.path().join("trustlist.txt"), format!("{fingerprint} S relax\n")).expect("our folder");
        drop(self.gpgsm().arg("--import").arg(root()).arg(intermediate()).succeed());
        let imported = (0..5).any(|_| self.import_p12(persona));
        assert!(imported, "gpgsm does not import {}", persona.name);
    }

    /// Gives `gpgsm` the key of a persona. One in a hundred files is refused for a wrong passphrase, because `gpgsm` 2.2
    /// derives a wrong key from some salts; another file of the same key has another salt.
    fn import_p12(&self, persona: Persona) -> bool {
        // gpgsm 2.2 does not read PBES2, which is what openssl 3 writes unless told.
        let p12 = openssl(&["pkcs12", "-export", "-passout", "pass:x", "-macalg", "sha1"])
            .args(["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-inkey"])
            .arg(persona.smime_key())
            .arg("-in")
            .arg(persona.smime_cert())
            .succeed();
        let file = self.path().join("import.p12");
        fs::write(&file, p12).expect("our folder");
        self.gpgsm().arg("--import").arg(file).run().status.success()
    }

    /// The keygrips of a certificate, the primary key's first.
    ///
    /// # Panics
    /// If `gpg` has no such certificate.
    #[must_use]
    pub fn keygrips(&self, whose: &str) -> Vec<String> {
        let listed = self.gpg().args(["--with-colons", "--with-keygrip", "--list-keys", whose]).succeed();
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let lines = listed.lines().filter(|line| line.starts_with("grp:"));
        lines.filter_map(|line| line.split(':').nth(9)).map(str::to_owned).collect()
    }

    /// Makes a certificate for `user_id` that claims the last key of `whose`, as anybody can do with the public key. The secret
    /// of its own primary key is gone afterwards.
    ///
    /// # Panics
    /// If `gpg` refuses.
    pub fn claim(&self, user_id: &str, whose: &str) {
        let gpg = || self.gpg().args(["--faked-system-time", "20260601T000000", "--passphrase", ""]);
        drop(gpg().args(["--quick-generate-key", user_id, "ed25519", "sign", "never"]).succeed());
        // 13 is a key that is there already; its uses stay as they are, and it has no end.
        let claimed = self.keygrips(whose).pop().expect("a certificate has a key");
        let answers = format!("addkey\n13\n{claimed}\nQ\n0\nsave\n");
        let edit = ["--no-batch", "--no-tty", "--expert", "--command-fd", "0", "--edit-key", user_id];
        drop(gpg().args(edit).stdin(answers).succeed());
        let grips = self.keygrips(user_id);
        assert_eq!(grips.last(), Some(&claimed), "gpg took the key");
        let own = self.path().join(format!("private-keys-v1.d/{}.key", grips[0]));
        fs::remove_file(own).expect("our folder");
        drop(self.program("gpgconf").args(["--reload", "gpg-agent"]).succeed());
    }

    fn program(&self, name: &str) -> Program {
        Program::find(name).expect("installed together with gpg").env("GNUPGHOME", self.path())
    }
}

fn openssl(arguments: &[&str]) -> Program {
    Program::find("openssl").expect("installed together with gpg").args(arguments)
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(gpgconf) = Program::find("gpgconf") {
            drop(gpgconf.env("GNUPGHOME", self.path()).args(["--kill", "all"]).run());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::personas::{ALICE, BOB, DAVE};

    #[test]
    fn a_home_imports_the_personas() {
        let Some(home) = Home::new() else { return };
        for persona in [ALICE, BOB] {
            drop(home.gpg().arg("--import").arg(persona.openpgp_key()).succeed());
        }
        let listed = String::from_utf8(home.gpg().args(["--with-colons", "--list-secret-keys"]).succeed())
            .expect("gpg writes UTF-8");
        assert!(listed.contains(ALICE.address) && listed.contains(BOB.address), "{listed}");
    }

    #[test]
    fn gpgsm_signs_as_a_persona_and_encrypts_to_one() {
        let Some(home) = Home::new() else { return };
        home.import_smime(ALICE);
        home.import_smime(DAVE);
        let signed = home.gpgsm().args(["--sign", "-u", ALICE.address]).stdin("words").succeed();
        let verify =
            openssl(&["cms", "-verify", "-inform", "DER", "-CAfile"]).arg(root()).arg("-certfile").arg(intermediate());
        assert_eq!(verify.stdin(signed).succeed(), b"words");
        let sealed = home.gpgsm().args(["--encrypt", "-r", DAVE.address]).stdin("words").succeed();
        let open = openssl(&["cms", "-decrypt", "-inform", "DER", "-inkey"]).arg(DAVE.smime_key());
        assert_eq!(open.stdin(sealed).succeed(), b"words");
    }
}
