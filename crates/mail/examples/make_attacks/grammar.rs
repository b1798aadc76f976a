//! Attacks 18, 19 and 23: what was signed but is no mail, packets that should not be there, and too much of everything.

use crate::kit::*;
use crate::packets::{Packet, join, literal, of_armor, packet, split};
use mailseal_testkit::personas::ALICE;
use mailseal_testkit::quine;

pub(crate) fn make() {
    no_mail();
    company();
    too_much();
}

fn no_mail() {
    let folder = "18-no-mail";
    let gpg = Gpg::new();
    for (name, object) in [
        ("commit", "tree 0123456789abcdef\r\nparent 0123456789abcdef\r\n\r\nPay Eve 1000 euro.\r\n"),
        ("sentence", "Pay Eve 1000 euro.\r\n"),
        ("file", "%PDF-1.4\r\nPay Eve 1000 euro.\r\n"),
    ] {
        for tech in BOTH {
            write(folder, &format!("{name}-{}", tech.name()), mail(FROM_ALICE, &tech.signed(&ALICE, object)));
        }
        let opaque_object = opaque("signed-data", &opaque_signed(&ALICE, object));
        write(folder, &format!("{name}-opaque-smime"), mail(FROM_ALICE, &opaque_object));
    }
    let run = |how: &str| controlled(&crlf(&gpg.run(how, LETTER)));
    write(folder, "signed-as-encrypted-pgp", mail(FROM_ALICE, &run("--armor --sign -z 0 -u alice@example.org")));
    write(folder, "compressed-as-encrypted-pgp", mail(FROM_ALICE, &run("--armor --store -z 6")));
    write(folder, "literal-as-encrypted-pgp", mail(FROM_ALICE, &run("--armor --store -z 0")));
    let signed = opaque_signed(&ALICE, LETTER);
    write(folder, "signed-as-encrypted-smime", mail(FROM_ALICE, &opaque("enveloped-data", &signed)));
    write(folder, "data-as-encrypted-smime", mail(FROM_ALICE, &opaque("enveloped-data", LETTER.as_bytes())));
    for tech in BOTH {
        write(folder, &format!("control-signed-{}", tech.name()), mail(FROM_ALICE, &tech.signed(&ALICE, LETTER)));
        write(folder, &format!("control-sealed-{}", tech.name()), mail(FROM_ALICE, &tech.sealed(&ALICE, SECRET)));
    }
}

fn company() {
    let folder = "19-company";
    let gpg = Gpg::new();
    let put = |name: &str, entity: &str| write(folder, name, mail(FROM_ALICE, entity));
    let inside = split(&gpg.run("--sign -z 0 -u alice@example.org", SECRET));
    let sealed = |packets: &[Packet]| {
        controlled(&crlf(&gpg.run("--armor --no-literal -z 0 --encrypt -r carol@example.org", join(packets))))
    };
    put("control-pgp", &sealed(&inside));
    put("literal-before-pgp", &sealed(&[&[literal(FORGED)], &inside[..]].concat()));
    put("literal-after-pgp", &sealed(&[&inside[..], &[literal(FORGED)]].concat()));
    let middle = [&inside[..1], &[literal(FORGED)], &inside[1..]].concat();
    put("literal-between-pgp", &sealed(&middle));
    put("two-messages-pgp", &sealed(&[&inside[..], &inside].concat()));
    put("nothing-inside-pgp", &sealed(&[packet(10, b"PGP")]));
    put("control-marker-inside-pgp", &sealed(&[&[packet(10, b"PGP")], &inside[..]].concat()));
    let outer = of_armor(&text(&Pgp.ciphertext(&[Pgp.reader()], &[ALICE], SECRET)));
    put("literal-before-container-pgp", &container(&join(&[&[literal(FORGED)], &outer[..]].concat())));
    put("literal-after-container-pgp", &container(&join(&[&outer[..], &[literal(FORGED)]].concat())));
    put("two-containers-pgp", &container(&join(&[&outer[..], &outer].concat())));
    put("octets-after-pgp", &container(&[&join(&outer)[..], b"\0\0\0\0"].concat()));
    let clear = crlf(&gpg.run("--clearsign -u alice@example.org", "Meet me at noon.\r\n"));
    let inline = |body: &str| format!("Content-Type: text/plain\r\n\r\n{body}");
    put("cleartext-pgp", &inline(&clear));
    put("cleartext-form-feed-pgp", &inline(&clear.replace("Meet", "\u{c}Pay Eve 1000 euro.\r\nMeet")));
    put("cleartext-text-before-pgp", &inline(&format!("Pay Eve 1000 euro.\r\n{clear}")));
    let signed = opaque_signed(&ALICE, LETTER);
    put("control-smime", &opaque("signed-data", &signed));
    put("octets-after-smime", &opaque("signed-data", &[&signed[..], b"Pay Eve 1000 euro."].concat()));
    put("two-messages-smime", &opaque("signed-data", &[&signed[..], &signed].concat()));
    let sealed = SMime.ciphertext(&[SMime.reader()], &[], &SMime.signed(&ALICE, SECRET));
    put("control-sealed-smime", &opaque("authEnveloped-data", &sealed));
    put("octets-after-container-smime", &opaque("authEnveloped-data", &[&sealed[..], &[0; 9]].concat()));
    put("two-containers-smime", &opaque("authEnveloped-data", &[&sealed[..], &sealed].concat()));
}

/// A Compressed Data packet that stores (RFC 1951 §3.2.4).
fn stored(inside: &[u8]) -> Vec<u8> {
    let length = inside.len() as u16;
    let head = [&[1, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
    join(&[packet(8, &[&head, inside].concat())])
}

fn too_much() {
    let folder = "23-too-much";
    let gpg = Gpg::new();
    let put = |name: &str, entity: &str| write(folder, name, mail(FROM_EVE, entity));
    let inner = join(&[literal(LETTER)]);
    let deep = (0..40).fold(inner.clone(), |inside, _| stored(&inside));
    put("nested-compression-pgp", &container(&deep));
    put("quine-pgp", &container(&quine::openpgp()));
    put("control-compressed-pgp", &controlled(&crlf(&gpg.run("--armor --sign -z 6 -u eve@example.org", FORGED))));
    put("four-gigabytes-pgp", &container(&[0xcb, 0xff, 0xff, 0xff, 0xff, 0xff, b'b', 0, 0, 0, 0, 0]));
    put("endless-chunks-pgp", &container(&[0xcb, 0xe0, b'b'].repeat(500)));
    put("zeros-pgp", &controlled(&crlf(&gpg.run("--armor --store -z 9 --compress-algo bzip2", vec![0; 4 << 20]))));
    let unknown = packet(1, &[9; 12]);
    put("unknown-recipients-pgp", &container(&join(&vec![unknown; 300])));
    let deep: String = (0..100)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))
        .collect();
    put("nested-parts", &deep);
    for tech in BOTH {
        let (insider, from) = tech.insider();
        let many = (0..12).fold(FORGED.to_owned(), |inside, level| {
            let signature = tech.signature_part(&tech.signature(&[insider], &inside));
            let media_type = if tech == Pgp { "application/pgp-signature" } else { "application/pkcs7-signature" };
            multipart(&format!("signed; protocol=\"{media_type}\""), &format!("level{level}"), &[&inside, &signature])
        });
        write(folder, &format!("many-layers-{}", tech.name()), mail(from, &many));
        write(folder, &format!("control-one-layer-{}", tech.name()), mail(from, &tech.signed(&insider, FORGED)));
    }
}
