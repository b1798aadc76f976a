//! mutt (with GPGME) reads our mail, and we read mutt's.
//!
//! mutt wants a terminal, which `script` gives it, and its keys are pushed from its configuration. Should it ask something
//! nobody expects, `timeout` ends it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, CAROL, DAVE, Persona};
use mailseal_testkit::program::Program;

use crate::ours::{LATER, Ours, smime_key};
use crate::reader::{self, smime_fingerprint};
use crate::table;
use crate::wire::{Entity, changed, crlf, find, mail};

const TEXT: &str = "Grüße,\n\nFrom here on we meet at noon. \n-- \nAlice\n";

struct Mutt(Home);

impl Mutt {
    fn new() -> Option<Self> {
        Program::find("mutt")?;
        Program::find("script")?;
        let mutt = Mutt(reader::home()?);
        for folder in ["cur", "new", "tmp"] {
            fs::create_dir_all(mutt.0.path().join("mail").join(folder)).unwrap();
        }
        mutt.write("save", "#!/bin/sh\ncat >sent\n");
        fs::set_permissions(mutt.0.path().join("save"), Permissions::from_mode(0o700)).unwrap();
        mutt.write("text", TEXT);
        // mutt asks what to do with a text that is younger than its own note of the edit, in whole seconds: an old one, and
        // an editor that keeps its time, are never that.
        let text = File::options().write(true).open(mutt.0.path().join("text")).unwrap();
        text.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
        Some(mutt)
    }

    fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), octets).unwrap();
    }

    /// Runs mutt over `message` with these settings and keys; gives the file `result`, which that should have made.
    fn run(&self, message: &[u8], settings: &str, keys: &str, result: &str) -> Vec<u8> {
        let common = "set folder=. crypt_use_gpgme=yes charset=utf-8 send_charset=utf-8 sleep_time=0 beep=no prompt_after=no wait_key=no\n\
                      set from=\"Alice <alice@example.org>\" hostname=example.org copy=no editor=\"cp -p text\"\n\
                      set sendmail=./save pager=\"cat >shown <\"\nignore *\nunignore from subject\n";
        self.write("muttrc", format!("{common}{settings}\npush \"{keys}<exit>\"\n"));
        self.write("mail/cur/message", message);
        let timeout = Program::find("timeout").expect("every system has it").args(["-k", "1", "60", "script", "-qec"]);
        let mutt = timeout.arg("mutt -n -R -F muttrc -f mail").arg("/dev/null").dir(self.0.path());
        let screen = mutt.env("TERM", "xterm").env("HOME", self.0.path()).env("GNUPGHOME", self.0.path()).run();
        let file = self.0.path().join(result);
        let octets = fs::read(&file).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&screen.stdout)));
        fs::remove_file(file).unwrap();
        octets
    }

    /// The text of a message as mutt shows it, its lines about signatures included.
    fn shown(&self, message: &[u8]) -> String {
        String::from_utf8_lossy(&self.run(message, "", "<display-message>", "shown")).into_owned()
    }

    /// A message from Alice that mutt sends.
    fn sent(&self, to: Persona, settings: &str) -> Vec<u8> {
        let keys = format!("<mail>{}<enter>Hello<enter><send-message>", to.address);
        crlf(&self.run(&mail(ALICE, b"\r\n"), settings, &keys, "sent"))
    }
}

/// R2, R29, R30, R40, R49
#[test]
fn mutt_reads_our_mail() {
    let Some(mutt) = Mutt::new() else { return };
    let ours = Ours::new();
    for sample in reader::samples(&ours) {
        let shown = mutt.shown(&sample.mail);
        let signer = if sample.smime { "CN=Alice,O=Mailseal Test" } else { "Alice <alice@example.org>" };
        assert_eq!(shown.contains(&format!("Good signature from: {signer}")), sample.signed, "{shown}");
        assert_eq!(shown.matches("ignature from:").count(), usize::from(sample.signed), "{shown}");
        assert_eq!(shown.contains("encrypted data --]"), sample.encrypted, "{shown}");
        assert!(shown.contains(sample.draft.text().replace("\r\n", "\n").trim_end()), "{shown}");
        table::reads("mutt", sample.feature);
        if sample.draft.field("Subject") == "The plan for Thursday" {
            for subject in ["Subject: [...]", "Subject: The plan for Thursday"] {
                assert!(shown.contains(subject), "outside and protected: {shown}");
            }
            table::reads("mutt", "the protected Subject");
        }
    }
}

