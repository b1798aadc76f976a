//! An authority whose certificates openssl makes on the spot. Openssl 3.0 makes certificates that begin now, so they are
//! judged in 2100.

use super::{certs, read};
use mailseal_core::{By, Cert, Judgement, Policy, Purpose, Question, Reason, Trust};
use mailseal_smime::{Pkix, parse_crls};
use mailseal_testkit::program::Program;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

/// An authority in a temporary folder.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
}

pub(crate) const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
pub(crate) const PERSON: &str = "basicConstraints=critical,CA:FALSE\nsubjectAltName=email:p@example.org\n";

impl Authority {
    /// Self-signed "root" with a key of this kind; `None` without openssl.
    pub(crate) fn new(key: &[&str]) -> Option<Authority> {
        Program::find("openssl")?;
        let authority = Authority { folder: tempfile::tempdir().unwrap() };
        authority.key("root", key);
        authority.openssl(&["req", "-new", "-subj", "/CN=root", "-key", "root.key", "-out", "root.csr"]);
        std::fs::write(authority.path("root.ext"), CA).unwrap();
        let arguments =
            ["x509", "-req", "-days", "36500", "-in", "root.csr", "-extfile", "root.ext", "-signkey", "root.key"];
        authority.openssl(&[&arguments[..], &["-out", "root.crt"]].concat());
        Some(authority)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn openssl(&self, arguments: &[&str]) {
        let _ = Program::find("openssl").unwrap().dir(self.folder.path()).args(arguments).succeed();
    }

    pub(crate) fn key(&self, name: &str, kind: &[&str]) {
        self.openssl(&[&["genpkey", "-out", &format!("{name}.key")], kind].concat());
    }

    /// A certificate of `name` by `issuer` with these extensions, signed as `options` say.
    pub(crate) fn issue(&self, name: &str, issuer: &str, key: &[&str], extensions: &str, options: &[&str]) -> Cert {
        self.key(name, key);
        let file = |ending: &str| format!("{name}.{ending}");
        std::fs::write(self.path(&file("ext")), extensions).unwrap();
        let subject = format!("/CN={name}/emailAddress=dn@example.org");
        self.openssl(&["req", "-new", "-subj", &subject, "-key", &file("key"), "-out", &file("csr")]);
        let (csr, ext, crt) = (file("csr"), file("ext"), file("crt"));
        let (ca, ca_key) = (format!("{issuer}.crt"), format!("{issuer}.key"));
        let arguments =
            ["x509", "-req", "-days", "36500", "-in", &csr, "-extfile", &ext, "-CA", &ca, "-CAkey", &ca_key];
        self.openssl(&[&arguments[..], &["-CAcreateserial", "-out", &crt], options].concat());
        self.cert(name)
    }

    pub(crate) fn cert(&self, name: &str) -> Cert {
        certs(&self.path(&format!("{name}.crt"))).remove(0)
    }

    pub(crate) fn judge_for(&self, cert: &Cert, purpose: Purpose, helpers: &[&str]) -> Judgement {
        let pkix = Pkix::with_anchors(&read(&self.path("root.crt"))).unwrap();
        let helpers: Vec<_> = helpers.iter().map(|name| self.cert(name)).collect();
        let policy = policy();
        pkix.judge(&Question { cert, address: None, purpose, policy: &policy, helpers: &helpers, crls: &[] })
    }

    /// A list by `issuer` that revokes `revoked`, current for so many days from now.
    pub(crate) fn crl(&self, issuer: &str, revoked: Option<&str>, days: u32) -> Vec<Vec<u8>> {
        let config = "[ca]\ndefault_ca=x\n[x]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\n";
        std::fs::write(self.path("ca.cnf"), config).unwrap();
        std::fs::write(self.path("index"), "").unwrap();
        std::fs::write(self.path("number"), "01").unwrap();
        let (cert, key, days) = (format!("{issuer}.crt"), format!("{issuer}.key"), days.to_string());
        let ca = ["ca", "-config", "ca.cnf", "-cert", &cert, "-keyfile", &key];
        if let Some(revoked) = revoked {
            self.openssl(&[&ca[..], &["-revoke", &format!("{revoked}.crt")]].concat());
        }
        self.openssl(&[&ca[..], &["-gencrl", "-crldays", &days, "-out", "crl.pem"]].concat());
        parse_crls(&read(&self.path("crl.pem"))).unwrap()
    }

    pub(crate) fn judge(&self, cert: &Cert, helpers: &[&str]) -> Judgement {
        self.judge_for(cert, Purpose::Sign, helpers)
    }
}

pub(crate) const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
pub(crate) const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
pub(crate) const P521: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
pub(crate) const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
pub(crate) const RSA_1024: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
pub(crate) const RSA_PSS: &[&str] = &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"];
pub(crate) const RSA_PSS_1024: &[&str] = &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:1024"];
pub(crate) const ED25519: &[&str] = &["-algorithm", "ED25519"];

pub(crate) fn policy() -> Policy {
    Policy::at(UNIX_EPOCH + Duration::from_secs(4_102_444_800))
}

pub(crate) fn trusted() -> Judgement {
    Judgement::Trusted(By::Chain("root".into()))
}

pub(crate) fn refused(reason: Reason) -> Judgement {
    Judgement::Untrusted(reason)
}
