//! One conversation, held in every protocol: whatever implements [`Protocol`] must pass it.
//!
//! ```ignore
//! fn cast() -> Cast { .. }
//! mailseal_testkit::protocol_tests!(cast);
//! ```

use mailseal_core::{
    Address, Cert, CertSource, Check, Context, Credential, Decryption, Error, Handle, Integrity, KeySource, Layer,
    MemorySink, NoCerts, NoKeys, Peeled, Policy, Protocol, Signature,
};
use std::sync::Arc;

/// Who talks, and in which protocol.
pub struct Cast {
    /// The protocol.
    pub protocol: Arc<dyn Protocol>,
    /// Signs, and is a recipient of what she sends.
    pub alice: Credential,
    /// The other recipient.
    pub bob: Credential,
    /// Has keys of this protocol and is never a recipient.
    pub stranger: Credential,
    /// The rules and the time.
    pub policy: Policy,
}

/// Certificates and keys of some of the cast.
struct Ring(Vec<Credential>);

impl CertSource for Ring {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        KeySource::by_handle(self, handle).into_iter().map(|credential| credential.cert).collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        KeySource::by_address(self, address).into_iter().map(|credential| credential.cert).collect()
    }
}

impl KeySource for Ring {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.0.iter().filter(|credential| credential.cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        self.0.iter().filter(|credential| credential.cert.addresses().contains(address)).cloned().collect()
    }

    fn all(&self) -> Vec<Credential> {
        self.0.clone()
    }
}

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nMeet me at noon, under the clock.\r\nAlice\r\n";

impl Cast {
    fn signature(&self) -> Vec<u8> {
        let mut signature = Vec::new();
        self.protocol
            .sign(&TEXT.to_vec(), std::slice::from_ref(&self.alice), &self.policy, &mut signature)
            .expect("alice signs");
        signature
    }

    fn verify(&self, content: &[u8], signature: &[u8], certs: &dyn CertSource) -> Vec<Signature> {
        let with = Context { policy: &self.policy, certs, keys: &NoKeys };
        let peeled = self.protocol.verify(&content.to_vec(), signature, &with).expect("a verification is a fact");
        signatures(&peeled)
    }

    fn encrypted(&self, content: &[u8], to: &[&Credential], by: &[Credential]) -> Vec<u8> {
        let to: Vec<Cert> = to.iter().map(|credential| credential.cert.clone()).collect();
        let mut blob = Vec::new();
        self.protocol.encrypt(&content.to_vec(), &to, by, &self.policy, &mut blob).expect("it encrypts");
        blob
    }

    fn open(&self, mut blob: &[u8], keys: &[&Credential]) -> (Peeled, Option<Vec<u8>>) {
        let alice = Ring(vec![self.alice.clone()]);
        let keys = Ring(keys.iter().map(|credential| (*credential).clone()).collect());
        let with = Context { policy: &self.policy, certs: &alice, keys: &keys };
        let mut sink = MemorySink::new();
        let peeled = self.protocol.open(&mut blob, &with, &mut sink).expect("an opening is a fact");
        (peeled, sink.into_committed())
    }
}

fn signatures(peeled: &Peeled) -> Vec<Signature> {
    let signed = peeled.layers.iter().filter_map(|layer| match layer {
        Layer::Signed(signatures) => Some(signatures.clone()),
        _ => None,
    });
    signed.flatten().collect()
}

fn checks(signatures: &[Signature]) -> Vec<Check> {
    signatures.iter().map(|signature| signature.check).collect()
}

fn encryption(peeled: &Peeled) -> (Decryption, Option<Integrity>) {
    let found = peeled.layers.iter().find_map(|layer| match layer {
        Layer::Encrypted(encryption) => Some((encryption.decryption, encryption.integrity)),
        _ => None,
    });
    found.expect("there is an encryption layer")
}

/// What alice signs is hers, at the time that the policy says.
pub fn a_signature_is_its_signers(cast: &Cast) {
    let found = cast.verify(TEXT, &cast.signature(), &Ring(vec![cast.alice.clone()]));
    assert_eq!(checks(&found), [Check::Valid]);
    assert_eq!(found[0].signer.as_ref().map(Cert::fingerprint), Some(cast.alice.cert.fingerprint()));
    assert_eq!(found[0].protocol, cast.protocol.id());
    assert_eq!(found[0].signed_at, Some(cast.policy.at));
    assert_eq!(found[0].hash, Some("sha256"));
}