/// A changed octet is seen there too: the test looks at the right place.
#[test]
fn mutt_sees_a_bad_signature() {
    let Some(mutt) = Mutt::new() else { return };
    let ours = Ours::new();
    for sample in reader::samples(&ours).into_iter().filter(|sample| !sample.encrypted) {
        let Some(at) = find(&sample.mail, b"eight pixels").or_else(|| find(&sample.mail, b"R3LDv")) else { continue };
        let shown = mutt.shown(&changed(&sample.mail, at));
        assert!(!shown.contains("Good signature") && shown.contains("*BAD* signature"), "{shown}");
    }
}

/// The message under the Date of gpg, whose clock the tests set; mutt has the clock of the machine.
fn dated(message: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    let start = text.find("Date: ").unwrap();
    let end = start + text[start..].find(['\r', '\n']).unwrap();
    format!("{}Date: Mon, 1 Jun 2026 00:01:00 +0000{}", &text[..start], &text[end..]).into_bytes()
}

/// R2, R31, R44 (mutt says `micalg=sha256`)
#[test]
fn we_read_the_mail_of_mutt() {
    let Some(mutt) = Mutt::new() else { return };
    let ours = Ours::new();
    let pgp = "set crypt_autopgp=yes pgp_sign_as=".to_owned() + &reader::openpgp_fingerprint(&mutt.0, ALICE);
    let smime = "set crypt_autosmime=yes smime_is_default=yes smime_sign_as=".to_owned() + &smime_fingerprint(ALICE);
    let carol = format!("{LATER} --key carol.key.asc");
    let dave = format!("{LATER} {}", smime_key(DAVE));
    let (cfb, zlib) = ("encrypted aes-256-cfb mdc done", "compressed zlib");
    let cbc = "encrypted aes-128-cbc none done";
    for (settings, crypt, to, options, summary, layers, feature) in [
        (&pgp, "crypt_autosign", CAROL, &carol, "signed", &["signed valid"][..], "OpenPGP multipart/signed"),
        (&pgp, "crypt_autoencrypt", CAROL, &carol, "encrypted", &[cfb, zlib], "OpenPGP multipart/encrypted"),
        (
            &pgp,
            "crypt_autosign crypt_autoencrypt",
            CAROL,
            &carol,
            "signed+encrypted",
            &[cfb, zlib, "signed valid"],
            "OpenPGP multipart/encrypted, signed inside",
        ),
        (&smime, "crypt_autosign", DAVE, &dave, "signed", &["signed valid"], "S/MIME multipart/signed"),
        (&smime, "crypt_autoencrypt", DAVE, &dave, "encrypted", &[cbc], "S/MIME enveloped-data"),
        (
            &smime,
            "crypt_autosign crypt_autoencrypt",
            DAVE,
            &dave,
            "signed+encrypted",
            &[cbc, "signed valid"],
            "S/MIME enveloped-data, signed inside",
        ),
    ] {
        let message = dated(&mutt.sent(to, &format!("{settings}\nset {crypt}")));
        ours.verdict(options, &message).assert_good(summary, layers);
        // mutt encrypts LF.
        let text = Entity::parse(&crlf(&ours.payload(options, &message))).content();
        assert_eq!(String::from_utf8(text).unwrap(), TEXT.replace('\n', "\r\n"));
        table::writes("mutt", feature);
    }
}

/// R122: the header protection of before RFC 9788
#[test]
fn we_read_the_protected_subject_of_mutt() {
    let Some(mutt) = Mutt::new() else { return };
    let ours = Ours::new();
    let settings = "set crypt_autopgp crypt_autosign crypt_autoencrypt crypt_protected_headers_write=yes\n\
                    set crypt_protected_headers_subject=hidden pgp_sign_as="
        .to_owned()
        + &reader::openpgp_fingerprint(&mutt.0, ALICE);
    let message = mutt.sent(CAROL, &settings);
    assert_eq!(Entity::parse(&message).field("Subject"), Some("hidden"));
    let verdict = ours.verdict(&format!("{LATER} --key carol.key.asc"), &message);
    assert_eq!(verdict.header("Subject"), ("Hello", "signed-only"), "{verdict:?}");
    table::writes("mutt", "the protected Subject");
}
