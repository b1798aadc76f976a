//! Something in the agent's place that says what it may not, or nothing: an error in bounded time and memory.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use mailseal_gnupg::{Agent, Asking, Error, Home, Ring};
use mailseal_testkit::gnupg::Home as TestHome;
use mailseal_testkit::personas::ALICE;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Says `greeting` to whoever comes, then `answer` to every line.
fn asked(greeting: &'static [u8], answer: &'static [u8]) -> Option<Result<usize, Error>> {
    let home = TestHome::new()?;
    drop(home.gpg().arg("--import").arg(ALICE.openpgp_cert()).succeed());
    let gpgconf = mailseal_testkit::program::Program::find("gpgconf").unwrap();
    drop(gpgconf.env("GNUPGHOME", home.path()).args(["--kill", "all"]).succeed());
    let said = mailseal_testkit::program::Program::find("gpgconf").unwrap().env("GNUPGHOME", home.path());
    let said = String::from_utf8(said.args(["--list-dirs", "agent-socket"]).succeed()).unwrap();
    let _ = fs::remove_file(said.trim_end());
    let listener = UnixListener::bind(said.trim_end()).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(greeting);
            let mut octets = [0; 4096];
            while stream.read(&mut octets).is_ok_and(|length| length > 0) && stream.write_all(answer).is_ok() {}
        }
    });
    let place = Home::chosen(home.path().to_owned());
    let agent = Agent::new(place.clone(), Asking::Nobody).unwrap().with_patience(Duration::from_millis(300));
    let begin = Instant::now();
    let keys = Ring::open(&place).unwrap().keys(&Arc::new(agent));
    assert!(begin.elapsed() < Duration::from_secs(10), "it ends");
    // Whoever ends the home's daemons must not wait for this one.
    fs::remove_file(said.trim_end()).unwrap();
    use mailseal_core::KeySource as _;
    Some(keys.map(|keys| keys.all().len()))
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
