//! Something in the agent's place that says what it may not, or nothing: an error in bounded time and memory.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use mailseal_core::{Credential, KeySource as _, Locked, Passphrase, Policy, Prompt, Protocol as _};
use mailseal_gnupg::{Agent, Asking, Error, Home, Ring};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::gnupg::Home as TestHome;
use mailseal_testkit::personas::ALICE;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// A home in whose agent's place somebody else listens.
struct Impostor {
    home: TestHome,
    socket: PathBuf,
}

impl Impostor {
    /// `serve` is run for each who comes.
    fn new(serve: impl Fn(UnixStream) + Send + 'static) -> Option<Impostor> {
        let home = TestHome::new()?;
        drop(home.gpg().arg("--import").arg(ALICE.openpgp_cert()).succeed());
        let gpgconf = || mailseal_testkit::program::Program::find("gpgconf").unwrap().env("GNUPGHOME", home.path());
        drop(gpgconf().args(["--kill", "all"]).succeed());
        let said = String::from_utf8(gpgconf().args(["--list-dirs", "agent-socket"]).succeed()).unwrap();
        let socket = PathBuf::from(said.trim_end());
        // An agent that is ending takes the socket away, whoever's it is by then.
        let until = Instant::now() + Duration::from_secs(5);
        while socket.exists() && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
        let _ = fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap())));
        Some(Impostor { home, socket })
    }

    /// The keys that it says it has.
    fn keys(&self, asking: Asking) -> Result<Vec<Credential>, Error> {
        let place = Home::chosen(self.home.path().to_owned());
        let agent = Agent::new(place.clone(), asking).unwrap().with_patience(Duration::from_millis(300));
        Ring::open(&place).unwrap().keys(&Arc::new(agent)).map(|keys| keys.all())
    }

    /// What comes of signing with its key, and how long that took.
    fn sign(&self, asking: Asking) -> (Result<(), mailseal_core::Error>, Duration) {
        let alice = self.keys(asking).unwrap();
        let policy = Policy::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_272_060));
        let begin = Instant::now();
        let signed = OpenPgp.sign(&b"text".to_vec(), &alice, &policy, &mut Vec::new()).map(drop);
        (signed, begin.elapsed())
    }
}

/// Whoever ends the home's daemons must not wait for this one.
impl Drop for Impostor {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
    }
}

/// Says `greeting` to whoever comes, then `answer` to every line.
fn asked(greeting: &'static [u8], answer: &'static [u8]) -> Option<Result<usize, Error>> {
    let impostor = Impostor::new(move |mut stream| {
        let _ = stream.write_all(greeting);
        let mut octets = [0; 4096];
        while stream.read(&mut octets).is_ok_and(|length| length > 0) && stream.write_all(answer).is_ok() {}
    })?;
    let begin = Instant::now();
    let keys = impostor.keys(Asking::Nobody);
    assert!(begin.elapsed() < Duration::from_secs(10), "it ends");
    Some(keys.map(|keys| keys.len()))
}

/// Says yes to everything, and to PKSIGN what `answer` gives: that is given what it may go on to read.
fn signing(answer: impl Fn(&mut UnixStream, &mut dyn BufRead) + Send + 'static) -> Option<Impostor> {
    Impostor::new(move |mut stream| {
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        let _ = stream.write_all(b"OK\n");
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
            if line == "PKSIGN\n" {
                answer(&mut stream, &mut lines);
            } else if stream.write_all(b"OK\n").is_err() {
                return;
            }
            line.clear();
        }
    })
}

/// Gives the same passphrase a few times.
struct Gives(usize);

impl Prompt for Gives {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt < self.0).then(|| Passphrase::new("guess".to_owned()))
    }
}

/// Attack 23: every passphrase is wrong, none too; the questions have an end when the answers have one.
#[test]
fn nobody_is_asked_for_ever() {
    for given in [0, 3] {
        let impostor = signing(|stream, lines| {
            let _ = stream.write_all(b"INQUIRE PASSPHRASE\n");
            let mut line = String::new();
            while !["END\n", "CAN\n"].contains(&line.as_str()) {
                line.clear();
                if lines.read_line(&mut line).is_ok_and(|length| length == 0) {
                    return;
                }
            }
            let _ = stream.write_all(b"ERR 67108875 Bad passphrase <GPG Agent>\n");
        });
        let Some(impostor) = impostor else { return };
        let (signed, took) = impostor.sign(Asking::Loopback(Arc::new(Gives(given))));
        assert!(matches!(signed, Err(mailseal_core::Error::Locked(_))), "{signed:?}");
        assert!(took < Duration::from_secs(10));
    }
}

/// Attack 23: questions, each in time, do not make the answer wait longer.
#[test]
fn questions_gain_no_time() {
    let impostor = signing(|stream, _| {
        while stream.write_all(b"INQUIRE TIME\n").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let Some(impostor) = impostor else { return };
    let (signed, took) = impostor.sign(Asking::Nobody);
    assert!(matches!(signed, Err(mailseal_core::Error::Key(_))), "{signed:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

/// What it signed is no signature of the key: nothing is sent with that.
#[test]
fn signatures_of_nobody() {
    for answer in [
        &b"D (7:sig-val(5:eddsa(1:r1:1)(1:s1:2)))\nOK\n"[..],
        b"D (7:sig-val(5:eddsa(1:r0:)(1:s0:)))\nOK\n",
        b"D (7:sig-val(3:rsa(1:s1:2)))\nOK\n",
        b"OK\n",
    ] {
        let impostor = signing(move |stream, _| drop(stream.write_all(answer)));
        let Some(impostor) = impostor else { return };
        let (signed, _) = impostor.sign(Asking::Nobody);
        assert!(signed.is_err(), "{}", String::from_utf8_lossy(answer));
    }
}

#[test]
fn answers_that_are_none() {
    let long: &'static [u8] = vec![b'x'; 5000].leak();
    let lines: &'static [u8] = b"S x\n".repeat(20_000).leak();
    let data: &'static [u8] = [&b"D "[..], &[b'x'; 900], b"\n"].concat().repeat(100).leak();
    let cases: [(&[u8], &[u8], &str); 9] = [
        (b"", b"", "does not answer"),
        (b"OK hello\n", b"", "does not answer"),
        (b"HTTP/1.1 200\n", b"", "unknown line"),
        (b"OK\n", long, "too long"),
        (b"OK\n", lines, "too many lines"),
        (b"OK\n", data, "too much data"),
        (b"OK\n", b"D %zz\n", "escape"),
        (b"OK\n", b"ERR\n", "without a code"),
        (b"OK\n", b"ERR 67108924 Not supported <GPG Agent>\n", "refuses"),
    ];
    for (greeting, answer, why) in cases {
        let Some(asked) = asked(greeting, answer) else { return };
        let error = asked.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    // Questions that nobody can answer are cancelled; an agent that goes on asking is left.
    let Some(asking) = asked(b"OK\n", b"INQUIRE PASSPHRASE\n") else { return };
    assert!(asking.is_err());
    let Some(nothing) = asked(b"OK\n", b"# a remark\nOK\n") else { return };
    assert_eq!(nothing.unwrap(), 1);
}
