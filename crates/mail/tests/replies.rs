//! Answers: to whom they go, what they quote, and what they never tell outside.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::raw::{encrypted, signed};
use common::{Way, ways};
use mailseal::{
    Address, Answer, Compose, Encrypt, Error, HeaderPolicy, Mail, ProtocolId, Recipients, Reply, SummaryWord, Unquoted,
};
use mailseal_mime::Header;

const FIELDS: &str = "From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>\r\nCc: carol@example.org\r\n\
     Subject: Secret plans\r\nDate: Sun, 31 May 2026 10:00:00 +0200\r\nMessage-ID: <2@example.org>\r\n\
     References: <1@example.org>\r\nMIME-Version: 1.0\r\n";

const TEXT: &str = "Content-Type: text/plain\r\n\r\nthe text\r\n";

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// The draft as one message from Alice to Bob, or the other way round.
fn sent(mail: &Mail, way: &Way, draft: &str, with: impl FnOnce(Compose<'_>) -> Compose<'_>) -> String {
    let to = if draft.starts_with("From: Alice") { "bob@example.org" } else { "alice@example.org" };
    let (draft, to) = (draft.as_bytes(), vec![address(to)]);
    let plan = with(mail.compose(&draft).unwrap().only(way.protocol).recipients(to)).plan().unwrap();
    String::from_utf8(plan.protect().unwrap()[0].to_vec().unwrap()).unwrap()
}

/// A message of Alice, signed.
fn message(way: &Way, encrypt: Encrypt, body: &str) -> String {
    sent(&way.alice, way, &format!("{FIELDS}{body}"), |compose| compose.sign().encrypt(encrypt))
}

fn reply(way: &Way, message: &str, answer: Answer) -> Reply {
    way.bob.open(&message.as_bytes()).unwrap().reply(answer, &[address("bob@example.org")]).unwrap()
}

/// The field of the reply's header; empty where there is none.
fn field(reply: &Reply, name: &str) -> String {
    reply.header.text(name).unwrap_or_default()
}

/// An answer of Bob with the fields of the reply, those of `more` in place of the reply's, and a policy that hides nothing
/// by itself.
fn answered(way: &Way, reply: &Reply, more: &str, with: impl FnOnce(Compose<'_>) -> Compose<'_>) -> String {
    let mut header = reply.header.clone();
    Header::from_raw(more.as_bytes()).iter().for_each(|field| header.replace(field.clone()));
    let mut draft = b"From: Bob <bob@example.org>\r\n".to_vec();
    header.write_to(&mut draft).unwrap();
    let draft = format!("{}{}", String::from_utf8(draft).unwrap(), TEXT.replace("the text", "yes"));
    let clear = HeaderPolicy::no_confidentiality();
    sent(&way.bob, way, &draft, |compose| with(compose.sign().headers(clear)))
}

fn outer(message: &str, name: &str) -> Option<String> {
    Header::from_raw(message.as_bytes()).text(name)
}

/// R99, R101, R115: what somebody adds or changes outside is not answered, not even the From that a reader is shown.
#[test]
fn recipients_are_protected_fields() {
    for way in ways() {
        for encrypt in [Encrypt::Never, Encrypt::Always] {
            let honest = message(&way, encrypt, TEXT);
            let added = format!("Reply-To: mallory@example.net\r\nMail-Followup-To: m@example.net\r\n{honest}");
            let changed = honest
                .replacen("From: Alice <alice@example.org>", "From: mallory@example.net", 1)
                .replacen("Cc: carol@example.org", "Cc: mallory@example.net", 1)
                .replacen("<2@example.org>", "<3@example.net>", 1);
            for message in [&honest, &added, &changed] {
                let reply = reply(&way, message, Answer::All);
                assert_eq!(field(&reply, "To"), "\"Alice\" <alice@example.org>");
                assert_eq!(field(&reply, "Cc"), "carol@example.org");
                assert_eq!(field(&reply, "Subject"), "Re: Secret plans");
                assert_eq!(field(&reply, "In-Reply-To"), "<2@example.org>");
                assert_eq!(field(&reply, "References"), "<1@example.org> <2@example.org>");
                assert_eq!(reply.recipients, Recipients::Protected);
                assert!(reply.quote(Encrypt::Always).unwrap().contains("the text"));
            }
            assert_eq!(reply(&way, &honest, Answer::Author).header.count("Cc"), 0);
        }
    }
}

/// R101, R115: where no signature decides between two Froms, a reader sees the one outside, and the answer goes to the one
/// inside. CBC lets a stranger write fields before somebody's text (attack 4): those are not protected.
#[test]
fn a_disputed_from_is_not_answered() {
    for way in ways() {
        let sealed = sent(&way.alice, &way, &format!("{FIELDS}{TEXT}"), |compose| compose.encrypt(Encrypt::Always));
        let disputed = sealed.replacen("From: Alice <alice@example.org>", "From: mallory@example.net", 1);
        assert_eq!(way.bob.open(&disputed.as_bytes()).unwrap().headers[0].value, "mallory@example.net");
        let reply = reply(&way, &disputed, Answer::Author);
        assert_eq!(field(&reply, "To"), "\"Alice\" <alice@example.org>");
        if way.protocol == ProtocolId::OPENPGP {
            assert_eq!(reply.recipients, Recipients::Protected);
            assert!(reply.quote(Encrypt::Always).is_ok());
        } else {
            assert_eq!(reply.recipients, Recipients::Unprotected, "it is CBC, and nobody signed");
            assert_eq!(reply.quote(Encrypt::Always), Err(Unquoted::UnprotectedRecipients));
        }
    }
}

/// R115: without any protection all there is stands outside, and that is said.
#[test]
fn nothing_is_protected() {
    for way in ways() {
        let plain = format!("Reply-To: list@example.net\r\n{FIELDS}{TEXT}");
        let list = reply(&way, &plain, Answer::Author);
        assert_eq!((field(&list, "To").as_str(), list.recipients), ("list@example.net", Recipients::Unprotected));
        assert_eq!(list.quote(Encrypt::Never), Ok("the text\r\n"));
        // The mark alone protects nothing.
        let marked = format!("{FIELDS}{}", TEXT.replace("text/plain", "text/plain; hp=cipher"));
        assert_eq!(reply(&way, &marked, Answer::Author).recipients, Recipients::Unprotected);
    }
}

/// R115, R119, attack 5: who posts a stranger's ciphertext under a name of his own is not sent its text. It goes to the
/// author whose signature is inside, and to nobody beside her.
#[test]
fn a_stolen_ciphertext_is_not_quoted_to_the_thief() {
    let mine = "From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n";
    let stolen = "From: Mallory <mallory@example.net>\r\nTo: bob@example.org\r\n";
    let reply_to = format!("{mine}Reply-To: mallory@example.net\r\n");
    let cc = format!("{mine}Cc: mallory@example.net\r\n");
    let withheld = Err(Unquoted::UnprotectedRecipients);
    for way in ways() {
        let signed = encrypted(&way, &signed(&way, TEXT));
        let unsigned = encrypted(&way, TEXT);
        for (fields, body, answer, quote) in [
            (mine, &signed, Answer::Author, Ok("the text")),
            (mine, &signed, Answer::All, Ok("the text")),
            (stolen, &signed, Answer::Author, withheld),
            (&reply_to, &signed, Answer::Author, withheld),
            (&cc, &signed, Answer::All, withheld),
            (&cc, &signed, Answer::Author, Ok("the text")),
            (mine, &unsigned, Answer::Author, withheld),
        ] {
            let message = format!("{fields}{body}");
            assert!(way.bob.open(&message.as_bytes()).unwrap().summary.is_encrypted());
            let reply = reply(&way, &message, answer);
            let expect = if quote.is_ok() { Recipients::Author } else { Recipients::Unprotected };
            assert_eq!((reply.quote(Encrypt::Always).map(str::trim), reply.recipients), (quote, expect), "{fields}");
        }
    }
}

/// R116: what was hidden stays inside, in an answer that is only signed it stands nowhere. The controls: it shows where the
/// draft is no answer, and where nothing was hidden.
#[test]
fn what_was_confidential_stays_inside() {
    for way in ways() {
        let hidden = reply(&way, &message(&way, Encrypt::Always, TEXT), Answer::All);
        let open = reply(&way, &message(&way, Encrypt::Never, TEXT), Answer::All);
        for more in ["", "Subject: AW: Secret plans (and more)\r\n"] {
            let sealed = answered(&way, &hidden, more, |compose| compose.encrypt(Encrypt::Always).answering(&hidden));
            assert_eq!(outer(&sealed, "Subject").as_deref(), Some("Re: [...]"));
            let octets = sealed.as_bytes();
            let opened = way.alice.open(&octets).unwrap();
            assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted);
            assert!(opened.headers.iter().any(|field| field.value.contains("Secret plans")));
            let signed = answered(&way, &hidden, more, |compose| compose.answering(&hidden));
            assert_eq!(outer(&signed, "Subject").as_deref(), Some("Re: [...]"));
            assert!(!signed.contains("Secret"), "{signed}");
            assert_eq!(outer(&signed, "Cc").as_deref(), Some("carol@example.org"));
        }
        for control in [
            answered(&way, &hidden, "", |compose| compose.encrypt(Encrypt::Always)),
            answered(&way, &open, "", |compose| compose.encrypt(Encrypt::Always).answering(&open)),
            answered(&way, &open, "", |compose| compose.answering(&open)),
            answered(&way, &hidden, "Subject: lunch\r\n", |compose| compose.answering(&hidden)),
        ] {
            let subject = outer(&control, "Subject").unwrap();
            assert!(subject == "Re: Secret plans" || subject == "lunch", "{subject}");
        }
    }
}

/// R92, R116: an answer to a message that is only signed tells nothing that was not told, whatever the message claims.
#[test]
fn answering_signed_mail_discloses_nothing() {
    for way in ways() {
        let entity = format!("{FIELDS}HP-Outer: Subject: [...]\r\n{}", TEXT.replace("plain", "plain; hp=cipher"));
        let claimed = format!("{FIELDS}{}", signed(&way, &entity)).replacen("MIME-Version: 1.0\r\n", "", 1);
        for message in [message(&way, Encrypt::Never, TEXT), claimed] {
            let reply = reply(&way, &message, Answer::All);
            assert_eq!(reply.recipients, Recipients::Protected);
            let answer = answered(&way, &reply, "", |compose| compose.encrypt(Encrypt::Always).answering(&reply));
            for field in &reply.header {
                assert_eq!(outer(&answer, field.name()), Some(field.text()));
                let known = field.text().replace(['"', ','], "");
                let is_known = |word: &str| word == "Re:" || message.contains(word);
                assert!(known.split_whitespace().all(is_known), "{known}");
            }
        }
    }
}

/// R117: the own policy comes first.
#[test]
fn the_own_policy_comes_first() {
    for way in ways() {
        let hidden = reply(&way, &message(&way, Encrypt::Always, TEXT), Answer::Author);
        let sealed = answered(&way, &hidden, "", |compose| {
            compose.encrypt(Encrypt::Always).answering(&hidden).headers(HeaderPolicy::default())
        });
        assert_eq!(outer(&sealed, "Subject").as_deref(), Some("[...]"));
    }
}

/// R116: names that the shy policy hid.
#[test]
fn hidden_names_stay_hidden() {
    for way in ways() {
        let sealed = sent(&way.alice, &way, &format!("{FIELDS}{TEXT}"), |compose| {
            compose.sign().encrypt(Encrypt::Always).headers(HeaderPolicy::shy())
        });
        let hidden = reply(&way, &sealed, Answer::All);
        assert_eq!(field(&hidden, "To"), "\"Alice\" <alice@example.org>");
        let more = "Cc: carol@example.org, Al <alice@example.org>, Dave <dave@example.org>\r\n";
        let sealed = answered(&way, &hidden, more, |compose| compose.encrypt(Encrypt::Always).answering(&hidden));
        let seen = ["From", "To", "Cc"].map(|name| outer(&sealed, name).unwrap());
        let cc = "carol@example.org, alice@example.org, \"Dave\" <dave@example.org>";
        assert_eq!(seen, ["bob@example.org", "alice@example.org", cc]);
    }
}

/// R118: no quote of what came encrypted in an answer that is not.
#[test]
fn no_quote_without_encryption() {
    for way in ways() {
        let sealed = reply(&way, &message(&way, Encrypt::Always, TEXT), Answer::Author);
        assert_eq!(sealed.quote(Encrypt::Never), Err(Unquoted::NotEncrypted));
        assert_eq!(sealed.quote(Encrypt::Always), Ok("the text\r\n"));
        let debug = format!("{sealed:?}");
        assert!(!debug.contains("the text") && !debug.contains("Secret"), "it is no text for logs: {debug}");
        let signed = reply(&way, &message(&way, Encrypt::Never, TEXT), Answer::Author);
        assert_eq!(signed.quote(Encrypt::Never), Ok("the text\r\n"));
        // What could not be decrypted came encrypted as well.
        let closed =
            way.alice.inspect(&message(&way, Encrypt::Always, TEXT).as_bytes()).unwrap().reply(Answer::Author, &[]);
        assert_eq!(closed.unwrap().quote(Encrypt::Never), Err(Unquoted::NotEncrypted));
    }
}

/// R59, R119, attack 5: a ciphertext beside or inside other text is not quoted with it, though its reader has the key;
/// opened by itself it is no message to answer.
#[test]
fn errant_text_is_not_quoted() {
    for way in ways() {
        let stolen = encrypted(&way, &TEXT.replace("the text", "stolen"));
        for kind in ["mixed", "alternative", "related"] {
            for first in [TEXT, &stolen] {
                let second = if first == TEXT { stolen.as_str() } else { TEXT };
                let body = format!(
                    "Content-Type: multipart/{kind}; boundary=mm\r\n\r\n--mm\r\n{first}\r\n--mm\r\n{second}\r\n--mm--\r\n"
                );
                for message in [format!("{FIELDS}{body}"), message(&way, Encrypt::Always, &body)] {
                    let octets = message.as_bytes();
                    let opened = way.bob.open(&octets).unwrap();
                    let [errant] = opened.errant.as_slice() else { unreachable!("one layer is errant") };
                    match reply(&way, &message, Answer::Author).quote(Encrypt::Always) {
                        Ok(quote) => assert_eq!(quote.trim(), "the text"),
                        Err(why) => assert!(first != TEXT && why == Unquoted::NoPlainText, "{kind}: {why}"),
                    }
                    let part = way.bob.open_part(&opened, &errant.part).unwrap();
                    assert!(
                        part.payload.main_body().unwrap()[0].raw().contains("stolen"),
                        "the control: it can be read"
                    );
                    assert!(matches!(part.reply(Answer::Author, &[]), Err(Error::Misuse(_))));
                }
            }
        }
    }
}

/// R113, R120: HTML is not quoted, the plain form beside it is, and without what is there for older readers.
#[test]
fn html_and_repeated_fields_are_not_quoted() {
    let html = "Content-Type: text/html\r\n\r\n<p>html</p>\r\n";
    let both =
        format!("Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n{html}\r\n--a\r\n{TEXT}\r\n--a--\r\n");
    for way in ways() {
        let alone = reply(&way, &message(&way, Encrypt::Always, html), Answer::Author);
        assert_eq!(alone.quote(Encrypt::Always), Err(Unquoted::NoPlainText));
        let draft = format!("{FIELDS}{both}");
        let sealed =
            sent(&way.alice, &way, &draft, |compose| compose.sign().encrypt(Encrypt::Always).legacy_display(true));
        let both = reply(&way, &sealed, Answer::Author);
        assert_eq!(both.quote(Encrypt::Always).map(str::trim), Ok("the text"));
    }
}

/// R115: an answer to one's own message, found in the folder of what was sent.
#[test]
fn ones_own_message() {
    for way in ways() {
        let sealed = message(&way, Encrypt::Always, TEXT);
        let octets = sealed.as_bytes();
        let reply = way.alice.open(&octets).unwrap().reply(Answer::All, &[address("alice@example.org")]).unwrap();
        assert_eq!(field(&reply, "To"), "\"Bob\" <bob@example.org>");
        assert_eq!((field(&reply, "Cc").as_str(), reply.recipients), ("carol@example.org", Recipients::Protected));
    }
}

/// R115, R122: the draft before RFC 9788 may repeat the Subject alone; the From is then the one outside, and its signature
/// says whether it is the author.
#[test]
fn older_mail_without_a_from_inside() {
    let entity = "Subject: Secret plans\r\nContent-Type: text/plain; protected-headers=v1\r\n\r\nthe text\r\n";
    let outside = FIELDS.replace("MIME-Version: 1.0\r\n", "").replace("Secret plans", "...");
    for way in ways() {
        let sealed = format!("{outside}{}", encrypted(&way, &signed(&way, entity)));
        let reply = reply(&way, &sealed, Answer::Author);
        assert_eq!(field(&reply, "To"), "\"Alice\" <alice@example.org>");
        assert_eq!((field(&reply, "Subject").as_str(), reply.recipients), ("Re: Secret plans", Recipients::Author));
        assert_eq!(field(&reply, "References"), "<1@example.org> <2@example.org>");
        assert_eq!(reply.quote(Encrypt::Always).map(str::trim), Ok("the text"));
        let answer = answered(&way, &reply, "", |compose| compose.encrypt(Encrypt::Always).answering(&reply));
        assert_eq!(outer(&answer, "Subject").as_deref(), Some("Re: ..."));
        let full = entity.replacen("Subject:", "From: alice@example.org\r\nSubject:", 1);
        let sealed = format!("{outside}{}", encrypted(&way, &signed(&way, &full)));
        let reply = self::reply(&way, &sealed, Answer::All);
        assert_eq!((field(&reply, "To").as_str(), reply.header.count("Cc")), ("alice@example.org", 0));
        assert_eq!(reply.recipients, Recipients::Protected);
    }
}
