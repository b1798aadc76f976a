//! Signs and encrypts one draft to an OpenPGP and to an S/MIME recipient, opens both messages, prints their verdicts.

use mailseal::{Encrypt, Mail, Named, NoPrompt, Policy, Protocols, openpgp::OpenPgp, smime::Smime};
use mailseal_keyring::Store;
use std::{error::Error, fs::read, sync::Arc, time::SystemTime};

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let protocols = Protocols::default().with(OpenPgp).with(Smime);
    let mut store = Store::new(protocols.as_slice());
    for file in ["openpgp/alice.cert.asc", "openpgp/carol.cert.asc", "smime/alice.crt.pem", "smime/dave.crt.pem"] {
        let certs = store.parse_certs(file, &read(format!("testdata/{file}"))?)?;
        store.add_certs(certs);
    }
    for file in ["openpgp/alice.key.asc", "openpgp/carol.key.asc", "smime/alice.key.pem"] {
        store.add_keys(file, &read(format!("testdata/{file}"))?, Arc::new(NoPrompt))?;
    }
    let trust = Named::new(store.certs()); // whoever is named here is vouched for by us
    let store = Arc::new(store);
    let mail = Mail::new(protocols, store.clone(), store, trust, Policy::at(SystemTime::now()));

    let draft = read("testdata/messages/plain.eml")?; // Alice to Carol (OpenPGP) and Dave (S/MIME)
    let plan = mail.compose(&draft)?.sign().encrypt(Encrypt::Always).plan()?;
    for out in plan.protect()? {
        let sealed = out.to_vec()?; // or out.write_to(&mut file), whatever the size
        let opened = mail.open(&sealed)?;
        println!("to {:?}: {}", out.rcpt_to, opened.verdict(None).to_json());
    }
    Ok(())
}
