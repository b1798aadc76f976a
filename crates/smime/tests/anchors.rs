//! Anchors that are trusted or rejected for some uses, as OpenSSL keeps them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::authority::*;
use common::{certs, read};
use mailseal_core::{By, Cert, Judgement, Purpose, Question, Reason, Trust};
use mailseal_smime::Pkix;

/// `openssl x509 -addtrust`, `-addreject`: what somebody said of an anchor counts, in a path and of the anchor itself.
#[test]
fn openssl_trust_settings() {
    let Some(ca) = Authority::new(P256) else { return };
    let sub = ca.issue("sub", "root", P256, CA, &[]);
    let cert = ca.issue("p", "sub", P256, PERSON, &[]);
    let tls_only = ca.issue("tls", "root", P256, &format!("{CA}extendedKeyUsage=serverAuth\n"), &[]);
    let below_tls = ca.issue("q", "tls", P256, PERSON, &[]);
    let keep = |name: &str, settings: &[&str]| -> Cert {
        let input = format!("{name}.crt");
        ca.openssl(&[&["x509", "-trustout", "-in", &input, "-out", "kept.pem"], settings].concat());
        assert!(read(&ca.path("kept.pem")).starts_with(b"-----BEGIN TRUSTED CERTIFICATE-----"));
        certs(&ca.path("kept.pem")).remove(0)
    };
    let judge = |anchors: &[Cert], cert: &Cert| {
        let pkix = Pkix::new(anchors, std::slice::from_ref(&sub), &[]);
        let policy = policy();
        pkix.judge(&Question { cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers: &[], crls: &[] })
    };
    let mail = ["-addtrust", "emailProtection"];
    let tls = ["-addtrust", "serverAuth"];
    let no_mail = ["-addreject", "emailProtection"];
    let nothing = ["-addreject", "anyExtendedKeyUsage"];

    assert_eq!(judge(&[keep("root", &[])], &cert), trusted());
    assert_eq!(judge(&[keep("root", &mail)], &cert), trusted());
    assert_eq!(judge(&[keep("root", &["-addreject", "serverAuth"])], &cert), trusted());
    // Who is trusted for something else, or rejected, vouches for no mail.
    for settings in [&tls[..], &no_mail, &nothing, &[mail, no_mail].concat()] {
        assert_eq!(judge(&[keep("root", settings)], &cert), Judgement::Unknown(Reason::NoPath), "{settings:?}");
        // Nor does another certificate of the same authority, nor a path through it.
        assert_eq!(judge(&[keep("root", settings), ca.cert("root")], &cert), Judgement::Unknown(Reason::NoPath));
        let halfway = [ca.cert("root"), keep("sub", settings)];
        assert_eq!(judge(&halfway, &cert), refused(Reason::Untrusted), "{settings:?}");
    }
    // An anchor's own purposes count, unless somebody says that it is trusted for mail.
    assert_eq!(judge(&[ca.cert("tls")], &below_tls), refused(Reason::Usage));
    assert_eq!(judge(&[keep("tls", &mail)], &below_tls), Judgement::Trusted(By::Chain("tls".into())));
    assert_eq!(judge(&[tls_only], &below_tls), refused(Reason::Usage));
    // A person's certificate as an anchor.
    assert_eq!(judge(&[keep("p", &mail)], &cert), Judgement::Trusted(By::Anchor));
    assert_eq!(judge(&[keep("p", &no_mail)], &cert), refused(Reason::Untrusted));
    assert_eq!(judge(&[keep("p", &no_mail), ca.cert("root")], &cert), refused(Reason::Untrusted));
}
