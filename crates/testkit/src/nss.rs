//! NSS, the library of Thunderbird, through its program `cmsutil`.

use std::path::Path;

use crate::personas::{Persona, intermediate, root};
use crate::program::Program;

/// A certificate database for `cmsutil`, with the root of `testdata/` trusted for mail.
#[derive(Debug)]
pub struct Database {
    folder: tempfile::TempDir,
}

impl Database {
    /// A database without personas; none where NSS's programs are not installed ([`crate::skip`]).
    ///
    /// # Panics
    /// If the database cannot be made.
    #[must_use]
    pub fn new() -> Option<Self> {
        let certutil = Program::find("certutil")?;
        let database = Self { folder: tempfile::tempdir().expect("a temporary folder can be made") };
        drop(certutil.arg("-N").arg("-d").arg(database.name()).arg("--empty-password").succeed());
        database.add("root", ",C,", &root());
        database.add("intermediate", ",,", &intermediate());
        Some(database)
    }

    /// Adds the certificate and the key of a persona with a PKCS#12 file; its nickname is its name.
    ///
    /// # Panics
    /// If NSS refuses it.
    pub fn import(&self, persona: Persona) {
        let pk12util = self.program("pk12util").arg("-i").arg(persona.smime_p12());
        drop(pk12util.args(["-W", persona.name, "-K", ""]).succeed());
    }

    /// `cmsutil` with this database.
    ///
    /// # Panics
    /// If it is not installed.
    #[must_use]
    pub fn cmsutil(&self, verb: &str) -> Program {
        Program::find("cmsutil").expect("installed together with certutil").arg(verb).arg("-d").arg(self.name())
    }

    fn add(&self, nickname: &str, trust: &str, file: &Path) {
        drop(self.program("certutil").args(["-A", "-a", "-n", nickname, "-t", trust, "-i"]).arg(file).succeed());
    }

    fn program(&self, name: &str) -> Program {
        Program::find(name).expect("NSS's programs are installed together").arg("-d").arg(self.name())
    }

    fn name(&self) -> String {
        format!("sql:{}", self.folder.path().display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::personas::{ALICE, DAVE};

    #[test]
    fn cmsutil_signs_as_a_persona_and_encrypts_to_one() {
        let Some(database) = Database::new() else { return };
        database.import(ALICE);
        database.import(DAVE);
        let Some(openssl) = Program::find("openssl") else { return };
        let signed = database.cmsutil("-S").args(["-N", ALICE.name, "-G"]).stdin("words").succeed();
        let verify = openssl
            .args(["cms", "-verify", "-inform", "DER", "-CAfile"])
            .arg(root())
            .arg("-certfile")
            .arg(intermediate());
        assert_eq!(verify.stdin(signed).succeed(), b"words");
        let sealed = database.cmsutil("-E").args(["-r", DAVE.address]).stdin("words").succeed();
        assert_eq!(database.cmsutil("-D").stdin(sealed).succeed(), b"words");
    }
}
