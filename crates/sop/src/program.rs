//! The verbs: which part does which.

use crate::objects::{Certs, Keys, Sigs};
use crate::{armor, certs, decrypt, encrypt, generate, inline, keys, sign, verify, version};
use sop::ops::{
    Armor, CertifyUserID, ChangeKeyPassword, Dearmor, Decrypt, Encrypt, ExtractCert, GenerateKey, InlineDetach,
    InlineSign, InlineVerify, MergeCerts, RevokeKey, Sign, UpdateKey, ValidateUserID, Verify, Version,
};
use sop::{Result, SOP};
use std::time::SystemTime;

/// One run of the program.
pub(crate) struct Program {
    /// The time at which everything is signed and judged.
    pub(crate) at: SystemTime,
}

impl<'s> SOP<'s> for Program {
    type Keys = Keys<'s>;
    type Certs = Certs<'s>;
    type Sigs = Sigs<'s>;

    fn sopv_version(&'s self) -> Result<&'static str> {
        Ok("1.0")
    }

    fn version(&self) -> Result<Box<dyn Version<'_>>> {
        Ok(Box::new(version::Version))
    }

    fn generate_key(&'s self) -> Result<Box<dyn GenerateKey<'s, Self, Keys<'s>> + 's>> {
        Ok(Box::new(generate::Generating::new(self)))
    }

    fn change_key_password(&'s self) -> Result<Box<dyn ChangeKeyPassword<'s, Self, Keys<'s>> + 's>> {
        Ok(Box::new(keys::Locking::new(self)))
    }

    fn revoke_key(&'s self) -> Result<Box<dyn RevokeKey<'s, Self, Certs<'s>, Keys<'s>> + 's>> {
        Ok(Box::new(keys::Revoking::new(self)))
    }

    fn extract_cert(&'s self) -> Result<Box<dyn ExtractCert<'s, Self, Certs<'s>, Keys<'s>> + 's>> {
        Ok(Box::new(keys::Extracting { program: self }))
    }

    fn update_key(&'s self) -> Result<Box<dyn UpdateKey<'s, Self, Certs<'s>, Keys<'s>> + 's>> {
        Ok(Box::new(keys::Updating::new(self)))
    }

    fn merge_certs(&'s self) -> Result<Box<dyn MergeCerts<'s, Self, Certs<'s>> + 's>> {
        Ok(Box::new(certs::Merging::new(self)))
    }

    fn certify_userid(&'s self) -> Result<Box<dyn CertifyUserID<'s, Self, Certs<'s>, Keys<'s>> + 's>> {
        Ok(Box::new(certs::Certifying::new(self)))
    }

    fn validate_userid(&'s self) -> Result<Box<dyn ValidateUserID<'s, Self, Certs<'s>> + 's>> {
        Ok(Box::new(certs::Validating::new(self)))
    }

    fn sign(&'s self) -> Result<Box<dyn Sign<'s, Self, Keys<'s>, Sigs<'s>> + 's>> {
        Ok(Box::new(sign::Detached::new(self)))
    }

    fn verify(&'s self) -> Result<Box<dyn Verify<'s, Self, Certs<'s>, Sigs<'s>> + 's>> {
        Ok(Box::new(verify::Detached::new(self)))
    }

    fn encrypt(&'s self) -> Result<Box<dyn Encrypt<'s, Self, Certs<'s>, Keys<'s>> + 's>> {
        Ok(Box::new(encrypt::Encrypting::new(self)))
    }

    fn decrypt(&'s self) -> Result<Box<dyn Decrypt<'s, Self, Certs<'s>, Keys<'s>> + 's>> {
        Ok(Box::new(decrypt::Decrypting::new(self)))
    }

    fn armor(&'s self) -> Result<Box<dyn Armor<'s> + 's>> {
        Ok(Box::new(armor::Armoring::default()))
    }

    fn dearmor(&'s self) -> Result<Box<dyn Dearmor<'s> + 's>> {
        Ok(Box::new(armor::Dearmoring))
    }

    fn inline_detach(&'s self) -> Result<Box<dyn InlineDetach<'s, Sigs<'s>> + 's>> {
        Ok(Box::new(inline::Detaching::new(self)))
    }

    fn inline_verify(&'s self) -> Result<Box<dyn InlineVerify<'s, Self, Certs<'s>> + 's>> {
        Ok(Box::new(inline::Verifying::new(self)))
    }

    fn inline_sign(&'s self) -> Result<Box<dyn InlineSign<'s, Self, Keys<'s>> + 's>> {
        Ok(Box::new(inline::Signing::new(self)))
    }
}
