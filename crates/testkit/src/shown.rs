//! Whether text for people and logs shows a secret.

use std::fmt::Debug;

/// Octets in a row that are enough to say that a secret is shown.
const ENOUGH: usize = 6;

/// Whether what `Debug` writes of `value`, in one line or in several, has six octets in a row of one of `secrets`: as they
/// are, as hexadecimal digits, as decimal numbers.
pub fn shows(value: &dyn Debug, secrets: &[&[u8]]) -> bool {
    let compact: String = format!("{value:?}").split_whitespace().collect();
    let pretty: String = format!("{value:#?}").split_whitespace().collect();
    let written = [compact.to_lowercase(), pretty.to_lowercase()];
    secrets.iter().flat_map(|secret| secret.windows(ENOUGH)).any(|octets| {
        let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let decimal: Vec<String> = octets.iter().map(u8::to_string).collect();
        let plain = String::from_utf8_lossy(octets).to_lowercase();
        let forms = [hex, decimal.join(","), plain];
        written.iter().any(|text| forms.iter().any(|form| text.contains(form)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_written() {
        let secret: &[u8] = &[0, 1, 2, 0xab, 0xcd, 0xef, 7];
        assert!(shows(&secret, &[secret]) && shows(&Some(vec![secret]), &[secret]));
        assert!(shows(&format_args!("{secret:02X?}"), &[secret]) || shows(&"000102ABCDEF07", &[secret]));
        assert!(shows(&"correcthorse", &[b"correct horse battery"]));
        assert!(!shows(&&secret[..5], &[secret]) && !shows(&"nothing", &[secret, b"correct horse"]));
    }
}