/// A signature without armor is one as well, where the protocol has unobtrusive signatures (R144).
pub fn a_binary_signature_is_its_signers(cast: &Cast) {
    if cast.protocol.profile().unobtrusive.is_none() {
        return;
    }
    let (by, mut signature) = (std::slice::from_ref(&cast.alice), Vec::new());
    cast.protocol.sign_binary(&TEXT.to_vec(), by, &cast.policy, &mut signature).expect("alice signs");
    assert!(!signature.is_ascii(), "it has no armor");
    let alice = Ring(vec![cast.alice.clone()]);
    assert_eq!(checks(&cast.verify(TEXT, &signature, &alice)), [Check::Valid]);
    assert_eq!(checks(&cast.verify(b"else", &signature, &alice)), [Check::DigestMismatch]);
}

/// Any other content is not what was signed: a changed, missing or added octet anywhere.
pub fn a_changed_content_is_not_valid(cast: &Cast) {
    let signature = cast.signature();
    let alice = Ring(vec![cast.alice.clone()]);
    for at in 0..TEXT.len() {
        let mut changed = TEXT.to_vec();
        changed[at] ^= 0x20;
        assert_eq!(checks(&cast.verify(&changed, &signature, &alice)), [Check::DigestMismatch], "octet {at}");
    }
    for changed in [&TEXT[1..], &TEXT[..TEXT.len() - 1], &[TEXT, b"\r\n"].concat(), b""] {
        assert!(!checks(&cast.verify(changed, &signature, &alice)).contains(&Check::Valid));
    }
}

/// A changed signature does no harm: no error, no panic, and nobody else becomes the signer.
pub fn a_changed_signature_is_nobody_elses(cast: &Cast) {
    let signature = cast.signature();
    let ring = Ring(vec![cast.alice.clone(), cast.bob.clone(), cast.stranger.clone()]);
    for at in 0..signature.len() {
        let mut changed = signature.clone();
        changed[at] ^= 0x01;
        for found in cast.verify(TEXT, &changed, &ring) {
            if found.check == Check::Valid {
                assert_eq!(
                    found.signer.map(|cert| cert.fingerprint().clone()),
                    Some(cast.alice.cert.fingerprint().clone()),
                    "octet {at}"
                );
            }
        }
        for found in cast.verify(b"something else", &changed, &ring) {
            assert_ne!(found.check, Check::Valid, "octet {at}");
        }
    }
    for length in 0..signature.len() {
        cast.verify(TEXT, &signature[..length], &ring);
    }
}

/// What is no signature at all is told as such or as nothing, never as an error.
pub fn noise_is_no_signature(cast: &Cast) {
    for noise in [&b""[..], b"\0", b"noise\r\n", &[0x30; 64], &[0xff; 64]] {
        assert!(!checks(&cast.verify(TEXT, noise, &NoCerts)).contains(&Check::Valid));
        let (peeled, committed) = cast.open(noise, &[&cast.alice]);
        assert_eq!(committed, None);
        assert!(!checks(&signatures(&peeled)).contains(&Check::Valid));
    }
}

/// Each recipient opens it, alone.
pub fn every_recipient_opens(cast: &Cast) {
    let blob = cast.encrypted(TEXT, &[&cast.alice, &cast.bob], &[]);
    for reader in [&cast.alice, &cast.bob] {
        let (peeled, committed) = cast.open(&blob, &[reader]);
        assert_eq!(encryption(&peeled).0, Decryption::Done);
        assert_eq!(committed.as_deref(), Some(TEXT));
        assert!(signatures(&peeled).is_empty());
    }
}

/// Content of any length comes out as it went in.
pub fn any_length_comes_out_as_it_went_in(cast: &Cast) {
    for length in [0, 1, 15, 16, 17, 4095, 4096, 4097, 70_000, 1_000_003] {
        let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let (peeled, committed) = cast.open(&cast.encrypted(&content, &[&cast.bob], &[]), &[&cast.bob]);
        assert_eq!(encryption(&peeled).0, Decryption::Done, "{length}");
        assert_eq!(committed, Some(content), "{length}");
    }
}

/// Whoever is no recipient has no key, and gets nothing.
pub fn a_stranger_gets_nothing(cast: &Cast) {
    let blob = cast.encrypted(TEXT, &[&cast.alice, &cast.bob], &[]);
    for keys in [&[&cast.stranger][..], &[]] {
        let (peeled, committed) = cast.open(&blob, keys);
        assert_eq!(encryption(&peeled).0, Decryption::NoKey);
        assert_eq!(committed, None);
    }
}

