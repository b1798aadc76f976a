//! What `sign` and `encrypt` share: who signs, and a protected message on its way out.

use std::io::{BufWriter, Write as _};

use mailseal::{Address, Handle, Outgoing, User};

use crate::{
    command::failure,
    exit::{Exit, Failure},
    output::file::{Destination, Output},
};

/// `--user`: an address, or a fingerprint or key ID in hexadecimal.
pub(crate) fn user(text: &str) -> Result<User, Failure> {
    if text.contains('@') {
        return address(text).map(User::Address);
    }
    let octets = octets(text)
        .ok_or_else(|| Failure::new(Exit::Usage, format!("{text} is neither an address nor a fingerprint")))?;
    Ok(User::Handle(match <[u8; 8]>::try_from(octets.as_slice()) {
        Ok(key_id) => Handle::KeyId(key_id),
        Err(_) => Handle::Fingerprint(octets),
    }))
}

/// An address of the command line.
pub(crate) fn address(text: &str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("{text} is not an address: {error}")).hint("write it bare: name@example.org")
    })
}

/// Hexadecimal of a whole key ID or fingerprint (8, 20 or 32 octets), with `0x`, blanks or colons as programs print it.
fn octets(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !matches!(c, ' ' | ':'))
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    matches!(digits.len(), 16 | 40 | 64).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Writes one message where it will go; it appears there with [`Output::commit`]. `name` is the draft's.
pub(crate) fn write(name: &str, outgoing: &Outgoing<'_>, destination: &Destination) -> Result<Output, Failure> {
    let mut output = destination.create_held()?;
    let mut buffered = BufWriter::with_capacity(64 << 10, &mut output);
    outgoing.write_to(&mut buffered).map_err(|error| failure::of(name, error))?;
    let flushed = buffered.flush();
    drop(buffered);
    flushed.map_err(|e| Failure::writing(output.name(), &e))?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users() {
        assert_eq!(user("alice@example.org").unwrap(), User::Address(Address::parse("alice@example.org").unwrap()));
        let fingerprint = "D1A6 6E1A 23B1 82C9 980F  788C FBFC C82A 015E 7330";
        let Ok(User::Handle(Handle::Fingerprint(octets))) = user(fingerprint) else { panic!("{fingerprint}") };
        assert_eq!((octets.len(), octets[0], octets[19]), (20, 0xd1, 0x30));
        assert!(matches!(user("0xFBFCC82A015E7330"), Ok(User::Handle(Handle::KeyId(_)))));
        for bad in ["", "alice", "@", "a@b@", "abc", "FBFCC82A015E733", "0xFBFCC82A015E733g"] {
            assert_eq!(user(bad).map_err(|failure| failure.exit), Err(Exit::Usage), "{bad}");
        }
    }
}
