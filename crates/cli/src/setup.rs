//! From the options to the library: certificates, keys and trust of one run.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use mailseal::{
    Cert, CertSource, KeySource, Mail, Named, Policy, ProtocolId, Protocols, Trust, TrustExt as _,
    openpgp::OpenPgp,
    smime::{Pkix, Smime, issuers_not_at_hand, parse_anchors, parse_crls},
};
use mailseal_core::{NoCerts, NoKeys, NoPrompt, Prompt};
use mailseal_keyring::{All, Error as KeyringError, Keyring, Shared, Store};
use zeroize::Zeroizing;

use crate::{
    args::common::{At, Certificates, Force, Keys},
    exit::{Exit, Failure},
    gnupg::Gnupg,
    output::talk::warn,
    secret::Asker,
    system_rules,
};

/// The protocols of this program, the preferred first.
pub(crate) fn protocols() -> Protocols {
    Protocols::default().with(OpenPgp).with(Smime)
}

impl Force {
    /// The one protocol that is allowed, when the command line says so.
    pub(crate) fn only(&self) -> Option<ProtocolId> {
        match (self.pgp, self.smime) {
            (true, _) => Some(ProtocolId::OPENPGP),
            (_, true) => Some(ProtocolId::SMIME),
            _ => None,
        }
    }
}

/// A library without any certificate or key, for looking at messages from outside.
pub(crate) fn blind(at: At) -> Mail {
    Mail::new(protocols(), NoCerts, NoKeys, Named::default(), Policy::at(at.moment()))
}

/// The defaults, with the rules of the system.
///
/// # Errors
/// As [`system_rules::read`].
pub(crate) fn policy(at: At) -> Result<Policy, Failure> {
    let mut policy = Policy::at(at.moment());
    policy.algorithm_rules = system_rules::read()?;
    Ok(policy)
}

/// The library with what the command line and the keyring give it. Every file is read here; nobody is asked for a
/// passphrase before a locked key is needed.
///
/// # Errors
/// 61 and 41 for files that are missing or not what they should be; what [`Asker::new`] says.
pub(crate) fn mail(certificates: &Certificates, keys: Option<&Keys>) -> Result<Mail, Failure> {
    let protocols = protocols();
    let mut policy = policy(certificates.at)?;
    policy.revocation = certificates.revocation.into();
    let asker = keys.map(|keys| Asker::new(&keys.passphrases)).transpose()?.map(Arc::new);
    let prompt: Arc<dyn Prompt> = match &asker {
        Some(asker) => asker.clone(),
        None => Arc::new(NoPrompt),
    };
    let gnupg = if certificates.gnupg { Some(Gnupg::open(asker.as_ref())?) } else { None };

    let mut store = Store::new(protocols.as_slice());
    let mut named = read_certs(&store, &certificates.certs)?;
    let intermediates = read_certs(&store, &certificates.intermediates)?;
    store.add_certs(named.clone());
    store.add_intermediates(intermediates.clone());
    store.set_passphrases(prompt.clone());
    for path in keys.iter().flat_map(|keys| &keys.keys) {
        let encoded = Zeroizing::new(read(path)?);
        store.add_keys(&path.display().to_string(), &encoded, prompt.clone())?;
    }
    // Whoever names a secret key names its certificate.
    named.extend(store.own_certs());
    store.add_certs(named.clone());
    named.extend(gnupg.iter().flat_map(Gnupg::own_certs));
    let mut anchors = read_anchors(&certificates.anchors)?;
    // Known as certificates too: a signer may be an anchor itself, and send no certificate along.
    store.add_intermediates(anchors.clone());
    let mut certs: Vec<Arc<dyn CertSource>> = Vec::new();
    let mut secrets: Vec<Arc<dyn KeySource>> = Vec::new();
    let store = Arc::new(store);
    certs.push(store.clone());
    secrets.push(store);
    let lists = read_crls(&certificates.crls)?;

    let Some(keyring) = keyring(certificates, &protocols, &prompt)? else {
        let crls = with_issuers(lists, &[&anchors, &intermediates, &named]);
        let trust = Named::new(&named).or(Pkix::new(&anchors, &[intermediates, named].concat(), &crls));
        return Ok(mail_of(protocols, certs, secrets, gnupg, trust, policy));
    };
    certs.push(Arc::new(keyring.clone()));
    certs.extend(shared(&protocols).map(|shared| Arc::new(shared) as Arc<dyn CertSource>));
    secrets.push(Arc::new(keyring.clone()));
    if certificates.anchors.is_empty() {
        for encoded in keyring.anchors() {
            anchors.extend(x509("an anchor of the keyring", encoded)?);
        }
    }
    let trust = Named::new(&named).or(keyring.clone());
    let intermediates = [intermediates, named, keyring.intermediates()].concat();
    let mut crls = with_issuers(lists, &[&anchors, &intermediates]);
    for (path, encoded) in keyring.crls() {
        match parse_crls(encoded) {
            Ok(lists) => crls.extend(lists),
            Err(error) => warn(&format!("{} is left out: {error}", path.display())),
        }
    }
    let trust = trust.or(Pkix::new(&anchors, &intermediates, &crls));
    Ok(mail_of(protocols, certs, secrets, gnupg, trust, policy))
}

