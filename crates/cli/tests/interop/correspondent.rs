//! One conversation of PGP/MIME (RFC 3156) with every program that signs, verifies, encrypts and decrypts OpenPGP.

use mailseal_testkit::packets::dearmored;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, ERIN, JUDY, Persona};

use crate::ours::{DRAFTS, LATER, Ours};
use crate::table;
use crate::unobtrusive;
use crate::wire::{ENTITY, armor, changed, encrypted_part, find, mail, pgp_encrypted, pgp_signed, signed_parts};

/// A program of other people, with the keys of `testdata/`.
pub(crate) trait Correspondent {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// Whether it knows what is new in RFC 9580: version 6 keys and version 2 of the container.
    fn is_current(&self) -> bool {
        false
    }

    /// How many of [`DRAFTS`] it is shown.
    fn drafts(&self) -> usize {
        DRAFTS.len()
    }

    /// Whether it signs text documents too.
    fn signs_text(&self) -> bool {
        true
    }

    /// A detached signature of a `binary` or `text` document.
    fn sign(&mut self, content: &[u8], form: &str, by: Persona) -> Vec<u8>;

    /// The fingerprint of the certificate whose signature it finds valid, in lower case; `None` when it finds it wrong.
    fn verify(&mut self, content: &[u8], signature: &[u8], by: Persona) -> Option<String>;

    /// An armored message to these, signed by one or by nobody.
    fn encrypt(&mut self, content: &[u8], to: &[Persona], by: Option<Persona>) -> Vec<u8>;

    /// An armored message to whoever knows the password.
    fn lock(&mut self, content: &[u8], password: &str) -> Vec<u8>;

    /// What is in an armored message to a password; `None` when this is not it.
    fn unlock(&mut self, sealed: &[u8], password: &str) -> Option<Vec<u8>>;

    /// An armored message to somebody whom it does not name; `None` where it has no option for that.
    fn hide(&mut self, _content: &[u8], _to: Persona) -> Option<Vec<u8>> {
        None
    }

    /// What `reader`, who has no other key, finds in an armored message, and the fingerprint of the certificate whose signature
    /// over it is valid, `None` when `by` is; `None` where it does not decrypt.
    fn decrypt(&mut self, sealed: &[u8], reader: Persona, by: Option<Persona>) -> Option<(Vec<u8>, Option<String>)>;
}

const CURVE25519: &str = "Curve25519";
const RSA: &str = "RSA";
const SIGNERS: [(Persona, &str); 3] = [(ALICE, CURVE25519), (BOB, RSA), (JUDY, "version 6")];
const READERS: [(Persona, &str); 4] = [
    (CAROL, CURVE25519),
    (BOB, RSA),
    (ERIN, "Curve25519, version 2 of the container"),
    (JUDY, "version 6, version 2 of the container"),
];
/// Several recipients in one message, the first of whom is also its sender.
const SEVERAL: [(&[Persona], &str); 3] = [
    (&[ALICE, BOB, CAROL], "three recipients"),
    (&[JUDY, ERIN], "two recipients, version 2 of the container"),
    (&[JUDY, CAROL], "recipients of version 4 and 6"),
];
/// The forms of a signed document, and what the table says of them.
const FORMS: [(&str, &str); 2] = [("binary", ""), ("text", ", text document")];
/// The certificates that [`Ours`] does not know by itself.
const MORE: &str = "--cert erin.cert.asc --cert judy.cert.asc";

