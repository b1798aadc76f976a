//! Certificates made on the spot by openssl: usages, constraints, algorithms. Openssl 3.0 makes certificates that begin
//! now, so they are judged in 2100.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::authority::*;
use mailseal_core::{
    Address, By, Cert, Check, Context, Judgement, Layer, Named, NoCerts, NoKeys, NoPrompt, Protocol, Purpose, Question,
    Reason, Revocation, Trust, TrustExt,
};
use mailseal_smime::{Pkix, Smime};
use std::sync::Arc;

/// RFC 8550 §4.4.4: emailProtection or any, in the person's certificate and all along the path.
#[test]
fn extended_key_usage() {
    let Some(ca) = Authority::new(P256) else { return };
    let with = |usage: &str| format!("{PERSON}extendedKeyUsage={usage}\n");
    for (name, usage, judgement) in [
        ("mail", "emailProtection,clientAuth", trusted()),
        ("any", "anyExtendedKeyUsage", trusted()),
        ("server", "serverAuth", refused(Reason::Usage)),
    ] {
        let cert = ca.issue(name, "root", P256, &with(usage), &[]);
        assert_eq!(ca.judge(&cert, &[]), judgement, "{name}");
    }
    let _ = ca.issue("tls-ca", "root", P256, &format!("{CA}extendedKeyUsage=serverAuth\n"), &[]);
    let below = ca.issue("below", "tls-ca", P256, PERSON, &[]);
    assert_eq!(ca.judge(&below, &["tls-ca"]), refused(Reason::Usage));
}

/// RFC 8550 §4.4.2: split certificates; an authority's certificate is no person's.
#[test]
fn key_usage() {
    let Some(ca) = Authority::new(P256) else { return };
    let with = |usage: &str| format!("{PERSON}keyUsage=critical,{usage}\n");
    let signing = ca.issue("signing", "root", RSA, &with("digitalSignature"), &[]);
    let sealing = ca.issue("sealing", "root", RSA, &with("keyEncipherment"), &[]);
    let agreeing = ca.issue("agreeing", "root", P256, &with("keyAgreement"), &[]);
    let repudiating = ca.issue("nonrep", "root", P256, &with("nonRepudiation"), &[]);
    for (cert, sign, encrypt) in
        [(&signing, true, false), (&sealing, false, true), (&agreeing, false, true), (&repudiating, true, false)]
    {
        let judgement = |good| if good { trusted() } else { refused(Reason::Usage) };
        assert_eq!(ca.judge_for(cert, Purpose::Sign, &[]), judgement(sign), "{:?}", cert.names());
        assert_eq!(ca.judge_for(cert, Purpose::Encrypt, &[]), judgement(encrypt), "{:?}", cert.names());
    }
    assert_eq!(Smime.usable(&ca.cert("root"), Purpose::Sign, &policy()), Err(Reason::Usage));
    let unsigning = ca.issue("plain", "root", P256, PERSON, &[]);
    let below = ca.issue("below-plain", "plain", P256, PERSON, &[]);
    assert!(ca.judge(&unsigning, &[]).is_trusted());
    assert!(!ca.judge(&below, &["plain"]).is_trusted(), "a person issues nothing");
}

