//! Signed messages that carry their content: packets (RFC 9580 §10.3), and the cleartext framework (§7).

use crate::error::engine;
use crate::pipe::{Spill, pour};
use crate::write::armor::Form;
use crate::write::sign::Signers;
use mailseal_core::{Content, Error, Over};
use sequoia_openpgp::serialize::stream::{Armorer, LiteralWriter, Message};
use sequoia_openpgp::types::DataFormat;
use std::io::Write;

/// Writes one-pass packets, the content without name and date, and the signatures.
pub(crate) fn message(content: &dyn Content, signers: Signers, form: Form, out: &mut dyn Write) -> Result<(), Error> {
    let spill = Spill::default();
    let mut message = Message::new(spill.clone());
    if form == Form::Armored {
        message = Armorer::new(message).build().map_err(engine)?;
    }
    let format = data_format(signers.signs());
    let message = signers.stream(message)?.build().map_err(engine)?;
    let message = LiteralWriter::new(message).format(format).build().map_err(engine)?;
    pour(content, message, &spill, out)
}

/// Writes the text, which is UTF-8, as it is but for dash-escapes and blanks at line ends, and the signatures.
pub(crate) fn cleartext(content: &dyn Content, signers: Signers, out: &mut dyn Write) -> Result<(), Error> {
    let spill = Spill::default();
    let message = signers.stream(Message::new(spill.clone()))?.cleartext().build().map_err(engine)?;
    pour(content, message, &spill, out)
}

/// What a literal data packet calls its content (RFC 9580 §5.9).
pub(crate) fn data_format(over: Over) -> DataFormat {
    match over {
        Over::Lines => DataFormat::Unicode,
        _ => DataFormat::Binary,
    }
}
