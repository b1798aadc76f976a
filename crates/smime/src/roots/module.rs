//! The roots inside of `libnssckbi.so`: an ELF file of 64 bits, little-endian, whose constant data has a record for each
//! object: the number of its attributes, the address of their types, and that of their values, each an address and a
//! length. Addresses are relocations of the file. The record is known by its shape; none of the file's code is run.

use super::{Email, Object};
use std::collections::BTreeMap;

/// What such a file begins with: ELF, 64 bits, little-endian.
pub(super) const MAGIC: &[u8] = b"\x7fELF\x02\x01";

/// The most attributes of one object, and the most octets of one attribute.
const ATTRIBUTES: u64 = 64;
const OCTETS: u64 = 64 * 1024;

// PKCS#11 v2.40 §4, and what NSS adds (its pkcs11n.h).
const CLASS: u64 = 0;
const VALUE: u64 = 0x11;
const ISSUER: u64 = 0x81;
const SERIAL: u64 = 0x82;
const NSS: u64 = 0xce53_4350;
const DISTRUST_AFTER: u64 = NSS + 36;
const TRUST_EMAIL: u64 = NSS + 0x2000 + 11;
const SHA1: u64 = NSS + 0x2000 + 100;
const CERTIFICATE: u64 = 1;
const TRUST: u64 = NSS + 3;
const TRUSTED_DELEGATOR: u64 = NSS + 2;
const NOT_TRUSTED: u64 = NSS + 10;

/// The objects in the file; `None` when it is not such a file.
pub(super) fn objects(file: &[u8]) -> Option<Vec<Object>> {
    let elf = Elf::read(file)?;
    let objects: Vec<_> = elf.relocations.keys().filter_map(|address| elf.object(*address)).collect();
    (!objects.is_empty()).then_some(objects)
}

struct Elf<'f> {
    file: &'f [u8],
    /// Loaded segments: address, offset in the file, length there.
    segments: Vec<(u64, u64, u64)>,
    /// Where an address is to be stored, and which.
    relocations: BTreeMap<u64, u64>,
}

impl<'f> Elf<'f> {
    fn read(file: &'f [u8]) -> Option<Elf<'f>> {
        let mut elf = Elf { file, segments: Vec::new(), relocations: BTreeMap::new() };
        let relative = match elf.at(0x12, 2)? {
            62 => 8,     // x86-64: R_X86_64_RELATIVE
            183 => 1027, // AArch64: R_AARCH64_RELATIVE
            243 => 3,    // RISC-V: R_RISCV_RELATIVE
            _ => return None,
        };
        let (segments, size) = (elf.at(0x20, 8)?, elf.at(0x36, 2)?);
        for number in 0..elf.at(0x38, 2)? {
            let header = segments.checked_add(number * size)?;
            if elf.at(header, 4)? == 1 {
                elf.segments.push((elf.at(header + 16, 8)?, elf.at(header + 8, 8)?, elf.at(header + 32, 8)?));
            }
        }
        let (sections, size) = (elf.at(0x28, 8)?, elf.at(0x3a, 2)?);
        for number in 0..elf.at(0x3c, 2)? {
            let header = sections.checked_add(number * size)?;
            if elf.at(header.checked_add(4)?, 4)? == 4 {
                let (offset, length) = (elf.at(header + 24, 8)?, elf.at(header + 32, 8)?);
                for entry in (offset..offset.checked_add(length)?).step_by(24) {
                    if elf.at(entry.checked_add(8)?, 8)? & 0xffff_ffff == relative {
                        let (place, addend) = (elf.at(entry, 8)?, elf.at(entry + 16, 8)?);
                        elf.relocations.insert(place, addend);
                    }
                }
            }
        }
        Some(elf)
    }

    /// The object whose record has the address of its types here.
    fn object(&self, address: u64) -> Option<Object> {
        let count = self.load(address.checked_sub(8)?, 8)?;
        let types = *self.relocations.get(&address)?;
        let values = *self.relocations.get(&address.checked_add(8)?)?;
        if !(3..=ATTRIBUTES).contains(&count) || self.load(types, 8)? != CLASS {
            return None;
        }
        let class = self.number(values)?;
        if !matches!(class, CERTIFICATE | TRUST) {
            return None;
        }
        let mut object = Object { is_certificate: class == CERTIFICATE, ..Object::default() };
        for number in 1..count {
            let item = values.checked_add(number * 16)?;
            match self.load(types.checked_add(number * 8)?, 8)? {
                VALUE => object.value = self.octets(item)?.to_vec(),
                ISSUER => object.issuer = self.octets(item)?.to_vec(),
                SERIAL => object.serial = self.octets(item)?.to_vec(),
                SHA1 => object.sha1 = self.octets(item)?.to_vec(),
                DISTRUST_AFTER => object.distrust_after = self.octets(item)?.to_vec(),
                TRUST_EMAIL => {
                    object.email = match self.number(item)? {
                        TRUSTED_DELEGATOR => Email::Issuer,
                        NOT_TRUSTED => Email::Rejected,
                        _ => Email::Nothing,
                    }
                }
                _ => {}
            }
        }
        Some(object)
    }

    /// The octets of an attribute: an address, then a length of 32 bits.
    fn octets(&self, item: u64) -> Option<&'f [u8]> {
        let length = self.load(item.checked_add(8)?, 4)?;
        let start = self.offset(*self.relocations.get(&item)?)?;
        let end = start.checked_add(length).filter(|_| length <= OCTETS)?;
        self.file.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// An attribute that is a number of eight octets.
    fn number(&self, item: u64) -> Option<u64> {
        Some(u64::from_le_bytes(self.octets(item)?.try_into().ok()?))
    }

    /// A number at an address.
    fn load(&self, address: u64, octets: u64) -> Option<u64> {
        self.at(self.offset(address)?, octets)
    }

    /// Where in the file an address is.
    fn offset(&self, address: u64) -> Option<u64> {
        let mut segments = self.segments.iter();
        segments.find_map(|(start, offset, length)| {
            let within = address.checked_sub(*start).filter(|within| within < length)?;
            offset.checked_add(within)
        })
    }

    /// A number of so many octets, at most eight, at an offset.
    fn at(&self, offset: u64, octets: u64) -> Option<u64> {
        let start = usize::try_from(offset).ok()?;
        let bytes = self.file.get(start..start.checked_add(usize::try_from(octets).ok()?)?)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_module() {
        assert!(objects(MAGIC).is_none());
        let mut file = vec![0xff; 4096];
        file[..MAGIC.len()].copy_from_slice(MAGIC);
        for machine in [62, 183, 243, 3] {
            file[0x12..0x14].copy_from_slice(&[machine, 0]);
            assert!(objects(&file).is_none(), "{machine}");
        }
    }
}
