//! `armor` and `dearmor`.

use mailseal_openpgp::stateless;
use sop::Result;
use sop::errors::Error;
use sop::ops::{Armor, ArmorLabel, Dearmor, Ready};
use std::io::{Read, Write};

use crate::refusal::refusal;

/// Putting armor on.
#[derive(Default)]
pub(crate) struct Armoring {
    label: ArmorLabel,
}

impl<'s> Armor<'s> for Armoring {
    fn label(mut self: Box<Self>, label: ArmorLabel) -> Box<dyn Armor<'s> + 's> {
        self.label = label;
        self
    }

    fn data<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        match self.label {
            ArmorLabel::Auto => Ok(Box::new(Change { data, change: stateless::armor })),
            _ => Err(Error::UnsupportedOption),
        }
    }
}

/// Taking armor off.
pub(crate) struct Dearmoring;

impl<'s> Dearmor<'s> for Dearmoring {
    fn data<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(Change { data, change: stateless::dearmor }))
    }
}

struct Change<'d> {
    data: &'d mut (dyn Read + Send + Sync),
    change: fn(&[u8], &mut dyn Write) -> std::result::Result<(), stateless::Error>,
}

impl Ready for Change<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> Result<()> {
        let mut input = Vec::new();
        self.data.read_to_end(&mut input)?;
        (self.change)(&input, sink).map_err(refusal)
    }
}
