//! The same calls to this program and to others of the Stateless OpenPGP interface: what the one makes, the other reads.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Folder, Sop};
use mailseal_testkit::peer::installed;
use mailseal_testkit::table;

const TEXT: &[u8] = b"Hello, world!\nA second line, with a dash:\n- one\nand UTF-8: \xc3\xa4\n";
const OTHER: &[u8] = b"Hallo, world!\nA second line, with a dash:\n- one\nand UTF-8: \xc3\xa4\n";

/// Another program, and in what it differs.
struct Peer {
    sop: Sop,
    /// What its option for verifications is called.
    verifications: &'static str,
    /// The verbs for inline-signed messages.
    inline: Part,
}

/// Whether a program has a part of the interface.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Has,
    Lacks,
}

/// Which of the two makes something.
#[derive(Clone, Copy)]
enum Way {
    /// Ours makes, the other reads.
    Out,
    /// The other makes, ours reads.
    In,
}

/// Keys of both, as `ours.key`, `ours.cert`, `theirs.key`, `theirs.cert`; of the profiles where one is named.
struct Pair<'a> {
    peer: &'a Peer,
    folder: Folder,
    /// What the features of the table begin with.
    keys: &'static str,
    /// Whether the other program writes session keys down; rsop does not those of SEIPD version 2.
    session_key: Part,
}

