//! ASCII armor (RFC 9580 §6.2), or none.

use sequoia_openpgp::Profile;
use sequoia_openpgp::armor::{Kind, Writer};
use std::io::{self, Write};

/// How packets are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As text, in ASCII armor.
    Armored,
    /// As they are.
    Binary,
}

/// Writes packets, armored without any header line if `form` says so. `profile` decides whether there is a checksum: only
/// readers of before RFC 9580 look for one (§6.1).
pub(crate) fn write(packets: &[u8], kind: Kind, profile: Profile, form: Form, out: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Binary => out.write_all(packets),
        Form::Armored => {
            let mut writer = Writer::new(out, kind)?;
            writer.set_profile(profile)?;
            writer.write_all(packets)?;
            writer.finalize().map(|_| ())
        }
    }
}
