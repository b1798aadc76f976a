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

/// Packets that are written as they come.
pub(crate) enum Packets<'a> {
    Armored(Writer<&'a mut dyn Write>),
    Binary(&'a mut dyn Write),
}

impl<'a> Packets<'a> {
    /// As for [`write`].
    pub(crate) fn new(kind: Kind, profile: Profile, form: Form, out: &'a mut dyn Write) -> io::Result<Packets<'a>> {
        match form {
            Form::Binary => Ok(Packets::Binary(out)),
            Form::Armored => {
                let mut writer = Writer::new(out, kind)?;
                writer.set_profile(profile)?;
                Ok(Packets::Armored(writer))
            }
        }
    }

    /// Ends the armor, and flushes.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Packets::Armored(writer) => writer.finalize()?.flush(),
            Packets::Binary(out) => out.flush(),
        }
    }
}

impl Write for Packets<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Packets::Armored(writer) => writer.write(octets),
            Packets::Binary(out) => out.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes packets, armored without any header line if `form` says so. `profile` decides whether there is a checksum: only
/// readers of before RFC 9580 look for one (§6.1).
pub(crate) fn write(packets: &[u8], kind: Kind, profile: Profile, form: Form, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Packets::new(kind, profile, form, out)?;
    writer.write_all(packets)?;
    writer.finish()
}
