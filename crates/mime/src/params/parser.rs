//! Reading parameters: tokens, quoted strings, comments, sections.

use super::{Params, is_token};
use crate::text::decode_charset;
use std::collections::BTreeMap;

pub(super) struct Parser<'a> {
    pub(super) rest: &'a [u8],
    pub(super) malformed: bool,
}

impl<'a> Parser<'a> {
    /// What stands before the first semicolon; each comment in it becomes a space.
    pub(super) fn head(&mut self) -> Vec<u8> {
        let mut head = Vec::new();
        loop {
            head.extend_from_slice(self.take(|b| !matches!(b, b';' | b'(')));
            if self.rest.first() != Some(&b'(') {
                return head.trim_ascii().to_vec();
            }
            self.skip_comments();
            head.push(b' ');
        }
    }

    pub(super) fn params(mut self) -> Params {
        let mut order: Vec<String> = Vec::new();
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        loop {
            self.skip(|b| b.is_ascii_whitespace() || b == b';');
            self.skip_comments();
            if self.rest.is_empty() {
                break;
            }
            if self.rest[0] == b';' {
                continue;
            }
            let Some((name, value)) = self.param() else {
                self.skip_to_semicolon();
                continue;
            };
            let (base, section, encoded) = split_name(&name);
            let entry = found.entry(base.to_owned()).or_insert_with(|| {
                order.push(base.to_owned());
                Found::default()
            });
            match section {
                Some(number) => {
                    let twice = entry.sections.contains_key(&number);
                    entry.twice |= twice;
                    entry.sections.entry(number).or_insert((encoded, value));
                }
                None if entry.plain.is_some() => entry.twice = true,
                None => entry.plain = Some(String::from_utf8_lossy(&value).into_owned()),
            }
        }
        let mut params = Params { malformed: self.malformed, ..Params::default() };
        for name in order {
            let Some(entry) = found.get(&name) else { continue };
            let extended = entry.extended();
            if !entry.sections.is_empty() && extended.is_none() {
                params.malformed = true;
            }
            let both = entry.plain.is_some() && extended.is_some() && !matches!(name.as_str(), "name" | "filename");
            if entry.twice || both {
                params.duplicates.push(name.clone());
            }
            if let Some(value) = extended.or_else(|| entry.plain.clone()) {
                params.list.push((name, value));
            }
        }
        params
    }

    fn param(&mut self) -> Option<(String, Vec<u8>)> {
        let name = self.take(is_token);
        self.skip_comments();
        if name.is_empty() || self.rest.first() != Some(&b'=') {
            return None;
        }
        self.rest = &self.rest[1..];
        self.skip_comments();
        let value = if self.rest.first() == Some(&b'"') { self.quoted() } else { self.unquoted() };
        self.skip_comments();
        if !matches!(self.rest.first(), None | Some(b';')) {
            self.skip_to_semicolon();
        }
        Some((String::from_utf8_lossy(name).to_ascii_lowercase(), value))
    }

    /// A token; octets that should have been quoted are taken too.
    fn unquoted(&mut self) -> Vec<u8> {
        self.take(|b| !b.is_ascii_whitespace() && !matches!(b, b';' | b'(')).to_vec()
    }

    fn quoted(&mut self) -> Vec<u8> {
        let mut value = Vec::new();
        let mut octets = self.rest[1..].iter();
        loop {
            match octets.next() {
                Some(b'"') => break,
                Some(b'\\') => value.extend(octets.next()),
                Some(&b) => value.push(b),
                None => {
                    self.malformed = true;
                    break;
                }
            }
        }
        self.rest = octets.as_slice();
        value
    }

    /// Skips white space and comments, which nest; one without end reaches to the end.
    fn skip_comments(&mut self) {
        loop {
            self.skip(|b| b.is_ascii_whitespace());
            if self.rest.first() != Some(&b'(') {
                return;
            }
            let mut depth = 0_usize;
            let mut octets = self.rest.iter();
            while let Some(b) = octets.next() {
                match b {
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    b'\\' => {
                        octets.next();
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            self.malformed |= depth > 0;
            self.rest = octets.as_slice();
        }
    }

    /// Skips what is no parameter; semicolons in its comments and quoted strings do not end it.
    fn skip_to_semicolon(&mut self) {
        self.malformed = true;
        loop {
            self.skip(|b| !matches!(b, b';' | b'(' | b'"'));
            match self.rest.first() {
                Some(b'(') => self.skip_comments(),
                Some(b'"') => drop(self.quoted()),
                _ => return,
            }
        }
    }

    fn skip(&mut self, which: impl Fn(u8) -> bool) {
        self.take(which);
    }

    fn take(&mut self, which: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|&b| !which(b)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

/// `name*1*` as its name, section number and whether it is percent-encoded; a name without `*` has no section.
fn split_name(name: &str) -> (&str, Option<u32>, bool) {
    let Some((base, tail)) = name.split_once('*') else { return (name, None, false) };
    let (number, encoded) = tail.strip_suffix('*').map_or((tail, false), |number| (number, true));
    match number {
        "" => (base, Some(0), true),
        number => match number.parse() {
            Ok(number) if number < 10_000 => (base, Some(number), encoded),
            _ => (name, None, false),
        },
    }
}

/// What stood for one name: plain values, and RFC 2231 sections by number.
#[derive(Default)]
struct Found {
    plain: Option<String>,
    sections: BTreeMap<u32, (bool, Vec<u8>)>,
    twice: bool,
}

impl Found {
    /// Joins the sections 0, 1, 2 .. ; the charset is that of the first.
    fn extended(&self) -> Option<String> {
        let (first_encoded, first) = self.sections.get(&0)?;
        let (charset, first) = if *first_encoded { split_charset(first) } else { (String::new(), first.as_slice()) };
        let mut octets = if *first_encoded { percent_decode(first) } else { first.to_vec() };
        for (_, (_, (encoded, value))) in (1..).zip(self.sections.range(1..)).take_while(|(n, (at, _))| n == *at) {
            octets.extend(if *encoded { percent_decode(value) } else { value.clone() });
        }
        Some(decode_charset(&charset, &octets))
    }
}

fn split_charset(value: &[u8]) -> (String, &[u8]) {
    let mut parts = value.splitn(3, |&b| b == b'\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_language), Some(rest)) => (String::from_utf8_lossy(charset).into_owned(), rest),
        _ => (String::new(), value),
    }
}

fn percent_decode(value: &[u8]) -> Vec<u8> {
    let hex = |b: u8| char::from(b).to_digit(16);
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if let (b'%', [high, low, after @ ..]) = (b, tail)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push((high * 16 + low) as u8);
            rest = after;
        } else {
            out.push(b);
        }
    }
    out
}
