//! The keyboxes of gpg 2.1 and later are read, and broken ones do no harm.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use mailseal_core::{Error, NoPrompt, Protocol, keybox};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, Persona};
use std::fs;
use std::sync::Arc;

fn import(home: &Home, persona: Persona) {
    drop(home.gpg().arg("--import").arg(persona.openpgp_cert()).succeed());
}

fn pubring(home: &Home) -> Vec<u8> {
    fs::read(home.path().join("pubring.kbx")).unwrap()
}

fn fingerprints(encoded: &[u8]) -> Result<Vec<String>, Error> {
    let mut found: Vec<_> = OpenPgp.parse_certs(encoded)?.iter().map(|cert| cert.fingerprint().to_string()).collect();
    found.sort();
    Ok(found)
}

fn expected(personas: &[Persona]) -> Vec<String> {
    let mut expected: Vec<_> = personas
        .iter()
        .map(|persona| fingerprints(&fs::read(persona.openpgp_cert()).unwrap()).unwrap().remove(0))
        .collect();
    expected.sort();
    expected
}

/// What gpg has is what is read, before and after it deletes one.
#[test]
fn the_keyring_of_gpg() {
    let Some(home) = Home::new() else { return };
    [ALICE, BOB, CAROL].into_iter().for_each(|persona| import(&home, persona));
    assert_eq!(fingerprints(&pubring(&home)).unwrap(), expected(&[ALICE, BOB, CAROL]));
    drop(home.gpg().args(["--yes", "--delete-keys", &expected(&[BOB])[0]]).succeed());
    assert_eq!(fingerprints(&pubring(&home)).unwrap(), expected(&[ALICE, CAROL]));
    assert!(OpenPgp.parse_keys(&pubring(&home), "pubring.kbx", &[], Arc::new(NoPrompt)).is_err());
}

/// A spoilt certificate is left out, and the others are read; a broken length leaves nothing; nothing panics.
#[test]
fn broken_keyboxes() {
    let Some(home) = Home::new() else { return };
    [ALICE, CAROL].into_iter().for_each(|persona| import(&home, persona));
    let whole = pubring(&home);
    let blobs = keybox(&whole).unwrap().unwrap();
    let place = |octets: &[u8]| octets.as_ptr() as usize - whole.as_ptr() as usize;
    let first = place(blobs[0].content);
    for at in (first..first + blobs[0].content.len()).step_by(7).chain([place(blobs[0].sum)]) {
        let mut spoilt = whole.clone();
        spoilt[at] ^= 0x10;
        assert_eq!(fingerprints(&spoilt).unwrap().len(), 1, "octet {at}");
    }
    let mut both = whole.clone();
    blobs.iter().for_each(|blob| both[place(blob.sum)] ^= 1);
    assert!(fingerprints(&both).unwrap_err().to_string().contains("checksum"));
    for at in 0..whole.len().min(first + 64) {
        let mut changed = whole.clone();
        changed[at] = !changed[at];
        drop(fingerprints(&changed));
    }
    for end in (33..whole.len()).step_by(11) {
        let error = fingerprints(&whole[..end]).unwrap_err().to_string();
        assert!(error.contains("keybox"), "{error}");
    }
    assert!(fingerprints(&whole[..32]).unwrap_err().to_string().contains("there is none"));
}
