//! People, texts, and mail of both technologies.

use crate::packets;
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Cert, Credential, NoPrompt, Policy, Protocol};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{self, ALICE, CAPABLE, CAROL, EVE, Persona};
use mailseal_testkit::program::Program;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an honest author says in the open.
pub(crate) const LETTER: &str = "Content-Type: text/plain\r\n\r\nMeet me at noon.\r\n";
/// What nobody else may read. The tests look for these words.
pub(crate) const SECRET: &str = "Content-Type: text/plain\r\n\r\nThe second key lies under the bridge.\r\n";
/// What the attacker wants to be shown as somebody else's. The tests look for these words.
pub(crate) const FORGED: &str = "Content-Type: text/plain\r\n\r\nPay Eve 1000 euro.\r\n";
pub(crate) const FROM_ALICE: &str = "Alice <alice@example.org>";
pub(crate) const FROM_EVE: &str = "Eve <eve@example.org>";
pub(crate) const FROM_BOB: &str = "Bob <bob@example.org>";

/// The two technologies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tech {
    Pgp,
    Smime,
}

pub(crate) use Tech::{Pgp, Smime as SMime};

pub(crate) const BOTH: [Tech; 2] = [Pgp, SMime];

impl Tech {
    pub(crate) fn name(self) -> &'static str {
        if self == Pgp { "pgp" } else { "smime" }
    }

    fn protocol(self) -> &'static dyn Protocol {
        if self == Pgp { &OpenPgp } else { &Smime }
    }

    /// Who reads: the one with the better container.
    pub(crate) fn reader(self) -> Persona {
        if self == Pgp { CAROL } else { CAPABLE }
    }

    /// Somebody whom the reader trusts, for an address of their own.
    pub(crate) fn insider(self) -> (Persona, &'static str) {
        if self == Pgp { (EVE, FROM_EVE) } else { (personas::BOB, FROM_BOB) }
    }

    pub(crate) fn credentials(self, who: &Persona) -> Vec<Credential> {
        let read = |path: PathBuf| std::fs::read(path).unwrap();
        let (key, certs) = match self {
            Pgp => (read(who.openpgp_key()), Vec::new()),
            SMime => (read(who.smime_key()), self.certs(who)),
        };
        self.protocol().parse_keys(&key, who.name, &certs, Arc::new(NoPrompt)).unwrap()
    }

    pub(crate) fn certs(self, who: &Persona) -> Vec<Cert> {
        let path = if self == Pgp { who.openpgp_cert() } else { who.smime_cert() };
        self.protocol().parse_certs(&std::fs::read(path).unwrap()).unwrap()
    }

    /// A detached signature: armored, or DER.
    pub(crate) fn signature(self, by: &[Persona], content: &str) -> Vec<u8> {
        let by: Vec<_> = by.iter().flat_map(|who| self.credentials(who)).collect();
        let mut out = Vec::new();
        let _ = self.protocol().sign(&content.as_bytes().to_vec(), &by, &policy(), &mut out).unwrap();
        out
    }

    /// multipart/signed around exactly this entity.
    pub(crate) fn signed(self, by: &Persona, entity: &str) -> String {
        self.with_signature(entity, &self.signature(&[*by], entity))
    }

    /// multipart/signed with this signature, whatever it is worth.
    pub(crate) fn with_signature(self, entity: &str, signature: &[u8]) -> String {
        self.multipart_signed(&[entity, &self.signature_part(signature)])
    }

    pub(crate) fn multipart_signed(self, parts: &[&str]) -> String {
        let (protocol, micalg) = match self {
            Pgp => ("application/pgp-signature", "pgp-sha512"),
            SMime => ("application/pkcs7-signature", "sha-256"),
        };
        multipart(&format!("signed; micalg={micalg}; protocol=\"{protocol}\""), "signed", parts)
    }

    pub(crate) fn signature_part(self, signature: &[u8]) -> String {
        match self {
            Pgp => format!("Content-Type: application/pgp-signature\r\n\r\n{}", text(signature)),
            SMime => format!(
                "Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
                base64(signature)
            ),
        }
    }

    /// The octets of an encryption to these: armored, or DER.
    pub(crate) fn ciphertext(self, to: &[Persona], signed_by: &[Persona], entity: &str) -> Vec<u8> {
        let to: Vec<_> = to.iter().flat_map(|who| self.certs(who)).collect();
        let by: Vec<_> = signed_by.iter().flat_map(|who| self.credentials(who)).collect();
        let mut out = Vec::new();
        self.protocol().encrypt(&entity.as_bytes().to_vec(), &to, &by, &policy(), &mut out).unwrap();
        out
    }

    /// The entity that holds a ciphertext.
    pub(crate) fn enclosed(self, ciphertext: &[u8]) -> String {
        match self {
            Pgp => controlled(&crlf(ciphertext)),
            SMime => opaque("authEnveloped-data", ciphertext),
        }
    }

    /// Encrypted to the reader.
    pub(crate) fn encrypted(self, entity: &str) -> String {
        self.enclosed(&self.ciphertext(&[self.reader()], &[], entity))
    }

    /// Signed and encrypted to the reader, as each technology does it.
    pub(crate) fn sealed(self, by: &Persona, entity: &str) -> String {
        match self {
            Pgp => controlled(&crlf(&Pgp.ciphertext(&[CAROL], &[*by], entity))),
            SMime => SMime.encrypted(&SMime.signed(by, entity)),
        }
    }
}

