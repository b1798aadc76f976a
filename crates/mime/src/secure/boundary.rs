//! Boundaries of new multiparts.

use crate::Error;

/// A new boundary: 144 bits from the randomness of the operating system, in 24 octets of base64url between `=_` and `_`.
///
/// That it matches no line of the content is a matter of these bits (a chance of 2⁻¹⁴⁴ a line that begins with `--=_`),
/// so content that was not yet written needs no search. It says nothing of clock or host. `=_` can stand in no line of
/// quoted-printable or base64 ([RFC 2045 §6.7](https://www.rfc-editor.org/rfc/rfc2045#section-6.7)).
pub fn boundary() -> Result<String, Error> {
    let mut bits = [0; 18];
    getrandom::fill(&mut bits).map_err(std::io::Error::other)?;
    Ok(format!("=_{}_", encodify::base64::URL_SAFE_NO_PAD.encode(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// R25
    #[test]
    fn distinct_and_well_formed() {
        let all: BTreeSet<String> = (0..1000).map(|_| boundary().unwrap()).collect();
        assert_eq!(all.len(), 1000);
        assert!(
            all.iter().all(|b| b.len() == 27 && b.bytes().all(|c| c.is_ascii_alphanumeric() || b"=_-".contains(&c)))
        );
    }
}