/// RFC 5280 §4.2.1.10, RFC 9598 §6.
#[test]
fn name_constraints() {
    let Some(ca) = Authority::new(P256) else { return };
    let constrained = |rule: &str| format!("{CA}nameConstraints=critical,{rule}\n");
    let _ = ca.issue("org", "root", P256, &constrained("permitted;email:example.org"), &[]);
    let _ = ca.issue("notcom", "root", P256, &constrained("excluded;email:example.com"), &[]);
    let _ = ca.issue("nota", "root", P256, &constrained("excluded;email:a@example.com"), &[]);
    let person = |mailbox: &str| format!("basicConstraints=critical,CA:FALSE\nsubjectAltName={mailbox}\n");
    for (issuer, name, mailbox, judgement) in [
        ("org", "in", "email:a@example.org", trusted()),
        ("org", "out", "email:a@example.com", refused(Reason::NameConstraints)),
        ("notcom", "in2", "email:a@example.org", trusted()),
        ("notcom", "out2", "email:a@example.com", refused(Reason::NameConstraints)),
        ("nota", "in3", "email:b@example.com", trusted()),
        ("nota", "out3", "email:a@example.com", refused(Reason::NameConstraints)),
        // R102: excluded is an address, not a spelling of it.
        ("nota", "out4", "email:A@EXAMPLE.com", refused(Reason::NameConstraints)),
        ("nota", "out5", "email:\"a\"@example.com", refused(Reason::NameConstraints)),
        ("nota", "out6", "otherName:1.3.6.1.5.5.7.8.9;UTF8:A@example.com", refused(Reason::NameConstraints)),
        ("org", "utf8in", "otherName:1.3.6.1.5.5.7.8.9;UTF8:\u{f6}@example.org", trusted()),
        ("org", "utf8out", "otherName:1.3.6.1.5.5.7.8.9;UTF8:\u{f6}@example.com", refused(Reason::NameConstraints)),
    ] {
        let cert = ca.issue(name, issuer, P256, &person(mailbox), &["-nameopt", "utf8"]);
        assert_eq!(ca.judge(&cert, &[issuer]), judgement, "{name}");
    }
}

/// Attack 21: MD5, SHA-1 and short keys, wherever in the path.
#[test]
fn weak_algorithms() {
    let Some(ca) = Authority::new(RSA) else { return };
    let weak = || refused(Reason::WeakAlgorithm);
    for hash in ["-sha1", "-md5"] {
        let cert = ca.issue(&format!("by{hash}"), "root", RSA, PERSON, &[hash]);
        assert_eq!(ca.judge(&cert, &[]), weak(), "{hash}");
    }
    let short = ca.issue("short", "root", RSA_1024, PERSON, &[]);
    assert_eq!(ca.judge(&short, &[]), weak());
    let _ = ca.issue("short-ca", "root", RSA_1024, CA, &[]);
    let below = ca.issue("below", "short-ca", RSA, PERSON, &[]);
    assert_eq!(ca.judge(&below, &["short-ca"]), weak());
    let pss = ca.issue("pss", "root", RSA, PERSON, &["-sha1", "-sigopt", "rsa_padding_mode:pss"]);
    assert_eq!(ca.judge(&pss, &[]), weak());
    let short = ca.issue("short-pss", "root", RSA_PSS_1024, PERSON, &[]);
    assert_eq!(ca.judge(&short, &[]), weak());
}

/// Authorities sign by more algorithms than people.
#[test]
fn algorithms_of_authorities() {
    let pss: &[&str] = &["-sigopt", "rsa_padding_mode:pss", "-sha256"];
    let other_mask = &[pss, &["-sigopt", "rsa_mgf1_md:sha1", "-sigopt", "rsa_pss_saltlen:7"]].concat();
    let restricted = &[RSA_PSS, &["-pkeyopt", "rsa_pss_keygen_md:sha384"]].concat();
    for (kind, options) in [
        (P256, &["-sha256"][..]),
        (P384, &["-sha384"]),
        (P521, &["-sha512"]),
        (ED25519, &[]),
        (RSA, pss),
        (RSA, other_mask),
        (RSA_PSS, pss),
        (restricted, &["-sigopt", "rsa_padding_mode:pss", "-sha384"]),
        (RSA, &["-sha512"]),
    ] {
        let Some(ca) = Authority::new(kind) else { return };
        for person in [P256, P384, P521] {
            let cert = ca.issue("p", "root", person, PERSON, options);
            assert_eq!(ca.judge(&cert, &[]), trusted(), "{kind:?} {options:?} {person:?}");
        }
    }
}