/// The library on these sources, the first before the others; GnuPG's come last.
fn mail_of(
    protocols: Protocols,
    mut certs: Vec<Arc<dyn CertSource>>,
    mut secrets: Vec<Arc<dyn KeySource>>,
    gnupg: Option<Gnupg>,
    trust: impl Trust + 'static,
    policy: Policy,
) -> Mail {
    if let Some(gnupg) = gnupg {
        certs.push(Arc::new(gnupg.ring));
        secrets.push(Arc::new(gnupg.secrets));
    }
    Mail::new(protocols, All(certs), All(secrets), trust, policy)
}

/// The keyring of the command line, else the user's; none with `--no-keyring`.
fn keyring(args: &Certificates, protocols: &Protocols, prompt: &Arc<dyn Prompt>) -> Result<Option<Keyring>, Failure> {
    let folder = match (&args.keyring, args.no_keyring) {
        (_, true) => return Ok(None),
        (Some(folder), _) => {
            fs::read_dir(folder).map_err(|e| Failure::reading(folder.display(), &e))?;
            folder.clone()
        }
        (None, _) => match default_keyring() {
            Some(folder) => folder,
            None => return Ok(None),
        },
    };
    let keyring = Keyring::open(&folder, protocols.as_slice(), prompt.clone())?;
    for warning in keyring.warnings() {
        warn(warning);
    }
    Ok(Some(keyring))
}

/// `$XDG_CONFIG_HOME/mailseal`, else `~/.config/mailseal`.
pub(crate) fn default_keyring() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(config.join("mailseal"))
}

/// The directory of certificates that OpenPGP programs share: `$PGP_CERT_D`, else `pgp.cert.d` in `$XDG_DATA_HOME` or
/// `~/.local/share`.
fn shared(protocols: &Protocols) -> Option<Shared> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = || set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    let root = set("PGP_CERT_D").or_else(|| Some(data()?.join("pgp.cert.d")))?;
    Some(Shared::new(root, protocols.as_slice()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let missing = |e: &io::Error| Failure::reading(path.display(), e);
    match fs::read(path) {
        Err(e) if e.kind() == io::ErrorKind::IsADirectory => Err(Failure { exit: Exit::MissingInput, ..missing(&e) }),
        read => read.map_err(|e| missing(&e)),
    }
}

fn read_certs(store: &Store, paths: &[PathBuf]) -> Result<Vec<Cert>, Failure> {
    let mut certs = Vec::new();
    for path in paths {
        certs.extend(store.parse_certs(&path.display().to_string(), &read(path)?)?);
    }
    Ok(certs)
}

fn read_anchors(paths: &[PathBuf]) -> Result<Vec<Cert>, Failure> {
    let mut anchors = Vec::new();
    for path in paths {
        anchors.extend(x509(&path.display().to_string(), &read(path)?)?);
    }
    Ok(anchors)
}

/// X.509 certificates; OpenPGP knows no anchors.
pub(crate) fn x509(name: &str, encoded: &[u8]) -> Result<Vec<Cert>, Failure> {
    parse_anchors(encoded)
        .map_err(|error| Failure::new(Exit::BadData, format!("{name} is not an X.509 certificate: {error}")))
}

/// What a file has of revocation, as DER.
struct Lists<'a> {
    path: &'a Path,
    crls: Vec<Vec<u8>>,
}

fn read_crls(paths: &[PathBuf]) -> Result<Vec<Lists<'_>>, Failure> {
    let mut crls = Vec::new();
    for path in paths {
        let not_one =
            |error| Failure::new(Exit::BadData, format!("{} is not a revocation list: {error}", path.display()));
        crls.push(Lists { path, crls: parse_crls(&read(path)?).map_err(not_one)? });
    }
    Ok(crls)
}

/// The lists of the command line, with a warning for each whose issuer is not among these certificates.
fn with_issuers(lists: Vec<Lists<'_>>, known: &[&[Cert]]) -> Vec<Vec<u8>> {
    let known = known.concat();
    for Lists { path, crls } in &lists {
        for issuer in issuers_not_at_hand(crls, &known) {
            warn(&format!(
                "{}: the certificate of its issuer, {issuer}, was not given; the list counts only for messages that bring it \
                 along",
                path.display()
            ));
        }
    }
    lists.into_iter().flat_map(|lists| lists.crls).collect()
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        match &error {
            KeyringError::Io { path, source } => Failure::reading(path.display(), source),
            KeyringError::NotRecognised { expected: "a secret key", .. } => {
                Failure::new(Exit::BadData, error.to_string())
                    .hint("a key without its certificate (PKCS#8, PKCS#1, SEC1) needs --cert beside it")
            }
            _ => Failure::new(Exit::BadData, error.to_string()),
        }
    }
}
