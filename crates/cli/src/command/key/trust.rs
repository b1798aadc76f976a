//! `mailseal key trust`

use mailseal_keyring::Place;

use super::ring::{Files, failure, line, only, say};
use crate::{
    args::key::Trust,
    command::protect,
    exit::{Exit, Failure},
    output::talk::note,
};

/// Pins a certificate to its addresses, or makes an authority an anchor.
pub(super) fn run(args: &Trust) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let found = files.one(&args.which)?;
    let cert = only(found.iter().map(|held| &held.cert), &args.which)?;
    if args.anchor {
        let (_, key_files) = files.key_files(cert.protocol())?;
        if key_files.endings().anchor.is_none() {
            return Err(Failure::new(Exit::Usage, "only X.509 has trust anchors").hint("without --anchor it is pinned"));
        }
        if !key_files.is_authority(cert) {
            return Err(Failure::new(Exit::Usage, format!("{} is no authority: it may certify nobody", args.which))
                .hint("without --anchor it is pinned, and trusted for itself"));
        }
        let text = key_files.write_cert(cert).map_err(|error| failure(&args.which, error))?;
        let path = files.put(Place::Anchors, cert, &text)?;
        note(&format!("whatever it certifies is trusted now: {}", path.display()));
        return say(&line(cert));
    }
    let addresses = match &args.address {
        Some(text) => {
            let address = protect::address(text)?;
            if !cert.addresses().contains(&address) {
                let message = format!("{} does not name {text}", args.which);
                return Err(
                    Failure::new(Exit::Usage, message).hint("a pin counts only for an address of the certificate")
                );
            }
            vec![address]
        }
        None => cert.addresses().to_vec(),
    };
    if addresses.is_empty() {
        return Err(
            Failure::new(Exit::Usage, format!("{} names no address", args.which)).hint("--anchor trusts an authority")
        );
    }
    for address in &addresses {
        files.folder.pin(cert, address)?;
    }
    say(&line(cert))
}
