//! `mailseal open --inline`: what inline PGP holds, under what it is.

use std::io::{BufWriter, Write};

use mailseal::{Address, Check, Decryption, Inline, InlineSignature, Judgement, Mail, Opened};

use crate::{
    command::failure,
    exit::{Exit, Failure},
    output::{
        escape::escape,
        file::{Destination, Output},
        words,
    },
};

/// Writes all blocks or none.
pub(super) fn write(mail: &Mail, name: &str, opened: &Opened<'_>, to: &Destination) -> Result<(), Failure> {
    let blocks = mail.open_inline(opened).map_err(|error| failure::of(name, error))?;
    if blocks.is_empty() {
        return Err(Failure::new(Exit::BadData, format!("{name} has no inline PGP")));
    }
    for block in &blocks {
        match block.decryption {
            None | Some(Decryption::Done) => {}
            Some(Decryption::Locked) => {
                return Err(failure::locked(format!("cannot decrypt {name}: the key is locked")));
            }
            Some(_) => {
                // One hint for every cause (R135).
                let hint = "the text is damaged, or no --key is a recipient's";
                return Err(Failure::new(Exit::CannotDecrypt, format!("cannot decrypt {name}")).hint(hint));
            }
        }
    }
    let mut output = to.create()?;
    let mut buffered = BufWriter::new(&mut output);
    let written = blocks.iter().enumerate().try_for_each(|(index, block)| one(index + 1, block, &mut buffered));
    let flushed = written.and_then(|()| buffered.flush());
    drop(buffered);
    flushed.map_err(|error| Failure::writing(output.name(), &error))?;
    Output::commit(output)
}

/// A block: what it is, then its text. Whoever wrote the text writes behind the bar, so that he cannot say what another
/// block is.
fn one(number: usize, block: &Inline, out: &mut dyn Write) -> std::io::Result<()> {
    let place = if block.part.is_empty() { String::new() } else { format!(", part {}", escape(&block.part)) };
    let kind = if block.decryption.is_some() { "encrypted" } else { "not encrypted" };
    let technology = words::technology(block.protocol.0);
    writeln!(out, "inline {technology} {number}{place}: {kind}; this is no protected message")?;
    if block.signatures.is_empty() {
        writeln!(out, "not signed")?;
    }
    for signature in &block.signatures {
        writeln!(out, "signed {}", escape(&signer(signature)))?;
    }
    for defect in &block.defects {
        writeln!(out, "note: {}", escape(defect))?;
    }
    for line in block.words().unwrap_or_default().lines() {
        writeln!(out, "| {}", escape(line))?;
    }
    Ok(())
}

/// By whom, of all addresses that the certificate claims those that somebody vouches for apart from the rest.
fn signer(signature: &InlineSignature) -> String {
    let worth = match (signature.fact.check, &signature.judgement) {
        (Check::Valid, Judgement::Trusted(_)) => "by a trusted certificate",
        (Check::Valid, _) => "by a certificate that nobody vouches for",
        (Check::CertificateMissing, _) => "by nobody known",
        (Check::WeakAlgorithm, _) => "with a weak algorithm, which proves nothing",
        (Check::Unsupported, _) => "in a way that this program does not know",
        _ => "and the signature is not valid",
    };
    let Some(cert) = &signature.fact.signer else { return worth.to_owned() };
    let listed = |addresses: &[&Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if signature.fact.check != Check::Valid {
        return format!("{worth}: {}", cert.fingerprint());
    }
    let (vouched, claimed): (Vec<_>, Vec<_>) =
        signature.fact.addresses().iter().partition(|address| signature.vouched.contains(address));
    let vouched = if vouched.is_empty() { String::new() } else { format!(" {}", listed(&vouched)) };
    let claimed = match claimed.as_slice() {
        [] => String::new(),
        claimed => format!("; nobody vouches that it is {}", listed(claimed)),
    };
    format!("{worth}: {}{vouched}{claimed}", cert.fingerprint())
}