/// Those whose keys the other knows.
fn known(them: &impl Correspondent, kinds: &[(Persona, &'static str)]) -> Vec<(Persona, &'static str)> {
    kinds.iter().copied().filter(|(persona, _)| knows(them, &[*persona])).collect()
}

fn several(them: &impl Correspondent) -> Vec<(&'static [Persona], &'static str)> {
    SEVERAL.into_iter().filter(|(people, _)| knows(them, people)).collect()
}

fn knows(them: &impl Correspondent, people: &[Persona]) -> bool {
    them.is_current() || !people.iter().any(|persona| [ERIN, JUDY].contains(persona))
}

/// Who signs for these: of version 6 for a reader of version 6.
fn signer(to: &[Persona]) -> Persona {
    if to.contains(&JUDY) { JUDY } else { ALICE }
}

/// R2, R17 to R19, R21, R30 to R34
pub(crate) fn reads_our_signatures(mut them: impl Correspondent) {
    let ours = Ours::new();
    for (from, kind) in known(&them, &SIGNERS) {
        let fingerprint = ours.openpgp_fingerprint(from);
        for name in &DRAFTS[..them.drafts()] {
            let draft = ours.draft(name, from);
            let (content, signature) = signed_parts(&ours.protect(&format!("sign --key {}.key.asc", from.name)));
            assert_eq!(them.verify(&content, &signature, from).as_ref(), Some(&fingerprint), "{kind}");
            assert_eq!(them.verify(&changed(&content, content.len() - 3), &signature, from), None, "{kind}");
            draft.assert_is(&content);
        }
        table::reads(them.name(), &format!("multipart/signed, {kind}"));
    }
}

/// R2, R30, R34
pub(crate) fn signs_what_we_verify(mut them: impl Correspondent) {
    let ours = Ours::new();
    let options = format!("{LATER} {MORE}");
    for (by, kind) in known(&them, &SIGNERS) {
        for (form, feature) in FORMS.into_iter().take(if them.signs_text() { 2 } else { 1 }) {
            let signature = them.sign(ENTITY, form, by);
            let message = mail(by, &pgp_signed(ENTITY, &signature, "pgp-sha512"));
            ours.verdict(&options, &message).assert_good("signed", &["signed valid"]);
            assert_eq!(ours.payload(&options, &message), ENTITY);
            let at = find(&message, b"bring").unwrap();
            ours.verdict(&options, &changed(&message, at)).assert_changed("unprotected");
            table::writes(them.name(), &format!("multipart/signed, {kind}{feature}"));
        }
    }
}

/// R29, R35, R51, R71
pub(crate) fn opens_our_mail(mut them: impl Correspondent) {
    let ours = Ours::new();
    for (to, kind) in known(&them, &READERS) {
        let from = signer(&[to]);
        let fingerprint = ours.openpgp_fingerprint(from);
        let certs = format!("--cert {}.cert.asc -r {} {MORE}", to.name, to.address);
        for name in &DRAFTS[..them.drafts()] {
            let draft = ours.draft(name, from);
            let sealed = ours.protect(&format!("encrypt --key {}.key.asc {certs}", from.name));
            let (opened, signed_by) = them.decrypt(&encrypted_part(&sealed), to, Some(from)).unwrap();
            assert_eq!(signed_by.as_ref(), Some(&fingerprint), "{kind}");
            draft.assert_is(&opened);

            let sealed = ours.protect(&format!("encrypt --no-sign --cert {}.cert.asc {certs}", from.name));
            // The sender reads what was sent.
            for reader in [to, from] {
                draft.assert_is(&them.decrypt(&encrypted_part(&sealed), reader, None).unwrap().0);
            }
        }
        table::reads(them.name(), &format!("multipart/encrypted, {kind}"));
        table::reads(them.name(), &format!("multipart/encrypted, {kind}, signed inside"));
    }
    for (people, kind) in several(&them) {
        let (from, to) = (people[0], &people[1..]);
        let draft = ours.draft_to(from, to);
        let certs: Vec<String> = to.iter().map(|to| format!("--cert {}.cert.asc", to.name)).collect();
        let certs = certs.join(" ");
        let signed = ours.protect(&format!("encrypt --key {}.key.asc {certs}", from.name));
        let sealed = ours.protect(&format!("encrypt --no-sign --cert {}.cert.asc {certs}", from.name));
        for reader in people {
            let (opened, signed_by) = them.decrypt(&encrypted_part(&signed), *reader, Some(from)).unwrap();
            assert_eq!(signed_by, Some(ours.openpgp_fingerprint(from)), "{kind}");
            draft.assert_is(&opened);
            draft.assert_is(&them.decrypt(&encrypted_part(&sealed), *reader, None).unwrap().0);
        }
        table::reads(them.name(), &format!("multipart/encrypted, {kind}"));
        table::reads(them.name(), &format!("multipart/encrypted, {kind}, signed inside"));
    }
}

/// R37, R66, R135
pub(crate) fn encrypts_what_we_open(mut them: impl Correspondent) {
    let ours = Ours::new();
    let alone = known(&them, &READERS).into_iter().map(|(to, kind)| (vec![to], kind));
    let several = several(&them).into_iter().map(|(people, kind)| (people.to_vec(), kind));
    let groups: Vec<_> = alone.chain(several).collect();
    for (to, kind) in groups {
        let by = signer(&to);
        let sealed = them.encrypt(ENTITY, &to, None);
        let signed = them.encrypt(ENTITY, &to, Some(by));
        for reader in to {
            let options = format!("{LATER} {MORE} --key {}.key.asc", reader.name);
            let message = mail(by, &pgp_encrypted(&sealed));
            assert_layers(&ours.verdict(&options, &message).layers(), &[]);
            assert_eq!(ours.payload(&options, &message), ENTITY, "{kind}");

            let message = mail(by, &pgp_encrypted(&signed));
            let verdict = ours.verdict(&options, &message);
            assert_layers(&verdict.layers(), &["signed valid"]);
            assert_eq!((verdict.summary(), verdict.sender(), verdict.code), ("signed+encrypted", "verified", 0));
            assert_eq!(ours.payload(&options, &message), ENTITY, "{kind}");

            let packets = dearmored(&signed);
            let message = mail(by, &pgp_encrypted(&armor(&changed(&packets, packets.len() - 30))));
            ours.verdict(&options, &message).assert_failed();
            ours.gives_nothing(&options, &message);
        }
        table::writes(them.name(), &format!("multipart/encrypted, {kind}"));
        table::writes(them.name(), &format!("multipart/encrypted, {kind}, signed inside"));
    }
}

/// R37, R66, R135
pub(crate) fn locks_what_we_open(mut them: impl Correspondent) {
    let ours = Ours::new();
    ours.file("right.pass", b"correct horse\n");
    ours.file("wrong.pass", b"correct hearse\n");
    let message = mail(ALICE, &pgp_encrypted(&them.lock(ENTITY, "correct horse")));
    let right = "--passphrase-file wrong.pass --passphrase-file right.pass";
    assert_layers(&ours.verdict(right, &message).layers(), &[]);
    assert_eq!(ours.payload(right, &message), ENTITY);
    ours.verdict("--passphrase-file wrong.pass", &message).assert_failed();
    ours.gives_nothing("--passphrase-file wrong.pass", &message);
    table::writes(them.name(), "multipart/encrypted, password");
}

/// R29: with the password and without; of a message to a certificate as well each of the two is enough
pub(crate) fn unlocks_our_mail(mut them: impl Correspondent) {
    let ours = Ours::new();
    ours.file("right.pass", b"correct horse\n");
    let draft = ours.draft_to(ALICE, &[CAROL]);
    let fingerprint = ours.openpgp_fingerprint(ALICE);
    let locked = encrypted_part(&ours.protect("encrypt --no-sign --with-password right.pass"));
    let certs = "--key alice.key.asc --cert carol.cert.asc";
    let either = encrypted_part(&ours.protect(&format!("encrypt {certs} --with-password right.pass")));
    for sealed in [&locked, &either] {
        draft.assert_is(&them.unlock(sealed, "correct horse").unwrap());
        assert_eq!(them.unlock(sealed, "correct hearse"), None);
    }
    table::reads(them.name(), "multipart/encrypted, password");
    let (opened, signed_by) = them.decrypt(&either, CAROL, Some(ALICE)).unwrap();
    assert_eq!(signed_by, Some(fingerprint));
    draft.assert_is(&opened);
    table::reads(them.name(), "multipart/encrypted, password or Curve25519, signed inside");
}

/// R125: who is not named is found by whoever tries all keys; the table says who does not
pub(crate) fn finds_hidden_recipients(mut them: impl Correspondent) {
    let ours = Ours::new();
    for (to, kind) in known(&them, &[(BOB, "hidden recipient"), (JUDY, "hidden recipient, version 6")]) {
        let from = signer(&[to]);
        for (beside, feature) in [(&[][..], ""), (&[CAROL], " beside another")] {
            let draft = ours.draft_to(from, &[beside, &[to]].concat());
            let certs = format!("--key {}.key.asc --cert carol.cert.asc --cert {}.cert.asc", from.name, to.name);
            let sealed = encrypted_part(&ours.protect(&format!("encrypt {certs} -R {}", to.address)));
            let feature = format!("multipart/encrypted, {kind}{feature}");
            match them.decrypt(&sealed, to, Some(from)) {
                Some((opened, signed_by)) => {
                    draft.assert_is(&opened);
                    assert_eq!(signed_by, Some(ours.openpgp_fingerprint(from)), "{kind}");
                    table::reads(them.name(), &feature);
                }
                None => table::lacks(them.name(), &feature),
            }
        }
        let Some(sealed) = them.hide(ENTITY, to) else { continue };
        let message = mail(ALICE, &pgp_encrypted(&sealed));
        let options = format!("{LATER} {MORE}");
        let key = format!("{options} --key {}.key.asc", to.name);
        assert_layers(&ours.verdict(&key, &message).layers(), &[]);
        assert_eq!(ours.payload(&key, &message), ENTITY, "{kind}");
        ours.gives_nothing(&format!("{options} --key carol.key.asc"), &message);
        table::writes(them.name(), &format!("multipart/encrypted, {kind}"));
    }
}

/// R144, R145
pub(crate) fn signs_in_the_header(mut them: impl Correspondent) {
    let ours = Ours::new();
    for (from, kind) in known(&them, &[(ALICE, ""), (JUDY, ", version 6")]) {
        let draft = ours.draft("plain", from);
        let signed = ours.protect(&format!("sign --unobtrusive --key {}.key.asc", from.name));
        let (content, signature) = unobtrusive::parts(&signed, "p");
        assert_eq!(them.verify(&content, &signature, from), Some(ours.openpgp_fingerprint(from)));
        assert_eq!(them.verify(&changed(&content, content.len() - 3), &signature, from), None);
        draft.assert_is(&content);
        table::reads(them.name(), &format!("unobtrusive signature{kind}"));

        let content = unobtrusive::content(from);
        let signature = dearmored(&them.sign(&content, "binary", from));
        let message = unobtrusive::message("p", from, &signature);
        let options = format!("{LATER} {MORE}");
        ours.verdict(&options, &message).assert_good("signed", &["signed valid"]);
        let other = changed(&message, find(&message, b"bring").unwrap());
        unobtrusive::assert_silent(&ours.verdict(&options, &other));
        table::writes(them.name(), &format!("unobtrusive signature{kind}"));
    }
}

/// Fails unless an encryption was opened, perhaps a compression undone, and then these layers follow.
#[track_caller]
pub(crate) fn assert_layers(layers: &[String], inside: &[&str]) {
    assert!(layers[0].starts_with("encrypted aes-") && layers[0].ends_with(" done"), "{layers:?}");
    let rest: Vec<&String> = layers[1..].iter().filter(|layer| !layer.starts_with("compressed ")).collect();
    assert_eq!(rest, inside, "{layers:?}");
}

/// The conversation as a module of tests; `$them` gives the program, or nothing where it is missing.
macro_rules! conversation {
    ($module:ident, $them:expr) => {
        conversation! {
            $module, $them;
            reads_our_signatures signs_what_we_verify opens_our_mail encrypts_what_we_open
            locks_what_we_open unlocks_our_mail finds_hidden_recipients signs_in_the_header
        }
    };
    ($module:ident, $them:expr; $($test:ident)*) => {
        mod $module {
            #[allow(unused_imports, reason = "what gives the program stands above")]
            use super::*;
            use crate::correspondent;

            $(
                #[test]
                fn $test() {
                    if let Some(them) = $them {
                        correspondent::$test(them);
                    }
                }
            )*
        }
    };
}
pub(crate) use conversation;
