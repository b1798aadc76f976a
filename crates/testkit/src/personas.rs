//! The people of `testdata/` and the time at which they are judged.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The time of the tests, 2026-06-01T00:00:00Z: every key and certificate of `testdata/` that should be valid is.
pub const NOW: &str = "2026-06-01T00:00:00Z";

/// [`NOW`] as the libraries take it.
#[must_use]
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_272_000)
}

/// A set of keys and certificates in `testdata/`, named after a person or after what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persona {
    /// The stem of the file names.
    pub name: &'static str,
    /// The address that the certificates name.
    pub address: &'static str,
}

/// Has both; RSA in S/MIME.
pub const ALICE: Persona = Persona { name: "alice", address: "alice@example.org" };
/// Has both: RSA in OpenPGP, P-256 in S/MIME.
pub const BOB: Persona = Persona { name: "bob", address: "bob@example.org" };
/// Has OpenPGP only.
pub const CAROL: Persona = Persona { name: "carol", address: "carol@example.org" };
/// Has S/MIME only.
pub const DAVE: Persona = Persona { name: "dave", address: "dave@example.org" };
/// OpenPGP only; the secret key has the passphrase [`LOCKED_PASSPHRASE`].
pub const LOCKED: Persona = Persona { name: "locked", address: "locked@example.org" };
/// S/MIME only, P-384.
pub const FRANK: Persona = Persona { name: "frank", address: "frank@example.org" };
/// S/MIME only, P-521.
pub const GRACE: Persona = Persona { name: "grace", address: "grace@example.org" };
/// S/MIME only, Ed25519; her certificate signs and nothing else.
pub const HEIDI: Persona = Persona { name: "heidi", address: "heidi@example.org" };
/// Heidi's other certificate, X25519: to it is encrypted and nothing else.
pub const HEIDI_READS: Persona = Persona { name: "heidi-reads", address: "heidi@example.org" };
/// S/MIME only, ML-DSA-65; his certificate signs and nothing else.
pub const IVAN: Persona = Persona { name: "ivan", address: "ivan@example.org" };
/// Ivan's other certificate, ML-KEM-768: to it is encrypted and nothing else.
pub const IVAN_READS: Persona = Persona { name: "ivan-reads", address: "ivan@example.org" };
/// The attacker, under her own name: OpenPGP, and S/MIME under a root of her own.
pub const EVE: Persona = Persona { name: "eve", address: "eve@example.org" };
/// The attacker with keys that name Alice's address.
pub const EVE_AS_ALICE: Persona = Persona { name: "eve-as-alice", address: "alice@example.org" };
/// S/MIME, ended on 2026-02-01.
pub const EXPIRED: Persona = Persona { name: "expired", address: "alice@example.org" };
/// S/MIME, revoked on 2026-03-01 by [`crl`].
pub const REVOKED: Persona = Persona { name: "revoked", address: "alice@example.org" };
/// S/MIME, RSA; Dave's address in a certificate that announces AES-256-GCM and OAEP.
pub const CAPABLE: Persona = Persona { name: "capable", address: "dave@example.org" };
/// S/MIME, good, for an address that is in no message.
pub const WRONG_ADDRESS: Persona = Persona { name: "wrong-address", address: "somebody.else@example.net" };

/// OpenPGP only; asks for the container of version 2 (RFC 9580 §5.13.2).
pub const ERIN: Persona = Persona { name: "erin", address: "erin@example.org" };
/// OpenPGP only, version 6: Ed25519 and X25519.
pub const JUDY: Persona = Persona { name: "judy", address: "judy@example.org" };

/// Opens [`LOCKED`]'s key.
pub const LOCKED_PASSPHRASE: &str = "correct horse";

impl Persona {
    /// The OpenPGP certificate, armored.
    #[must_use]
    pub fn openpgp_cert(&self) -> PathBuf {
        testdata("openpgp", &format!("{}.cert.asc", self.name))
    }

    /// The OpenPGP secret key, armored.
    #[must_use]
    pub fn openpgp_key(&self) -> PathBuf {
        testdata("openpgp", &format!("{}.key.asc", self.name))
    }

    /// The X.509 certificate, PEM.
    #[must_use]
    pub fn smime_cert(&self) -> PathBuf {
        testdata("smime", &format!("{}.crt.pem", self.name))
    }

    /// The key of the X.509 certificate, PKCS#8 in PEM without passphrase.
    #[must_use]
    pub fn smime_key(&self) -> PathBuf {
        testdata("smime", &format!("{}.key.pem", self.name))
    }

    /// Key, certificate and intermediate as PKCS#12; the passphrase is [`Persona::name`]. Everybody who signs or reads has one.
    #[must_use]
    pub fn smime_p12(&self) -> PathBuf {
        testdata("smime", &format!("{}.p12", self.name))
    }
}

/// The trust anchor of everybody but Eve, PEM.
#[must_use]
pub fn root() -> PathBuf {
    testdata("smime", "root.crt.pem")
}

/// The authority between [`root`] and the people, PEM.
#[must_use]
pub fn intermediate() -> PathBuf {
    testdata("smime", "intermediate.crt.pem")
}

/// The revocation list of [`intermediate`], PEM; [`REVOKED`] is on it.
#[must_use]
pub fn crl() -> PathBuf {
    testdata("smime", "intermediate.crl.pem")
}

/// The root of Eve, which has the same name as [`root`], PEM.
#[must_use]
pub fn eve_root() -> PathBuf {
    testdata("smime", "eve-root.crt.pem")
}

/// A draft of `testdata/messages/`, by its name without `.eml`.
#[must_use]
pub fn message(name: &str) -> PathBuf {
    testdata("messages", &format!("{name}.eml"))
}

fn testdata(folder: &str, file: &str) -> PathBuf {
    crate::workspace().join("testdata").join(folder).join(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_personas_name_is_there() {
        for persona in [ALICE, BOB, CAROL, LOCKED, EVE, EVE_AS_ALICE, ERIN] {
            assert!(persona.openpgp_cert().is_file() && persona.openpgp_key().is_file(), "{persona:?}");
        }
        for persona in [ALICE, BOB, DAVE, EVE, EVE_AS_ALICE, EXPIRED, REVOKED, WRONG_ADDRESS, CAPABLE, FRANK, GRACE] {
            assert!(persona.smime_cert().is_file() && persona.smime_key().is_file(), "{persona:?}");
        }
        for persona in [ALICE, BOB, DAVE, CAPABLE, FRANK, GRACE, HEIDI, HEIDI_READS, IVAN, IVAN_READS] {
            assert!(persona.smime_p12().is_file(), "{persona:?}");
        }
        for file in [root(), intermediate(), crl(), eve_root(), message("plain")] {
            assert!(file.is_file(), "{}", file.display());
        }
    }
}
