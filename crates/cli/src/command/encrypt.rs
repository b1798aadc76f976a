//! `mailseal encrypt`

use std::io::{self, Write as _};

use mailseal::{Address, Copy, Encrypt as Encryption, Group, HeaderPolicy, Missing as Skip, Obstacle, Plan};
use mailseal_core::Integrity;

use crate::{
    args::encrypt::{Encrypt, HeaderPolicy as Hp, Missing},
    command::{failure, protect},
    exit::{Exit, Failure},
    input,
    output::{
        escape::escape,
        file::{Destination, Output},
        json, words,
    },
    password::Source,
    setup,
};

/// Encrypts the draft; a message a protocol and a Bcc recipient comes out, all of them or none.
pub(crate) fn run(args: &Encrypt) -> Result<(), Failure> {
    let sources = args.passwords.iter().map(|text| Source::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let fds = args.keys.passphrases.fds.iter().copied().chain(sources.iter().filter_map(Source::descriptor));
    input::stdin_once(&[args.mail.as_slice()], &fds.collect::<Vec<_>>())?;
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    if args.json && destination == Destination::Stdout {
        let message = "--json and the mail cannot both go to standard output";
        return Err(Failure::new(Exit::IncompatibleOptions, message).hint("-o FILE takes the mail"));
    }
    let user = args.user.as_deref().map(protect::user).transpose()?;
    let recipients = args.recipients.iter().map(|text| protect::address(text)).collect::<Result<Vec<_>, _>>()?;
    let hidden = args.hidden.iter().map(|text| protect::address(text)).collect::<Result<Vec<_>, _>>()?;
    let passwords = sources.iter().map(Source::read).collect::<Result<Vec<_>, _>>()?;
    let mail = setup::mail(&args.certificates, Some(&args.keys))?;
    let draft = input::mail(args.mail.as_deref())?;

    let failed = |error| failure::of(&draft.name, error);
    let mut compose = mail.compose(&*draft.source).map_err(failed)?.encrypt(Encryption::Always);
    if !args.no_sign {
        compose = compose.sign();
    }
    if let Some(user) = user {
        compose = compose.user(user.among(mail.keys())?);
    }
    if !recipients.is_empty() {
        compose = compose.recipients(recipients);
    }
    compose = compose.hidden(hidden).passwords(passwords);
    if let Some(protocol) = args.force.only() {
        compose = compose.only(protocol);
    }
    compose = compose.missing(match args.missing {
        Missing::Fail => Skip::Fail,
        Missing::Skip => Skip::Skip,
    });
    compose = compose.headers(match args.hp {
        Hp::Baseline => HeaderPolicy::baseline(),
        Hp::Shy => HeaderPolicy::shy(),
        Hp::None => HeaderPolicy::no_confidentiality(),
    });
    compose = compose.legacy_display(args.legacy_display);
    compose = compose.protected_headers_v1(args.compatibility.protected_headers_v1);

    let plan = compose.plan().map_err(failed)?;
    let files = files(&plan, &destination)?;
    let messages = plan.protect().map_err(failed)?;
    let outputs = messages
        .iter()
        .zip(&files)
        .map(|(outgoing, file)| protect::write(&draft.name, outgoing, file))
        .collect::<Result<Vec<_>, _>>()?;
    let names: Vec<_> = outputs.iter().map(Output::name).collect();
    Output::commit_all(outputs)?;
    tell(&plan, &names, args.json)
}

/// Where each message of the plan goes: alone where the command line says, else beside it.
fn files(plan: &Plan<'_>, destination: &Destination) -> Result<Vec<Destination>, Failure> {
    if plan.groups.len() <= 1 {
        return Ok(vec![destination.clone()]);
    }
    let several = || {
        let message = format!("{} messages come out, and there is one place to write to", plan.groups.len());
        Failure::new(Exit::Usage, message)
            .hint("-o FILE names them after FILE; --pgp or --smime makes it one, -R hides without a copy")
    };
    let mut bccs = 0;
    let mut files = Vec::new();
    for group in &plan.groups {
        let word = match group.copy {
            Copy::Bcc(_) => {
                bccs += 1;
                format!("bcc-{bccs}")
            }
            _ => group.protocol().to_string(),
        };
        files.push(destination.beside(&word).ok_or_else(several)??);
    }
    Ok(files)
}

/// Tells who gets which message: people when there are several or something is to be known of the cipher, programs when
/// they ask; and who gets none.
fn tell(plan: &Plan<'_>, names: &[String], as_json: bool) -> Result<(), Failure> {
    let mut talk = io::stderr().lock();
    for (address, obstacle) in &plan.unreachable {
        // The mail is written; where standard error is closed, nobody wants to know more.
        let _ = writeln!(talk, "warning: {} gets nothing: {}", escape(address.as_str()), escape(&obstacle.to_string()));
    }
    for (address, obstacle) in &plan.by_password {
        let (address, obstacle) = (escape(address.as_str()).to_string(), obstacle.to_string());
        let _ = writeln!(talk, "note: {address} reads it by a password alone: {}", escape(&obstacle));
    }
    for (group, name) in plan.groups.iter().zip(names) {
        let recipients: Vec<_> = group.rcpt_to.iter().map(ToString::to_string).collect();
        if as_json {
            let is_its = |(address, _): &&(Address, Obstacle)| group.rcpt_to.contains(address);
            let by_password = plan.by_password.iter().filter(is_its);
            json::line(serde_json::json!({
                "file": name,
                "protocol": group.protocol().0,
                "bcc": matches!(group.copy, Copy::Bcc(_)),
                "recipients": recipients,
                "by_password": by_password.map(|(address, _)| address.to_string()).collect::<Vec<_>>(),
                "cipher": group.encryption.as_ref().map(|chosen| &chosen.cipher),
                "integrity": group.encryption.as_ref().map(|chosen| chosen.integrity.as_str()),
            }))?;
        } else if names.len() > 1 || !keeps_text(group) {
            let cipher = group.encryption.as_ref().map_or("", |chosen| &chosen.cipher);
            let technology = words::technology(group.protocol().0);
            let to = match recipients.is_empty() {
                true => "whoever knows a password".to_owned(),
                false => recipients.join(", "),
            };
            let _ = writeln!(talk, "{}: {} ({technology}, {cipher})", escape(name), escape(&to));
        }
    }
    let weak = plan.groups.iter().filter(|group| !keeps_text(group)).find_map(|group| group.encryption.as_ref());
    if let Some(weak) = weak.filter(|_| !as_json) {
        let _ = writeln!(
            talk,
            "note: {} hides the text and does not keep it from being changed; not every reader is known to read AES-GCM",
            weak.cipher
        );
    }
    Ok(())
}

/// Whether the cipher of a message keeps its text from being changed on the way.
fn keeps_text(group: &Group) -> bool {
    group.encryption.as_ref().is_none_or(|chosen| chosen.integrity != Integrity::None)
}