impl<'a> Pair<'a> {
    fn new(peer: &'a Peer, keys: &'static str, our_profile: &str, their_profile: Option<&str>) -> Pair<'a> {
        let folder = Folder::new();
        let theirs = their_profile.map(|profile| format!("--profile={profile}")).unwrap_or_default();
        for (name, sop, option) in
            [("ours", &Sop::ours(), format!("--profile={our_profile}")), ("theirs", &peer.sop, theirs)]
        {
            let key = sop.ok(&folder, &format!("generate-key {option} {name}@example.org"), b"");
            folder.write(&format!("{name}.key"), &key);
            folder.write(&format!("{name}.cert"), &sop.ok(&folder, "extract-cert", &key));
        }
        Pair { peer, folder, keys, session_key: Part::Has }
    }

    /// Who makes, who reads, and what their files are called.
    fn sides(&self, way: Way) -> (Sop, &'static str, Sop, &'static str) {
        let (ours, theirs) = (Sop::ours(), self.peer.sop.clone());
        match way {
            Way::Out => (ours, "ours", theirs, "theirs"),
            Way::In => (theirs, "theirs", ours, "ours"),
        }
    }

    fn verifications(&self, reader: &Sop) -> &'static str {
        if reader.name == self.peer.sop.name { self.peer.verifications } else { "--verifications-out" }
    }

    fn seen(&self, way: Way, feature: &str) {
        let program = format!("mailseal-sop and {}", self.peer.sop.name);
        let feature = format!("{}: {feature}", self.keys);
        match way {
            Way::Out => table::reads(&program, &feature),
            Way::In => table::writes(&program, &feature),
        }
    }

    fn detached(&self, way: Way) {
        let (maker, by, reader, _) = self.sides(way);
        for mode in ["binary", "text"] {
            let signature = maker.ok(&self.folder, &format!("sign --as={mode} {by}.key"), TEXT);
            // gosop panics at a name of less than five letters.
            self.folder.write("signature", &signature);
            let words = format!("verify signature {by}.cert");
            assert!(!reader.ok(&self.folder, &words, TEXT).is_empty());
            refuses(&reader, &self.folder, &words, OTHER, 3);
            self.seen(way, &format!("sign, {mode}"));
        }
    }

    fn inline(&self, way: Way) {
        let (maker, by, reader, _) = self.sides(way);
        for mode in ["binary", "text", "clearsigned"] {
            let message = maker.ok(&self.folder, &format!("inline-sign --as={mode} {by}.key"), TEXT);
            let words = format!("inline-verify --verifications-out=told.txt {by}.cert");
            let shown = reader.ok(&self.folder, &words, &message);
            assert_eq!(lines(&shown), lines(TEXT), "{} {mode}", reader.name);
            assert!(!self.folder.take("told.txt").is_empty());
            if mode == "clearsigned" {
                let changed = String::from_utf8(message).unwrap().replace("Hello", "Hallo");
                refuses(&reader, &self.folder, &format!("inline-verify {by}.cert"), changed.as_bytes(), 3);
            }
            self.seen(way, &format!("inline-sign, {mode}"));
        }
    }

    fn encrypted(&self, way: Way) {
        let (maker, from, reader, to) = self.sides(way);
        let message = maker.ok(&self.folder, &format!("encrypt {to}.cert"), TEXT);
        assert_eq!(reader.ok(&self.folder, &format!("decrypt {to}.key"), &message), TEXT);
        refuses(&reader, &self.folder, &format!("decrypt {from}.key"), &message, 29);
        self.seen(way, "encrypt");

        let words = format!("encrypt --sign-with={from}.key ours.cert theirs.cert");
        let message = maker.ok(&self.folder, &words, TEXT);
        let option = self.verifications(&reader);
        let words = format!("decrypt --verify-with={from}.cert {option}=told.txt {to}.key");
        assert_eq!(reader.ok(&self.folder, &words, &message), TEXT);
        assert!(!self.folder.take("told.txt").is_empty());
        self.seen(way, "encrypt to two, signed");

        if self.session_key == Part::Lacks {
            return;
        }
        reader.ok(&self.folder, &format!("decrypt --session-key-out=session.txt {to}.key"), &message);
        let session = self.folder.take("session.txt");
        self.folder.write("session.txt", session.as_bytes());
        assert_eq!(maker.ok(&self.folder, "decrypt --with-session-key=session.txt", &message), TEXT, "{session}");
        self.folder.take("session.txt");
        self.seen(way, "session key");
    }

    /// gosop writes text with CRLF as line ends when it encrypts to a password.
    fn password(&self, way: Way) {
        let (maker, _, reader, _) = self.sides(way);
        self.folder.write("password.txt", b"open sesame");
        // Of the version of the keys, where the programs have profiles.
        let profile = if self.keys == "version 6" { "--profile=rfc9580" } else { "" };
        let message = maker.ok(&self.folder, &format!("encrypt {profile} --with-password=password.txt"), TEXT);
        let shown = reader.ok(&self.folder, "decrypt --with-password=password.txt", &message);
        assert_eq!(lines(&shown), lines(TEXT), "{}", reader.name);
        self.folder.write("another.txt", b"open says me");
        refuses(&reader, &self.folder, "decrypt --with-password=another.txt", &message, 29);
        self.seen(way, "encrypt to a password");
    }

    /// Locked by the one, opened by the other.
    fn locked(&self, way: Way) {
        let (maker, by, reader, _) = self.sides(way);
        self.folder.write("password.txt", b"open sesame");
        let key = std::fs::read(self.folder.path().join(format!("{by}.key"))).unwrap();
        let locked = maker.ok(&self.folder, "change-key-password --new-key-password=password.txt", &key);
        self.folder.write("locked.key", &locked);
        refuses(&reader, &self.folder, "sign locked.key", TEXT, 67);
        self.folder
            .write("signature", &reader.ok(&self.folder, "sign --with-key-password=password.txt locked.key", TEXT));
        assert!(!maker.ok(&self.folder, &format!("verify signature {by}.cert"), TEXT).is_empty());
        self.seen(way, "change-key-password");
    }

    fn revoked(&self, way: Way) {
        let (maker, by, reader, _) = self.sides(way);
        let key = std::fs::read(self.folder.path().join(format!("{by}.key"))).unwrap();
        self.folder.write("signature", &maker.ok(&self.folder, &format!("sign {by}.key"), TEXT));
        self.folder.write("revoked.cert", &maker.ok(&self.folder, "revoke-key", &key));
        let cert = std::fs::read(self.folder.path().join(format!("{by}.cert"))).unwrap();
        self.folder.write("merged.cert", &reader.ok(&self.folder, "merge-certs revoked.cert", &cert));
        refuses(&reader, &self.folder, "encrypt merged.cert", TEXT, 17);
        refuses(&reader, &self.folder, "verify signature merged.cert", TEXT, 3);
        self.seen(way, "revoke-key, merge-certs");
    }

    /// The verbs of keys and certificates, which only programs of newer drafts have.
    fn lifecycle(&self) {
        for way in [Way::Out, Way::In] {
            self.locked(way);
            self.revoked(way);
        }
        let read = |name: &str| std::fs::read(self.folder.path().join(name)).unwrap();
        self.lacks("update-key", "update-key", &read("theirs.key"));
        let cert = read("ours.cert");
        for (verb, words) in [
            ("certify-userid", "certify-userid --userid=ours@example.org theirs.key"),
            ("validate-userid", "validate-userid ours@example.org ours.cert"),
        ] {
            assert_eq!(Sop::ours().code(&self.folder, &words.replace("theirs", "ours"), &cert), 0, "{verb}");
            self.lacks(verb, words, &cert);
        }
    }

    fn conversation(&self) {
        for way in [Way::Out, Way::In] {
            self.detached(way);
            self.encrypted(way);
            self.password(way);
            if self.peer.inline == Part::Has {
                self.inline(way);
            }
        }
        if self.peer.inline == Part::Lacks {
            self.lacks("inline-sign", "inline-sign theirs.key", TEXT);
        }
        if self.session_key == Part::Lacks {
            let message = Sop::ours().ok(&self.folder, "encrypt theirs.cert", TEXT);
            self.lacks("session key", "decrypt --session-key-out=session.txt theirs.key", &message);
        }
    }

    /// The program refuses what it does not have.
    fn lacks(&self, feature: &str, words: &str, input: &[u8]) {
        assert!(!self.peer.sop.run(&self.folder, words, input).status.success(), "{words}");
        table::lacks(&format!("mailseal-sop and {}", self.peer.sop.name), &format!("{}: {feature}", self.keys));
    }
}

