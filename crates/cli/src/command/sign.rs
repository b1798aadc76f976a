//! `mailseal sign`

use mailseal_core::ProtocolId;

use crate::{
    args::sign::Sign,
    command::{failure, protect},
    exit::Failure,
    input,
    output::file::Destination,
    setup,
};

/// Signs the draft; one message comes out.
pub(crate) fn run(args: &Sign) -> Result<(), Failure> {
    input::stdin_once(&[args.mail.as_slice()], &args.keys.passphrases.fds)?;
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    let user = args.user.as_deref().map(protect::user).transpose()?;
    let mail = setup::mail(&args.certificates, Some(&args.keys))?;
    let draft = input::mail(args.mail.as_deref())?;

    let failed = |error| failure::of(&draft.name, error);
    let mut compose = mail.compose(&*draft.source).map_err(failed)?.sign().form(args.form());
    compose = compose.protected_headers_v1(args.compatibility.protected_headers_v1);
    if let Some(user) = user {
        compose = compose.user(user.among(mail.keys())?);
    }
    let only = args.force.only().or(args.opaque.then_some(ProtocolId::SMIME));
    if let Some(protocol) = only {
        compose = compose.only(protocol);
    }
    let plan = compose.plan().map_err(failed)?;
    for outgoing in plan.protect().map_err(failed)? {
        protect::write(&draft.name, &outgoing, &destination)?.commit()?;
    }
    Ok(())
}
