//! The roots for mail of NSS: its own module as Debian ships it, and certdata text of certificates made on the spot.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::authority::*;
use mailseal_core::{Cert, Error, Judgement, Purpose, Question, Reason, Trust};
use mailseal_smime::{Certificate, MailRoots, Pkix, parse_anchors};
use mailseal_testkit::program::Program;
use sha1::{Digest, Sha1};
use std::path::PathBuf;

/// `libnssckbi.so`, where Debian has it.
fn module() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let places = folders.flat_map(|folder| ["libnssckbi.so", "nss/libnssckbi.so"].map(|name| folder.join(name)));
    let found = places.filter(|place| place.is_file()).min();
    if found.is_none() {
        mailseal_testkit::skip("libnssckbi.so (libnss3)");
    }
    found
}

/// NSS's own program sees as many roots with a C in the column of S/MIME.
#[test]
fn as_many_as_certutil_sees() {
    let (Some(module), Some(certutil), Some(modutil)) = (module(), Program::find("certutil"), Program::find("modutil"))
    else {
        return;
    };
    let roots = MailRoots::read(&std::fs::read(&module).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sql:{}", folder.path().display());
    let _ = certutil.args(["-N", "--empty-password", "-d", &database]).succeed();
    let library = module.to_str().unwrap();
    let _ = modutil.args(["-add", "roots", "-libfile", library, "-force", "-dbdir", &database]).succeed();
    let listed = Program::find("certutil").unwrap().args(["-L", "-h", "all", "-d", &database]).succeed();
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let for_mail = |line: &&str| line.split_whitespace().last().unwrap_or_default().split(',').nth(1) == Some("C");
    let seen = listed.lines().filter(for_mail).count();
    assert!(seen > 50, "{listed}");
    assert_eq!(roots.trusted(), seen);
    assert_eq!(roots.certs().len(), roots.trusted() + roots.rejected());
    // What was taken out of it is the same again as certdata.
    let text = roots.to_certdata();
    let again = MailRoots::read(text.as_bytes()).unwrap();
    assert_eq!((again.trusted(), again.rejected(), again.to_certdata()), (seen, roots.rejected(), text.clone()));
    assert_eq!(parse_anchors(text.as_bytes()).unwrap().len(), roots.certs().len());
    assert_eq!(parse_anchors(&std::fs::read(&module).unwrap()).unwrap().len(), roots.certs().len());
}

/// The two objects of a root, as certdata has them.
fn certdata(cert: &Cert, email: &str, distrust_after: Option<&str>, hash: Option<&[u8]>) -> String {
    let octal = |name: &str, octets: &[u8]| {
        let octets: String = octets.iter().map(|octet| format!("\\{octet:03o}")).collect();
        format!("{name} MULTILINE_OCTAL\n{octets}\nEND\n")
    };
    let certificate = Certificate::of(cert).unwrap();
    let names = octal("CKA_ISSUER", certificate.issuer()) + &octal("CKA_SERIAL_NUMBER", &[2, 1, 1]);
    let digest = Sha1::digest(certificate.der());
    let after = match distrust_after {
        Some(time) => octal("CKA_NSS_EMAIL_DISTRUST_AFTER", time.as_bytes()),
        None => "CKA_NSS_EMAIL_DISTRUST_AFTER CK_BBOOL CK_FALSE\n".into(),
    };
    format!(
        "BEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n{names}{}{after}\n\
         CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\n{names}{}\
         CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED_DELEGATOR\nCKA_TRUST_EMAIL_PROTECTION CK_TRUST {email}\n",
        octal("CKA_VALUE", certificate.der()),
        octal("CKA_CERT_SHA1_HASH", hash.unwrap_or(&digest)),
    )
}

#[test]
fn what_a_root_is_trusted_for() {
    let Some(ca) = Authority::new(P256) else { return };
    let cert = ca.issue("p", "root", P256, PERSON, &[]);
    let root = ca.cert("root");
    let judge = |text: &str| {
        let pkix = Pkix::new(&parse_anchors(text.as_bytes()).unwrap(), &[], &[]);
        let policy = policy();
        let (helpers, crls, purpose) = (std::slice::from_ref(&root), &[], Purpose::Sign);
        pkix.judge(&Question { cert: &cert, address: None, purpose, policy: &policy, helpers, crls })
    };
    const ISSUER: &str = "CKT_NSS_TRUSTED_DELEGATOR";
    assert_eq!(judge(&certdata(&root, ISSUER, None, None)), trusted());
    // What begins after the date is not trusted, what begins before is; openssl's certificates begin today.
    assert_eq!(judge(&certdata(&root, ISSUER, Some("491231235959Z"), None)), trusted());
    assert_eq!(judge(&certdata(&root, ISSUER, Some("200101000000Z"), None)), refused(Reason::Untrusted));
    let rejected = judge(&certdata(&root, "CKT_NSS_NOT_TRUSTED", None, None));
    assert_eq!(rejected, Judgement::Unknown(Reason::NoPath));

    // A root for TLS alone, and trust that names another certificate, are no roots for mail.
    let read = |text: String| parse_anchors(text.as_bytes());
    for text in [
        certdata(&root, "CKT_NSS_MUST_VERIFY_TRUST", None, None),
        certdata(&root, "CKT_NSS_TRUSTED", None, None),
        certdata(&root, ISSUER, None, Some(&[0; 20])),
    ] {
        assert!(matches!(read(text), Err(Error::Malformed { .. })));
    }
    // A date that cannot be read is not passed over.
    assert!(read(certdata(&root, ISSUER, Some("soon"), None)).is_err());
}