/// The program refuses; ours with this code and without output, the others as they like (rsop ends with 1 for every message
/// that it can't decrypt, PGPainless shows a text that it does not verify).
fn refuses(reader: &Sop, folder: &Folder, words: &str, input: &[u8], code: i32) {
    let output = reader.run(folder, words, input);
    assert!(!output.status.success(), "{} {words}", reader.name);
    if reader.name == Sop::ours().name {
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(code), true), "{words}: {}", output.stderr);
    }
}

/// The lines of a text, whatever ends them, without empty ones at its end: programs differ in what they make of the last line
/// end of a cleartext message.
fn lines(text: &[u8]) -> Vec<String> {
    String::from_utf8(text.to_vec()).unwrap().trim_end().lines().map(str::to_owned).collect()
}

#[test]
fn sqop() {
    let Some(sop) = Sop::find("sqop") else { return };
    let peer = Peer { sop, verifications: "--verifications-out", inline: Part::Has };
    Pair::new(&peer, "version 4", "default", None).conversation();
}

#[test]
fn gosop() {
    let Some(sop) = Sop::find("gosop") else { return };
    let peer = Peer { sop, verifications: "--verify-out", inline: Part::Lacks };
    Pair::new(&peer, "version 4", "default", None).conversation();
}

#[test]
fn pgpainless() {
    let Some(sop) = Sop::find("pgpainless-cli") else { return };
    let peer = Peer { sop, verifications: "--verifications-out", inline: Part::Has };
    Pair::new(&peer, "version 4", "default", None).conversation();
}

#[test]
fn rsop() {
    let Some(path) = installed("rsop/bin/rsop") else { return };
    let peer = Peer { sop: Sop::at("rsop", &path), verifications: "--verifications-out", inline: Part::Has };
    let old = Pair::new(&peer, "version 4", "default", Some("default"));
    old.conversation();
    old.lifecycle();
    let new = Pair::new(&peer, "version 6", "rfc9580", Some("rfc9580"));
    let new = Pair { session_key: Part::Lacks, ..new };
    new.conversation();
    new.lifecycle();
}
