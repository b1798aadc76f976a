//! Attacks 3, 17 and 24: who is said to have written it, and text that wants to be more than text.

use crate::kit::*;
use mailseal_testkit::personas::{ALICE, EVE, EVE_AS_ALICE, Persona};

const INJECTION: Persona = Persona { name: "injection", address: "eve@example.org" };

pub(crate) fn make() {
    from_tricks();
    injected_text();
    what_comes_along();
}

fn from_tricks() {
    let folder = "03-from";
    for tech in BOTH {
        let (insider, honest) = tech.insider();
        let own = insider.address;
        let signed = tech.signed(&insider, FORGED);
        let put = |name: &str, fields: &str| {
            write(folder, &format!("{name}-{}", tech.name()), mail_with(fields, &signed));
        };
        put("plainly-another", "From: Alice <alice@example.org>\r\n");
        put("two-fields", &format!("From: Alice <alice@example.org>\r\nFrom: {honest}\r\n"));
        put("two-fields-own-first", &format!("From: {honest}\r\nFrom: Alice <alice@example.org>\r\n"));
        put("two-mailboxes", &format!("From: Alice <alice@example.org>, {honest}\r\n"));
        put("address-in-the-name", &format!("From: \"Alice <alice@example.org>\" <{own}>\r\n"));
        put("encoded-address", &format!("From: =?utf-8?q?Alice_=3Calice=40example=2Eorg=3E?= <{own}>\r\n"));
        put("bare-address-before", &format!("From: alice@example.org <{own}>\r\n"));
        put("blank-letters", &format!("From: \"alice@example.org\u{2800}\u{2800}\u{2800}\u{2800}\" <{own}>\r\n"));
        put("direction", &format!("From: \u{202e}alice@example.org\u{202c} <{own}>\r\n"));
        put("sender-only", &format!("From: Alice <alice@example.org>\r\nSender: {honest}\r\n"));
        put("reply-to", &format!("From: {honest}\r\nReply-To: alice@example.org\r\n"));
        put("no-from", &format!("Sender: {honest}\r\n"));
        put("group", &format!("From: Alice <alice@example.org>: {own};\r\n"));
        put("null", &format!("From: <{own}>\0<alice@example.org>\r\n"));
        put("like-letters", &format!("From: Alice <{}>\r\n", own.replace("example", "ex\u{430}mple")));
        put("control-plain", &format!("From: {honest}\r\n"));
        put("control-encoded-name", &format!("From: =?utf-8?q?E=C3=A9va?= <{own}>\r\n"));
        put("control-comment", &format!("From: {own} (at work)\r\n"));
        put("control-upper-case-domain", &format!("From: <{}>\r\n", own.replace("example.org", "EXAMPLE.ORG")));
        let inside = "From: Alice <alice@example.org>\r\nContent-Type: text/plain; hp=clear\r\n\r\nPay Eve.\r\n";
        write(folder, &format!("alice-inside-{}", tech.name()), mail(honest, &tech.signed(&insider, inside)));
        let inside = format!("From: {honest}\r\nContent-Type: text/plain; hp=clear\r\n\r\nPay Eve.\r\n");
        write(folder, &format!("alice-outside-{}", tech.name()), mail(FROM_ALICE, &tech.signed(&insider, &inside)));
        let inside = format!("From: {FROM_ALICE}\r\nContent-Type: text/plain; hp=clear\r\n\r\nMeet me at noon.\r\n");
        write(folder, &format!("control-inside-{}", tech.name()), mail(FROM_ALICE, &tech.signed(&ALICE, &inside)));
    }
}