pub(crate) fn policy() -> Policy {
    Policy::at(personas::now())
}

/// application/pkcs7-mime.
pub(crate) fn opaque(smime_type: &str, octets: &[u8]) -> String {
    format!(
        "Content-Type: application/pkcs7-mime; smime-type={smime_type}; name=smime.p7m\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}",
        base64(octets)
    )
}

/// Opaque signed-data by somebody.
pub(crate) fn opaque_signed(by: &Persona, content: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = Smime.sign_opaque(&content.as_bytes().to_vec(), &SMime.credentials(by), &policy(), &mut out).unwrap();
    out
}

/// multipart/encrypted around armor.
pub(crate) fn controlled(armored: &str) -> String {
    let data = format!("Content-Type: application/octet-stream\r\n\r\n{armored}");
    let control = "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n";
    multipart("encrypted; protocol=\"application/pgp-encrypted\"", "sealed", &[control, &data])
}

/// multipart/encrypted around packets.
pub(crate) fn container(octets: &[u8]) -> String {
    controlled(&packets::armor("MESSAGE", octets))
}

pub(crate) fn multipart(kind: &str, boundary: &str, parts: &[&str]) -> String {
    let mut out = format!("Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n");
    for part in parts {
        out += &format!("--{boundary}\r\n{part}\r\n");
    }
    out + &format!("--{boundary}--\r\n")
}

pub(crate) fn html(body: &str) -> String {
    format!("Content-Type: text/html\r\n\r\n{body}\r\n")
}

/// A message from somebody to the readers, around this entity.
pub(crate) fn mail(from: &str, entity: &str) -> String {
    mail_with(&format!("From: {from}\r\n"), entity)
}

/// A message with these fields besides To, Subject, Date and Message-ID.
pub(crate) fn mail_with(fields: &str, entity: &str) -> String {
    format!(
        "{fields}To: carol@example.org, dave@example.org\r\nSubject: Noon\r\nDate: Mon, 01 Jun 2026 00:00:00 +0000\r\n\
         Message-ID: <noon@example.org>\r\nMIME-Version: 1.0\r\n{entity}"
    )
}

/// Writes `testdata/attacks/FOLDER/NAME.eml`, unless it is there.
pub(crate) fn write(folder: &str, name: &str, message: impl AsRef<[u8]>) {
    write_file(folder, &format!("{name}.eml"), message);
}

pub(crate) fn write_file(folder: &str, name: &str, octets: impl AsRef<[u8]>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/attacks").join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    if !path.exists() {
        println!("{}", path.display());
        std::fs::write(path, octets).unwrap();
    }
}

pub(crate) fn base64(octets: &[u8]) -> String {
    let mut encoder = mailseal_mime::transfer::Base64Encoder::new(Vec::new());
    encoder.write_all(octets).unwrap();
    let mut encoded = text(&encoder.finish().unwrap());
    if !encoded.ends_with("\r\n") {
        encoded += "\r\n";
    }
    encoded
}

pub(crate) fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

/// gpg with everybody's keys; whatever it makes, it makes a minute before the tests judge.
pub(crate) struct Gpg(Home);

impl Gpg {
    pub(crate) fn new() -> Gpg {
        let home = Home::new().expect("gpg is needed");
        for who in [ALICE, personas::BOB, CAROL, EVE] {
            drop(home.gpg().arg("--import").arg(who.openpgp_key()).succeed());
        }
        Gpg(home)
    }

    /// What gpg writes for these arguments and this input.
    pub(crate) fn run(&self, arguments: &str, input: impl Into<Vec<u8>>) -> Vec<u8> {
        let program = self.0.gpg().args(["--faked-system-time", "20260531T235900!", "--no-emit-version", "--quiet"]);
        program.args(arguments.split_whitespace()).stdin(input).succeed()
    }
}

pub(crate) fn openssl(arguments: &str, input: impl Into<Vec<u8>>) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/smime");
    let program = Program::find("openssl").expect("openssl is needed").dir(&folder);
    program.args(arguments.split_whitespace()).stdin(input).succeed()
}

/// With line ends of mail.
pub(crate) fn crlf(octets: &[u8]) -> String {
    text(octets).replace("\r\n", "\n").replace('\n', "\r\n")
}
