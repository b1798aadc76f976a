//! `mailseal open`

use std::io::{self, BufWriter, Write as _};

use mailseal::{Decryption, Layer, Mail, Opened, Source, Verdict};

mod inline;

use crate::{
    args::open::Open,
    command::failure,
    exit::{Exit, Failure},
    input,
    output::{
        colour::Colour,
        file::{Destination, Output},
        words,
    },
    setup,
};

/// Opens the message, tells the verdict, writes what was inside.
pub(crate) fn run(args: &Open) -> Result<(), Failure> {
    input::stdin_once(&[args.mail.as_slice()], &args.keys.passphrases.fds)?;
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    let report = args.report.as_deref().map(|path| Destination::new(Some(path), true)).transpose()?;
    let mail = setup::mail(&args.certificates, Some(&args.keys))?;
    let message = input::mail(args.mail.as_deref())?;

    let opened = open(&mail, args, &message)?;
    let verdict = opened.verdict(Some(&message.path));
    if let Some(report) = &report {
        write_report(report, &verdict)?;
    } else if args.json {
        // Standard error is for whoever listens; the exit code tells the others.
        let _ = writeln!(io::stderr(), "{}", verdict.to_json());
    }
    refuse(args, &message.name, &opened, &verdict)?;
    if args.inline {
        return inline::write(&mail, &message.name, &opened, &destination);
    }
    let output = destination.create()?;
    if report.is_none() && !args.json {
        let colour = Colour::of(&io::stderr());
        // The header around a part is no business of that part.
        let nothing: &[u8] = b"";
        let around: &dyn Source = if args.part.is_some() { &nothing } else { &*message.source };
        let _ = write!(io::stderr(), "{}", words::verdict(&opened, around, colour));
    }
    write_mail(args, &message.name, &opened, output)
}

/// The message, or the one part of it that was asked for.
fn open<'m>(mail: &Mail, args: &Open, message: &'m input::Mail) -> Result<Opened<'m>, Failure> {
    let failed = |error| failure::of(&message.name, error);
    let opened = mail.open(&*message.source).map_err(failed)?;
    let Some(number) = &args.part else { return Ok(opened) };
    decrypted(&message.name, &opened)?;
    mail.open_part(&opened, number).map_err(failed)
}

/// What could not be decrypted is not written.
fn decrypted(name: &str, opened: &Opened<'_>) -> Result<(), Failure> {
    match opened.undecrypted() {
        None => Ok(()),
        Some(Decryption::Locked) => Err(failure::locked(format!("cannot decrypt {name}: the key is locked"))),
        Some(_) => {
            // One hint for every cause (R135); that there are passwords is seen from outside.
            let hint = match has_passwords(opened) {
                false => {
                    "the message is damaged, or no --key is a recipient's; `mailseal inspect` lists the recipients"
                }
                true => {
                    "the message is damaged, or no --key is a recipient's and no --passphrase-file (-env, -fd, -command) \
                     has its password; `mailseal inspect` lists the recipients"
                }
            };
            Err(Failure::new(Exit::CannotDecrypt, format!("cannot decrypt {name}")).hint(hint))
        }
    }
}

/// Whether what could not be decrypted is to whoever knows a password.
fn has_passwords(opened: &Opened<'_>) -> bool {
    opened.layers.iter().any(|found| match &found.layer {
        Layer::Encrypted(encryption) => encryption.decryption != Decryption::Done && encryption.passwords > 0,
        _ => false,
    })
}

/// What may not be written.
fn refuse(args: &Open, name: &str, opened: &Opened<'_>, verdict: &Verdict) -> Result<(), Failure> {
    decrypted(name, opened)?;
    if args.require_signed && !opened.summary.is_signed() {
        let failure = Failure::new(Exit::NoSignature, format!("{name} is {}", words::how(verdict)));
        return Err(match words::advice(verdict) {
            Some(advice) => failure.hint(advice),
            None => failure,
        });
    }
    Ok(())
}

/// The library hands out authentic plaintext only, and all of it: it is written as it stands.
fn write_mail(args: &Open, name: &str, opened: &Opened<'_>, mut output: Output) -> Result<(), Failure> {
    let mut buffered = BufWriter::with_capacity(64 << 10, &mut output);
    let written = match args.payload {
        true => opened.payload.write_to(&mut buffered).map_err(mailseal::Error::from),
        false => opened.payload.write_message(&mut buffered),
    };
    written.map_err(|error| failure::of(name, error))?;
    let flushed = buffered.flush();
    drop(buffered);
    flushed.map_err(|e| Failure::writing(output.name(), &e))?;
    output.commit()
}

fn write_report(report: &Destination, verdict: &Verdict) -> Result<(), Failure> {
    let mut output = report.create()?;
    writeln!(output, "{}", verdict.to_json()).map_err(|e| Failure::writing(output.name(), &e))?;
    output.commit()
}
