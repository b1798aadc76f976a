//! The verdict as JSON, and its JSON Schema.

use super::{SCHEMA, Verdict};
use schemars::generate::SchemaSettings;

impl Verdict {
    /// As one line of JSON in printable ASCII, without a line end: no text of the message does anything to a terminal, or
    /// ends the line for readers that know more line ends than LF (R137).
    pub fn to_json(&self) -> String {
        ascii(&serde_json::to_string(self).expect("a verdict has string keys only"))
    }
}

/// The same JSON with every character outside printable ASCII as `\uXXXX` (RFC 8259 §7); such stand in strings only.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

/// The JSON Schema of the verdict, indented.
pub fn schema() -> String {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Verdict>();
    schema.insert("$id".to_owned(), SCHEMA.into());
    serde_json::to_string_pretty(&schema).expect("a schema has string keys only")
}