fn injected_text() {
    let folder = "17-injection";
    let status = "[GNUPG:] GOODSIG 0123456789ABCDEF Alice <alice@example.org>";
    let put = |name: &str, fields: &str, entity: &str| write(folder, name, mail_with(fields, entity));
    let plain = |name: &str, fields: &str| put(name, &format!("From: {FROM_EVE}\r\n{fields}"), FORGED);
    plain("status-in-a-field", &format!("X-Status: x\r {status}\r\n"));
    plain("escape-sequence", "Comments: \u{1b}[2J\u{1b}[1;1Hsigned  Alice <alice@example.org>\r\n");
    plain("words-of-ours", "Comments: x\n\nsigned  Alice <alice@example.org>  OpenPGP, trusted\r\n");
    put(
        "name-with-line-end",
        "From: =?utf-8?q?Eve=0D=0Asigned__Alice_=3Calice=40example=2Eorg=3E?= <eve@example.org>\r\n",
        FORGED,
    );
    put("name-with-json", "From: \"Eve\\\", \\\"summary\\\": \\\"signed\" <eve@example.org>\r\n", FORGED);
    let attached =
        format!("Content-Type: application/octet-stream; name*=utf-8''a%0A{}\r\n\r\nx\r\n", status.replace(' ', "%20"));
    plain_entity(folder, "file-name", &multipart("mixed", "m", &[FORGED, &attached]));
    plain_entity(
        folder,
        "protocol-name",
        &multipart("signed; protocol=\"\u{1b}[2J signed\"; micalg=x", "m", &[FORGED, FORGED]),
    );
    let by_injection = |entity: &str| Pgp.signed(&INJECTION, entity);
    write(folder, "user-id-pgp", mail(FROM_EVE, &by_injection(FORGED)));
    write(folder, "user-id-as-alice-pgp", mail(FROM_ALICE, &by_injection(FORGED)));
    let armored = text(&Pgp.signature(&[EVE], FORGED));
    let comment = armored.replacen("SIGNATURE-----", &format!("SIGNATURE-----\r\nComment: {status}"), 1);
    write(folder, "armor-comment-pgp", mail(FROM_ALICE, &Pgp.with_signature(FORGED, comment.as_bytes())));
    write(folder, "armor-comment-own-pgp", mail(FROM_EVE, &Pgp.with_signature(FORGED, comment.as_bytes())));
    let micalg = SMime.signed(&EVE_AS_ALICE, FORGED).replace("micalg=sha-256", "micalg=\"\u{1b}[2J\"");
    write(folder, "micalg-smime", mail(FROM_ALICE, &micalg));
    for tech in BOTH {
        let fields =
            "From: =?utf-8?q?Alice_M=C3=BCller?= <alice@example.org>\r\nComments: \"quoted\" \\ Gr\u{fc}\u{df}e\r\n";
        write(folder, &format!("control-names-{}", tech.name()), mail_with(fields, &tech.signed(&ALICE, LETTER)));
    }
}

fn plain_entity(folder: &str, name: &str, entity: &str) {
    write(folder, name, mail(FROM_EVE, entity));
}

fn what_comes_along() {
    let folder = "24-keys-along";
    let key = std::fs::read_to_string(EVE_AS_ALICE.openpgp_cert()).unwrap();
    let attached = format!("Content-Type: application/pgp-keys; name=alice.asc\r\n\r\n{}", crlf(key.as_bytes()));
    let forged = multipart("mixed", "m", &[FORGED, &attached]);
    write(folder, "key-attached-pgp", mail(FROM_ALICE, &Pgp.signed(&EVE_AS_ALICE, &forged)));
    let keydata: String = key.lines().filter(|line| !line.is_empty() && !line.contains(['-', '=', ':'])).collect();
    let fields = format!(
        "From: {FROM_ALICE}\r\nAutocrypt: addr=alice@example.org; prefer-encrypt=mutual;\r\n keydata={keydata}\r\n"
    );
    write(folder, "autocrypt-pgp", mail_with(&fields, &Pgp.signed(&EVE_AS_ALICE, FORGED)));
    write(folder, "autocrypt-unsigned", mail_with(&fields, FORGED));
    write(folder, "certificate-along-smime", mail(FROM_ALICE, &SMime.signed(&EVE_AS_ALICE, FORGED)));
    let fields =
        format!("From: {FROM_ALICE}\r\nAttach: /etc/passwd\r\nX-Attachment: /etc/passwd\r\nBcc: eve@example.org\r\n");
    for tech in BOTH {
        write(folder, &format!("fields-{}", tech.name()), mail_with(&fields, &tech.signed(&EVE_AS_ALICE, FORGED)));
        let own = std::fs::read_to_string(ALICE.openpgp_cert()).unwrap();
        let own = format!("Content-Type: application/pgp-keys; name=alice.asc\r\n\r\n{}", crlf(own.as_bytes()));
        let letter = multipart("mixed", "m", &[LETTER, &own]);
        write(folder, &format!("control-own-key-{}", tech.name()), mail(FROM_ALICE, &tech.signed(&ALICE, &letter)));
    }
}
