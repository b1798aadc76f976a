//! Answering without telling what was confidential
//! ([RFC 9788 §6.1](https://www.rfc-editor.org/rfc/rfc9788#section-6.1)).

use super::policy::check;
use super::secrets::Secrets;
use super::{Confidential, Confirmed, HeaderPolicy};
use crate::Header;
use crate::text::decode_unstructured;
use std::collections::HashMap;

/// ReferenceHCP: the policy for an answer to `referenced`, to be asked after one's own
/// ([`Compose::responding`](super::Compose::responding)).
///
/// `respond` fills in the fields of an answer from those of a message: `Re: ` before the subject, To from From, In-Reply-To
/// from Message-ID. It is asked about the message as it was protected and about the message as it was seen outside; where
/// the two differ, the policy shows what came of the outside, or nothing.
///
/// A field of the answer is one of those by its whole value, as RFC 9788 has it, whatever its encoding. Where the author of
/// the answer changed it, what was confidential still does not show: an address goes from the lists of addresses and an
/// identifier from those of messages, and a Subject that holds the hidden one shows as that of the answer to the outside.
pub fn response_policy(referenced: &Confirmed, respond: impl Fn(&Header) -> Header) -> HeaderPolicy {
    if !referenced.may_hold_secrets() {
        return HeaderPolicy::named("hcp_reference", |_, _| Confidential::Keep);
    }
    let outside = respond(referenced.shown());
    let mut same: HashMap<Pair, usize> = HashMap::new();
    for field in &outside {
        *same.entry(pair(field.name(), &field.value())).or_default() += 1;
    }
    let mut confidential = Vec::new();
    for field in &respond(referenced.protected()) {
        let field = pair(field.name(), &field.value());
        match same.get_mut(&field) {
            Some(count) if *count > 0 => *count -= 1,
            _ => confidential.push(field),
        }
    }
    // What is left of the outside; of several fields of one name the last.
    let mut left: HashMap<String, String> = HashMap::new();
    for field in &outside {
        let (name, text) = pair(field.name(), &field.value());
        if same.get(&(name.clone(), text)).is_some_and(|count| *count > 0) {
            left.insert(name, String::from_utf8_lossy(&field.value()).into_owned());
        }
    }
    let answers: HashMap<Pair, Option<String>> = confidential
        .into_iter()
        .map(|field| {
            let answer = left.get(&field.0).cloned();
            (field, answer)
        })
        .collect();
    let secrets = Secrets::of(referenced, &outside);
    HeaderPolicy::named("hcp_reference", move |name, value| {
        let answer = match answers.get(&pair(name, value.as_bytes())) {
            Some(answer) => answer.clone().map_or(Confidential::Remove, Confidential::Replace),
            None => secrets.hide(name, value),
        };
        usable(name, value, answer)
    })
}

/// A field's name in lower case and the text of its value: a draft that encodes or folds the same text in another way is
/// the same field here.
type Pair = (String, String);

