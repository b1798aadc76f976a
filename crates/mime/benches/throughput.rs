//! Octets of input a second: `cargo bench -p mailseal-mime`.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

use mailseal_mime::prepare::{Options, prepare};
use mailseal_mime::{CanonicalReader, Limits, Source, Tree};
use std::io::{self, Read, Write};
use std::time::Instant;

const SIZE: usize = 128 << 20;

fn main() {
    for (name, message) in inputs() {
        let tree = Tree::parse(&message, &Limits::default()).unwrap();
        let parts = 0..tree.parts().len();
        report(name, "parse", &message, || {
            Tree::parse(&message, &Limits::default()).unwrap();
        });
        report(name, "decode", &message, || {
            for index in parts.clone().filter(|&i| tree.parts()[i].is_leaf()) {
                io::copy(&mut tree.decoded(&message, index), &mut io::sink()).unwrap();
            }
        });
        report(name, "canonical", &message, || drain(CanonicalReader::new(message.as_slice())));
        report(name, "prepare", &message, || {
            let prepared = prepare(&message, &tree, 0, &Options::default()).unwrap();
            prepared.write_to(&mut Sink).unwrap();
        });
    }
}

/// Takes octets without a copy.
struct Sink;

impl Write for Sink {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(std::hint::black_box(buf).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn drain(mut input: impl Read) {
    io::copy(&mut input, &mut io::sink()).unwrap();
}

fn report(name: &str, what: &str, message: &Vec<u8>, run: impl Fn()) {
    let best = (0..3)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap();
    let megabytes = Source::len(message) as f64 / 1e6;
    println!("{name:<16} {what:<10} {:>8.0} MB/s", megabytes / best.as_secs_f64());
}

fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let multipart = "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    let fill = |head: &str, line: &str| {
        let mut message = head.as_bytes().to_vec();
        while message.len() < SIZE {
            message.extend_from_slice(line.as_bytes());
        }
        message.extend_from_slice(b"\r\n--b--\r\n");
        message
    };
    let base64 = "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let text = "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    let part = format!("--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n", "some text in a line\r\n".repeat(1000));
    vec![
        ("base64", fill(&format!("{multipart}{base64}"), &format!("{}\r\n", "Abc/".repeat(19)))),
        ("8bit text", fill(&format!("{multipart}{text}"), "Some Käse in a line of common length, and more text.\r\n")),
        ("many parts", fill(multipart, &part)),
        ("delimiter-like", fill(&format!("{multipart}{text}"), "--a\r\n")),
    ]
}