/// RFC 4055 §1.2: the owner of an id-RSASSA-PSS key signs by PSS, and nobody encrypts to it.
#[test]
fn keys_for_pss_alone() {
    let Some(ca) = Authority::new(P256) else { return };
    let cert = ca.issue("p", "root", RSA_PSS, PERSON, &[]);
    assert_eq!(ca.judge(&cert, &[]), trusted());
    assert_eq!(Smime.usable(&cert, Purpose::Encrypt, &policy()), Err(Reason::Usage));
    let ed25519 = ca.issue("e", "root", ED25519, PERSON, &[]);
    assert_eq!(Smime.usable(&ed25519, Purpose::Encrypt, &policy()), Err(Reason::Usage));
    let key = common::read(&ca.path("p.key"));
    let keys = Smime.parse_keys(&key, "p", std::slice::from_ref(&cert), Arc::new(NoPrompt)).unwrap();
    let (text, mut signature, policy) = (b"Content-Type: text/plain\r\n\r\nHello\r\n".to_vec(), Vec::new(), policy());
    Smime.sign(&text, &keys, &policy, &mut signature).unwrap();
    let with = Context { policy: &policy, certs: &NoCerts, keys: &NoKeys };
    let peeled = Smime.verify(&text, &signature, &with).unwrap();
    let Layer::Signed(signatures) = &peeled.layers[0] else { panic!("{peeled:?}") };
    assert_eq!((signatures[0].check, signatures[0].algorithm.as_deref()), (Check::Valid, Some("rsa-pss")));
}

/// R54: the address of the subject counts only where subjectAltName names no mailbox.
#[test]
fn addresses() {
    let Some(ca) = Authority::new(P256) else { return };
    let addresses = |name: &str, extensions: &str| ca.issue(name, "root", P256, extensions, &[]).addresses().to_vec();
    let parse = |text| Address::parse(text).unwrap();
    assert_eq!(addresses("san", PERSON), [parse("p@example.org")]);
    assert_eq!(addresses("dn", "basicConstraints=CA:FALSE\n"), [parse("dn@example.org")]);
    assert_eq!(addresses("dns", "subjectAltName=DNS:example.org\n"), [parse("dn@example.org")]);
    let several = "subjectAltName=email:a@example.org,email:b@example.org,DNS:example.org\n";
    assert_eq!(addresses("several", several), [parse("a@example.org"), parse("b@example.org")]);
    let critical = "subjectAltName=critical,email:a@example.org\n";
    assert_eq!(addresses("critical", critical), [parse("a@example.org")]);
}

/// Attack 16: a revoked authority, a stale list, a list by an impostor, a list of another authority.
#[test]
fn revocation() {
    let Some(ca) = Authority::new(P256) else { return };
    let Some(impostor) = Authority::new(P256) else { return };
    let _ = ca.issue("sub", "root", P256, CA, &[]);
    let cert = ca.issue("p", "sub", P256, PERSON, &[]);
    let judge = |crls: &[Vec<u8>], revocation: Revocation| {
        let pkix = Pkix::new(&[ca.cert("root")], &[ca.cert("sub")], &[]);
        let mut policy = policy();
        policy.revocation = revocation;
        let question =
            Question { cert: &cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers: &[], crls };
        pkix.judge(&question)
    };
    let century = 36_500;
    let (clean_root, clean_sub) = (ca.crl("root", None, century), ca.crl("sub", None, century));
    let (revoked_sub, revoked_p) = (ca.crl("root", Some("sub"), century), ca.crl("sub", Some("p"), century));
    let stale = ca.crl("sub", Some("p"), 1);
    let _ = impostor.issue("sub", "root", P256, CA, &[]);
    let _ = impostor.issue("p", "sub", P256, PERSON, &[]);
    let forged = impostor.crl("sub", Some("p"), century);

    let revoked = || refused(Reason::Revoked);
    let unknown = || refused(Reason::RevocationUnknown);
    for (crls, if_present, require) in [
        (vec![clean_root.clone(), clean_sub.clone()], trusted(), trusted()),
        (vec![clean_sub.clone()], trusted(), unknown()),
        (vec![clean_root.clone()], trusted(), unknown()),
        (vec![revoked_sub.clone(), clean_sub.clone()], revoked(), revoked()),
        (vec![clean_root.clone(), revoked_p.clone()], revoked(), revoked()),
        // A list that is no longer current revokes all the same, and clears nobody.
        (vec![clean_root.clone(), stale.clone()], revoked(), revoked()),
        (vec![clean_root.clone(), stale, clean_sub.clone()], revoked(), revoked()),
        (vec![clean_root.clone(), ca.crl("sub", None, 1)], trusted(), unknown()),
        (vec![clean_root.clone(), forged.clone()], trusted(), unknown()),
        (vec![forged, clean_root.clone(), revoked_p.clone()], revoked(), revoked()),
        // Who was revoked stays so, whatever newer list comes along (RFC 5280 §3.3).
        (vec![clean_root, revoked_p, ca.crl("sub", None, century)], revoked(), revoked()),
    ] {
        let crls = crls.concat();
        assert_eq!(judge(&crls, Revocation::IfPresent), if_present);
        assert_eq!(judge(&crls, Revocation::Require), require);
        assert_eq!(judge(&crls, Revocation::None), trusted());
    }
}

