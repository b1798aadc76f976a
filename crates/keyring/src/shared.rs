//! The certificate directory that OpenPGP programs share (draft-nwjw-openpgp-cert-d).

use mailseal_core::{Address, Cert, CertSource, Handle, Protocol, ProtocolId};
use memchr::memmem;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The largest file that is read; nobody's certificate is larger, but anybody may have put one there.
const LARGEST: u64 = 4 << 20;

/// The most octets that are read of a whole directory.
const LARGEST_DIRECTORY: u64 = 1 << 30;

/// A shared certificate directory: `ab/cdef…` holds the certificate whose fingerprint is `abcdef…`. Its certificates vouch for
/// nothing; `trust-root` and whatever else lies there is not read.
///
/// Nothing is read before something is asked. Then every file is, once, but only the few are parsed that have the octets of
/// the handle or address in them: a signature by the primary key names it in every self-signature, one by a subkey
/// names it in the signature that binds it back (RFC 9580 §5.2.1.8). The handle of a subkey that only encrypts is not found.
pub struct Shared {
    root: PathBuf,
    protocols: Vec<Arc<dyn Protocol>>,
    files: OnceLock<Vec<File>>,
}

struct File {
    encoded: Vec<u8>,
    certs: OnceLock<Vec<Cert>>,
}

impl Shared {
    /// The directory, which need not be there.
    pub fn new(root: PathBuf, protocols: &[Arc<dyn Protocol>]) -> Shared {
        let knows_openpgp = |protocol: &&Arc<dyn Protocol>| protocol.id() == ProtocolId::OPENPGP;
        let protocols = protocols.iter().filter(knows_openpgp).cloned().collect();
        Shared { root, protocols, files: OnceLock::new() }
    }

    /// The certificates of the files with these octets that will do.
    fn find(&self, octets: impl Fn(&[u8]) -> bool, will_do: impl Fn(&Cert) -> bool) -> Vec<Cert> {
        let files = self.files.get_or_init(|| files(&self.root));
        let candidates = files.iter().filter(|file| octets(&file.encoded));
        let certs = candidates.flat_map(|file| file.certs.get_or_init(|| self.parse(&file.encoded)));
        certs.filter(|cert| will_do(cert)).cloned().collect()
    }

    fn parse(&self, encoded: &[u8]) -> Vec<Cert> {
        self.protocols.iter().flat_map(|protocol| protocol.parse_certs(encoded).unwrap_or_default()).collect()
    }
}

impl CertSource for Shared {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        // Every self-signature has the Key ID in it, alone or in the fingerprint.
        let Some(id) = handle.key_id().filter(|_| !handle.is_wildcard()) else { return Vec::new() };
        let finder = memmem::Finder::new(&id);
        self.find(|encoded| finder.find(encoded).is_some(), |cert| cert.answers_to(handle))
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        let local = address.as_str().split('@').next().unwrap_or_default();
        let pattern = local.to_ascii_lowercase();
        // Other letters have several spellings: every file is looked at.
        let may_have = |encoded: &[u8]| {
            !pattern.is_ascii() || memmem::find(&encoded.to_ascii_lowercase(), pattern.as_bytes()).is_some()
        };
        self.find(may_have, |cert| cert.addresses().contains(address))
    }
}

/// The certificates' files in the order of their names.
fn files(root: &Path) -> Vec<File> {
    let mut found = Vec::new();
    let mut left = LARGEST_DIRECTORY;
    for folder in entries(root, |name| name.len() == 2) {
        for path in entries(&folder, |name| matches!(name.len(), 38 | 62)) {
            let length = fs::metadata(&path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len());
            let Some(length) = length.filter(|length| *length <= LARGEST.min(left)) else { continue };
            let Ok(encoded) = fs::read(&path) else { continue };
            left -= length;
            found.push(File { encoded, certs: OnceLock::new() });
        }
    }
    found
}

/// The entries whose names are so many hexadecimal digits in lower case.
fn entries(folder: &Path, has_length: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_hexadecimal = |name: &str| name.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'));
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| has_length(name) && is_hexadecimal(name))
        })
        .collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_openpgp::OpenPgp;
    use mailseal_smime::Smime;
    use mailseal_testkit::personas::{ALICE, BOB, CAROL, Persona};

    fn put(root: &Path, persona: Persona) -> Cert {
        let cert = OpenPgp.parse_certs(&fs::read(persona.openpgp_cert()).unwrap()).unwrap().remove(0);
        let name = cert.fingerprint().to_string();
        fs::create_dir_all(root.join(&name[..2])).unwrap();
        fs::write(root.join(&name[..2]).join(&name[2..]), cert.encoded()).unwrap();
        cert
    }

    fn shared(root: &Path) -> Shared {
        Shared::new(root.to_owned(), &[Arc::new(OpenPgp), Arc::new(Smime)])
    }

    #[test]
    fn found_by_what_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let [alice, bob, _] = [ALICE, BOB, CAROL].map(|persona| put(folder.path(), persona));
        let shared = shared(folder.path());
        for cert in [&alice, &bob] {
            let Handle::Fingerprint(octets) = cert.fingerprint() else { panic!("{cert:?}") };
            let id = Handle::KeyId(octets[12..].try_into().unwrap());
            assert_eq!(shared.by_handle(cert.fingerprint()), std::slice::from_ref(cert));
            assert_eq!(shared.by_handle(&id), std::slice::from_ref(cert));
            assert_eq!(shared.by_address(&cert.addresses()[0]), std::slice::from_ref(cert));
        }
        assert_eq!(shared.by_address(&Address::parse("ALICE@Example.org").unwrap()), [alice]);
        assert!(shared.by_address(&Address::parse("nobody@example.org").unwrap()).is_empty());
        for other in [
            Handle::KeyId([0; 8]),
            Handle::KeyId([7; 8]),
            Handle::KeyIdentifier(vec![1]),
            Handle::Fingerprint(vec![1]),
            Handle::Fingerprint(vec![1; 32]),
        ] {
            assert!(shared.by_handle(&other).is_empty());
        }
    }

    /// What lies there beside certificates, and certificates under other names, are not read; nothing need be there.
    #[test]
    fn what_else_lies_there() {
        let folder = tempfile::tempdir().unwrap();
        let encoded = fs::read(ALICE.openpgp_cert()).unwrap();
        let alice = OpenPgp.parse_certs(&encoded).unwrap().remove(0);
        fs::create_dir_all(folder.path().join("ab/cd")).unwrap();
        for name in ["trust-root", "writelock", "_sequoia", "ab/short", "ab/.hidden"] {
            fs::write(folder.path().join(name), &encoded).unwrap();
        }
        fs::write(folder.path().join("ab").join("0".repeat(38)), b"noise").unwrap();
        assert!(shared(folder.path()).by_handle(alice.fingerprint()).is_empty());
        assert!(shared(&folder.path().join("none")).by_address(&alice.addresses()[0]).is_empty());
    }
}
