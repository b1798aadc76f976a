//! `version`.

use sop::Result;
use sop::ops::{self, VersionInfo};

/// What this program is.
pub(crate) struct Version;

impl ops::Version<'_> for Version {
    fn frontend(&self) -> Result<VersionInfo> {
        Ok(VersionInfo { name: "mailseal-sop".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
    }

    fn backend(&self) -> Result<VersionInfo> {
        Ok(VersionInfo {
            name: "sequoia-openpgp".to_owned(),
            version: mailseal_openpgp::stateless::engine().to_owned(),
        })
    }

    fn extended(&self) -> Result<String> {
        let backend = self.backend()?;
        Ok(format!("{} {}\n{}", backend.name, backend.version, mailseal_openpgp::stateless::arithmetic()))
    }
}
