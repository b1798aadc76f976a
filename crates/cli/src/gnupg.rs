//! `--gnupg`: from the environment to GnuPG's keyring and its agent.

use std::{
    env, fs,
    io::{self, IsTerminal as _},
    path::PathBuf,
    sync::Arc,
};

use mailseal::Cert;
use mailseal_core::KeySource as _;
use mailseal_gnupg::{Agent, Asking, Credentials, Error, Home, Ring, Terminal};

use crate::{
    exit::{Exit, Failure},
    secret::Asker,
};

/// What GnuPG has.
pub(crate) struct Gnupg {
    pub(crate) ring: Ring,
    pub(crate) secrets: Credentials,
}

impl Gnupg {
    /// Reads the public keyring, and asks the agent which secret keys it has. `asker` is who gives passphrases; without one
    /// nobody does.
    ///
    /// # Errors
    /// 61 without a keyring, 41 for one that is none, 1 where no agent answers.
    pub(crate) fn open(asker: Option<&Arc<Asker>>) -> Result<Self, Failure> {
        let home = home()?;
        let ring = Ring::open(&home)?;
        let agent = Arc::new(Agent::new(home, asking(asker))?);
        let secrets = ring.keys(&agent)?;
        Ok(Gnupg { ring, secrets })
    }

    /// The certificates whose secret keys the agent has.
    pub(crate) fn own_certs(&self) -> Vec<Cert> {
        self.secrets.all().into_iter().map(|credential| credential.cert).collect()
    }
}

/// Passphrases of the command line go before a pinentry, which shows itself only where somebody may be asked.
fn asking(asker: Option<&Arc<Asker>>) -> Asking {
    match asker {
        Some(asker) if asker.is_given_any() => Asking::Loopback(asker.clone()),
        Some(asker) if asker.may_ask() => Asking::Pinentry(terminal()),
        _ => Asking::Nobody,
    }
}

/// `$GNUPGHOME`, else `~/.gnupg`.
fn home() -> Result<Home, Failure> {
    let folder = |name| text(name).map(PathBuf::from);
    if let Some(chosen) = folder("GNUPGHOME") {
        return Ok(Home::chosen(chosen));
    }
    let home = folder("HOME").ok_or_else(|| Failure::new(Exit::MissingInput, "there is no home folder for --gnupg"))?;
    Ok(Home::usual(home.join(".gnupg"), folder("XDG_RUNTIME_DIR")))
}

/// Where a pinentry can show itself, as gpg tells it to the agent.
fn terminal() -> Terminal {
    const VARIABLES: [(&str, &[&str]); 6] = [
        ("ttyname", &["GPG_TTY"]),
        ("ttytype", &["TERM"]),
        ("display", &["DISPLAY"]),
        ("xauthority", &["XAUTHORITY"]),
        ("lc-ctype", &["LC_ALL", "LC_CTYPE", "LANG"]),
        ("lc-messages", &["LC_ALL", "LC_MESSAGES", "LANG"]),
    ];
    let mut terminal = Terminal::default();
    for (option, variables) in VARIABLES {
        terminal.options.extend(variables.iter().find_map(|name| text(name)).map(|value| (option, value)));
    }
    if text("GPG_TTY").is_none() {
        terminal.options.extend(tty().map(|path| ("ttyname", path)));
    }
    let wayland = text("WAYLAND_DISPLAY").map(|display| ("putenv", format!("WAYLAND_DISPLAY={display}")));
    terminal.options.extend(wayland);
    terminal
}

/// The terminal of standard input, output or error, by its name where the system tells it.
fn tty() -> Option<String> {
    let is_terminal = [io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()];
    let descriptor = is_terminal.iter().position(|is_terminal| *is_terminal)?;
    let path = fs::read_link(format!("/dev/fd/{descriptor}")).ok();
    path.filter(|path| path.starts_with("/dev"))?.into_os_string().into_string().ok()
}

fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty() && !value.contains(['\r', '\n']) && value.len() < 900)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Io { path, source } => Failure::reading(path.display(), source),
            Error::NoKeyring(_) => Failure::new(Exit::MissingInput, error.to_string())
                .hint("the environment variable GNUPGHOME names another folder"),
            Error::Keyring { .. } => Failure::new(Exit::BadData, error.to_string()),
            _ => Failure::new(Exit::Failure, error.to_string())
                .hint("`gpgconf --kill gpg-agent` ends an agent, `gpgconf --launch gpg-agent` starts one"),
        }
    }
}