/// EFAIL: not one octet of a changed or cut message is released, unless the form has no integrity and says so.
pub fn a_changed_message_releases_nothing(cast: &Cast) {
    let blob = cast.encrypted(TEXT, &[&cast.bob], &[]);
    for at in 0..blob.len() {
        let mut changed = blob.clone();
        changed[at] ^= 0x01;
        let (peeled, committed) = cast.open(&changed, &[&cast.bob]);
        if committed.as_deref().is_some_and(|plaintext| plaintext != TEXT) {
            assert_eq!(encryption(&peeled), (Decryption::Done, Some(Integrity::None)), "octet {at}");
        }
    }
    let whole = blob.trim_ascii_end().len();
    for length in (0..whole).step_by(7) {
        let (_, committed) = cast.open(&blob[..length], &[&cast.bob]);
        assert!(committed.is_none() || committed.as_deref() == Some(TEXT), "{length} octets");
    }
}

/// Signed and encrypted at once, where the protocol does that: both layers, in their order.
pub fn signed_inside_encrypted(cast: &Cast) {
    let by = std::slice::from_ref(&cast.alice);
    if !cast.protocol.profile().combined {
        let to = std::slice::from_ref(&cast.bob.cert);
        let refused = cast.protocol.encrypt(&TEXT.to_vec(), to, by, &cast.policy, &mut std::io::sink());
        assert!(refused.is_err(), "a protocol that cannot sign inside must say so");
        return;
    }
    let (peeled, committed) = cast.open(&cast.encrypted(TEXT, &[&cast.bob], by), &[&cast.bob]);
    assert_eq!(committed.as_deref(), Some(TEXT));
    assert!(matches!(peeled.layers[..], [Layer::Encrypted(_), Layer::Signed(_)]), "{:?}", peeled.layers);
    assert_eq!(checks(&signatures(&peeled)), [Check::Valid]);
}

/// The opaque signed form, where the protocol has one: signed, and never encrypted.
pub fn opaque_is_signed_and_not_encrypted(cast: &Cast) {
    let by = std::slice::from_ref(&cast.alice);
    let mut blob = Vec::new();
    let signed = cast.protocol.sign_opaque(&TEXT.to_vec(), by, &cast.policy, &mut blob);
    if cast.protocol.profile().opaque_signed.is_none() {
        assert!(signed.is_err(), "a form that the profile does not have");
        return;
    }
    signed.expect("alice signs");
    let (peeled, committed) = cast.open(&blob, &[]);
    assert_eq!(committed.as_deref(), Some(TEXT));
    assert!(matches!(peeled.layers[..], [Layer::Signed(_)]), "{:?}", peeled.layers);
    assert_eq!(checks(&signatures(&peeled)), [Check::Valid]);
}

/// The form of a certificate for Autocrypt, where the protocol has one: the same certificate, which others encrypt to (R128).
pub fn keydata_is_the_same_certificate(cast: &Cast) {
    let bob = &cast.bob.cert;
    let address = bob.addresses().first().expect("bob has an address");
    match cast.protocol.keydata(bob, address, &cast.policy) {
        Err(error) => assert!(matches!(error, Error::Unsupported(_)), "{error}"),
        Ok(keydata) => {
            let small = cast.protocol.parse_certs(&keydata).expect("it is a certificate").remove(0);
            assert_eq!(small.fingerprint(), bob.fingerprint());
            assert!(small.addresses().contains(address) && keydata.len() <= bob.encoded().len());
            let small = Credential { cert: small, key: cast.bob.key.clone() };
            let (_, committed) = cast.open(&cast.encrypted(TEXT, &[&small], &[]), &[&cast.bob]);
            assert_eq!(committed.as_deref(), Some(TEXT));
            let nobody = Address::parse("nobody@example.net").expect("an address");
            assert!(cast.protocol.keydata(bob, &nobody, &cast.policy).is_err());
        }
    }
}

/// Makes a test of each line of the conversation. `$cast` is a function that gives the [`Cast`].
#[macro_export]
macro_rules! protocol_tests {
    ($cast:path) => {
        $crate::protocol_tests! { $cast =>
            a_signature_is_its_signers
            a_binary_signature_is_its_signers
            a_changed_content_is_not_valid
            a_changed_signature_is_nobody_elses
            noise_is_no_signature
            every_recipient_opens
            any_length_comes_out_as_it_went_in
            a_stranger_gets_nothing
            a_changed_message_releases_nothing
            signed_inside_encrypted
            opaque_is_signed_and_not_encrypted
            keydata_is_the_same_certificate
        }
    };
    ($cast:path => $($line:ident)*) => {
        $(
            #[test]
            fn $line() {
                $crate::conversation::$line(&$cast());
            }
        )*
    };
}
