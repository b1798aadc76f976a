//! GnuPG with a home folder of its own, which is gone with its daemons when the test ends.

use std::path::Path;

use crate::program::Program;

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
        // The path of the agent's socket has to be short: the system's temporary folder, not the build's. It is 0700.
        let folder = tempfile::Builder::new().prefix("gpg").tempdir().expect("a temporary folder can be made");
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
        self.program("gpgsm").args([
            "--batch",
            "--pinentry-mode",
            "loopback",
            "--disable-crl-checks",
            "--disable-dirmngr",
        ])
    }

    fn program(&self, name: &str) -> Program {
        Program::find(name).expect("installed together with gpg").env("GNUPGHOME", self.path())
    }
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
    use crate::personas::{ALICE, BOB};

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
}
