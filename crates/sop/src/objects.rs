//! Keys, certificates and signatures as the command line loads and saves them.

use crate::program::Program;
use crate::refusal::refusal;
use mailseal_openpgp::stateless::{self, Form};
use sop::plumbing::SopRef;
use sop::{Load, Result, Save};
use std::io::{Read, Write};

/// KEYS of the draft.
pub(crate) struct Keys<'s> {
    program: &'s Program,
    name: Option<String>,
    pub(crate) inner: stateless::Keys,
}

/// CERTS of the draft.
pub(crate) struct Certs<'s> {
    program: &'s Program,
    name: Option<String>,
    pub(crate) inner: stateless::Certs,
}

/// SIGNATURES of the draft.
pub(crate) struct Sigs<'s> {
    program: &'s Program,
    name: Option<String>,
    pub(crate) inner: stateless::Signatures,
}

/// Armored or not.
pub(crate) fn form(armored: bool) -> Form {
    if armored { Form::Armored } else { Form::Binary }
}

macro_rules! object {
    ($object:ident, $inner:ty) => {
        impl<'s> $object<'s> {
            /// Made here, of no file.
            pub(crate) fn made(program: &'s Program, inner: $inner) -> $object<'s> {
                $object { program, name: None, inner }
            }
        }

        impl<'s> Load<'s, Program> for $object<'s> {
            fn from_reader(
                program: &'s Program,
                source: &mut (dyn Read + Send + Sync),
                name: Option<String>,
            ) -> Result<$object<'s>> {
                let mut encoded = Vec::new();
                source.read_to_end(&mut encoded)?;
                Ok($object { program, name, inner: <$inner>::read(&encoded).map_err(refusal)? })
            }

            fn source_name(&self) -> Option<&str> {
                self.name.as_deref()
            }
        }

        impl Save for $object<'_> {
            fn to_writer(&self, armored: bool, sink: &mut (dyn Write + Send + Sync)) -> Result<()> {
                self.inner.write(form(armored), sink).map_err(refusal)
            }
        }

        impl<'s> SopRef<'s, Program> for $object<'s> {
            fn sop(&self) -> &'s Program {
                self.program
            }
        }
    };
}

object!(Keys, stateless::Keys);
object!(Certs, stateless::Certs);
object!(Sigs, stateless::Signatures);