/// Attack 16: a named certificate is revoked by the key that issued it and by no other, without any anchor; and a path
/// that is refused for another reason does not hide that.
#[test]
fn revocation_of_what_is_named() {
    let Some(ca) = Authority::new(P256) else { return };
    let Some(impostor) = Authority::new(P256) else { return };
    let _ = ca.issue("sub", "root", P256, &format!("{CA}extendedKeyUsage=serverAuth\n"), &[]);
    let cert = ca.issue("p", "sub", P256, PERSON, &[]);
    let _ = impostor.issue("sub", "root", P256, CA, &[]);
    let _ = impostor.issue("p", "sub", P256, PERSON, &[]);
    let judge = |anchors: &[Cert], helpers: &[Cert], crls: &[Vec<u8>], revocation: Revocation| {
        let trust = Named::new(std::slice::from_ref(&cert)).or(Pkix::new(anchors, &[], &[]));
        let mut policy = policy();
        policy.revocation = revocation;
        trust.judge(&Question { cert: &cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers, crls })
    };
    let century = 36_500;
    let (clean, listed, stale) =
        (ca.crl("sub", None, century), ca.crl("sub", Some("p"), century), ca.crl("sub", Some("p"), 1));
    let forged = impostor.crl("sub", Some("p"), century);
    let both = [impostor.cert("sub"), ca.cert("sub")];
    for anchors in [vec![], vec![ca.cert("root")]] {
        for (crls, if_present, require) in [
            (vec![], Judgement::Trusted(By::Named), refused(Reason::RevocationUnknown)),
            (clean.clone(), Judgement::Trusted(By::Named), Judgement::Trusted(By::Named)),
            (listed.clone(), refused(Reason::Revoked), refused(Reason::Revoked)),
            (stale.clone(), refused(Reason::Revoked), refused(Reason::Revoked)),
            (forged.clone(), Judgement::Trusted(By::Named), refused(Reason::RevocationUnknown)),
            ([forged.clone(), clean.clone()].concat(), Judgement::Trusted(By::Named), Judgement::Trusted(By::Named)),
            ([forged.clone(), listed.clone()].concat(), refused(Reason::Revoked), refused(Reason::Revoked)),
        ] {
            assert_eq!(judge(&anchors, &both, &crls, Revocation::IfPresent), if_present);
            assert_eq!(judge(&anchors, &both, &crls, Revocation::Require), require);
            assert_eq!(judge(&anchors, &both, &crls, Revocation::None), Judgement::Trusted(By::Named));
        }
    }
}