fn pair(name: &str, value: &[u8]) -> Pair {
    let text = decode_unstructured(value);
    (name.to_ascii_lowercase(), text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What came of a stranger's HP-Outer may break the rules for policies: then the field is removed, and From, which may not
/// be, is kept.
fn usable(name: &str, value: &str, answer: Confidential) -> Confidential {
    match check(name, value, &answer) {
        Ok(()) => answer,
        Err(_) if name.eq_ignore_ascii_case("From") => Confidential::Keep,
        Err(_) => Confidential::Remove,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;
    use Confidential::{Keep, Remove, Replace};

    /// A respond function like that of most mail programs.
    fn respond(message: &Header) -> Header {
        let value = |name: &str| message.get(name).map(|field| String::from_utf8_lossy(&field.value()).into_owned());
        let fields = [
            ("Subject", value("Subject").map(|subject| format!("Re: {subject}"))),
            ("To", value("From")),
            ("From", value("To")),
            ("Cc", value("Cc")),
            ("In-Reply-To", value("Message-ID")),
        ];
        let fields = fields
            .into_iter()
            .filter_map(|(name, value)| Field::from_raw(format!("{name}: {}\r\n", value?).into_bytes()));
        fields.collect::<Vec<_>>().into()
    }

    fn policy(hp: &str, encrypted: bool, fields: &str) -> HeaderPolicy {
        let payload = Header::from_raw(format!("Content-Type: text/plain; hp={hp}\r\n{fields}").as_bytes());
        response_policy(&Confirmed::read(&payload, encrypted, true), respond)
    }

    fn ask(policy: &HeaderPolicy, raw: &str) -> Confidential {
        policy.apply(&Field::from_raw(raw.as_bytes().to_vec()).unwrap()).unwrap()
    }

    const SHY: &str = "Subject: secret\r\nFrom: Bob <bob@b>\r\nTo: Alice <alice@a>\r\nCc: c@c\r\nMessage-ID: <1@b>\r\n\
                       HP-Outer: Subject: [...]\r\nHP-Outer: From: bob@b\r\nHP-Outer: To: alice@a\r\n\
                       HP-Outer: Message-ID: <1@b>\r\n";

    /// R116
    #[test]
    fn what_was_hidden_stays_hidden() {
        let policy = policy("cipher", true, SHY);
        assert_eq!(ask(&policy, "Subject: Re: secret\r\n"), Replace("Re: [...]".to_owned()));
        assert_eq!(ask(&policy, "To: Bob <bob@b>\r\n"), Replace("bob@b".to_owned()));
        assert_eq!(ask(&policy, "Cc: c@c\r\n"), Remove);
        assert_eq!(ask(&policy, "In-Reply-To: <1@b>\r\n"), Keep);
        assert_eq!(ask(&policy, "Subject: another\r\n"), Keep);
        assert_eq!(ask(&policy, "From: Alice <alice@a>\r\n"), Replace("alice@a".to_owned()));
    }

    /// R116: the same subject, encoded and folded by another hand.
    #[test]
    fn encoded_in_another_way() {
        let policy = policy("cipher", true, "Subject: =?utf-8?q?K=C3=A4se?= und mehr\r\nHP-Outer: Subject: [...]\r\n");
        for subject in
            ["Re: =?iso-8859-1?Q?K=E4se?= und mehr", "Re:\r\n =?utf-8?b?S8Okc2U=?=\r\n und  mehr", "Re: Käse und mehr"]
        {
            assert_eq!(ask(&policy, &format!("Subject: {subject}\r\n")), Replace("Re: [...]".to_owned()), "{subject}");
        }
    }

    /// R116: fields that the author of the answer changed.
    #[test]
    fn changed_and_still_hidden() {
        let policy = policy("cipher", true, SHY);
        assert_eq!(ask(&policy, "Subject: AW: secret (soon)\r\n"), Replace("Re: [...]".to_owned()));
        assert_eq!(ask(&policy, "Cc: d@d, c@c\r\n"), Replace("d@d".to_owned()));
        assert_eq!(ask(&policy, "From: Al <alice@a>\r\n"), Replace("alice@a".to_owned()));
    }

    /// R92, R116: where nothing was confidential, nothing is hidden.
    #[test]
    fn no_secrets_no_policy() {
        for (hp, encrypted) in [("clear", true), ("cipher", false), ("none", true)] {
            assert_eq!(ask(&policy(hp, encrypted, SHY), "Subject: Re: secret\r\n"), Keep);
        }
    }

    /// R86, R87: what a stranger wrote into HP-Outer cannot break the answer.
    #[test]
    fn hostile_hp_outer() {
        let policy = policy(
            "cipher",
            true,
            "Subject: s\r\nFrom: b@b\r\nTo: a@a\r\nHP-Outer: Subject: K\u{e4}se\r\nHP-Outer: From: no address\r\n\
             HP-Outer: To: m@m\r\n",
        );
        assert_eq!(ask(&policy, "Subject: Re: s\r\n"), Remove);
        assert_eq!(ask(&policy, "To: b@b\r\n"), Remove);
        assert_eq!(ask(&policy, "From: a@a\r\n"), Keep);
    }

    /// R96: as often inside as outside, each pair is taken away once; of what is left outside the last counts.
    #[test]
    fn several_fields_of_one_name() {
        let payload = Header::from_raw(
            b"Content-Type: text/plain; hp=cipher\r\nX: a\r\nX: a\r\nX: b\r\n\
              HP-Outer: X: a\r\nHP-Outer: X: c\r\nHP-Outer: X: d\r\n",
        );
        let policy = response_policy(&Confirmed::read(&payload, true, true), Header::clone);
        assert_eq!(ask(&policy, "X: b\r\n"), Replace("d".to_owned()));
    }

    /// R96, R116: what stands inside and outside is no secret, and nothing of it takes the place of one.
    #[test]
    fn what_is_the_same_is_left_out() {
        let payload = Header::from_raw(
            b"Content-Type: text/plain; hp=cipher\r\nX: a\r\nX: b\r\nHP-Outer: X: c\r\nHP-Outer: X: a\r\n",
        );
        let policy = response_policy(&Confirmed::read(&payload, true, true), Header::clone);
        assert_eq!(ask(&policy, "X: a\r\n"), Keep);
        assert_eq!(ask(&policy, "X: b\r\n"), Replace("c".to_owned()));
    }
}
