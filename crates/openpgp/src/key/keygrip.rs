//! Keygrips: what GnuPG's agent calls a key by, whatever protocol uses it (libgcrypt, `gcry_pk_get_keygrip`).

use crate::cert::certificate;
use crate::key::software::field_length;
use crate::names;
use mailseal_core::{Cert, Error, Handle};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Fingerprint;
use sequoia_openpgp::crypto::mpi::{MPI, PublicKey};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::{Curve, HashAlgorithm};

/// A key of a certificate as GnuPG's agent knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentKey {
    /// The key's fingerprint, as this protocol calls it.
    pub handle: Handle,
    /// The agent's name for it: SHA-1 over its public parameters.
    pub keygrip: [u8; 20],
    /// Octets of the modulus, or of the curve's field.
    pub length: usize,
    /// What having its secret says of the certificate.
    pub tie: Tie,
}

/// What a key and its certificate have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// It is the primary key, or a subkey that agreed to belong to it (RFC 9580 §5.2.1.9): whoever has its secret is the owner.
    Own,
    /// The owner says that it belongs to the certificate, if anybody does. It may be anybody's.
    Claimed,
}

/// The keys of a certificate that an agent may hold; those of algorithms without a keygrip are left out.
///
/// # Errors
/// [`Error::Malformed`] when it is no OpenPGP certificate.
pub fn agent_keys(cert: &Cert) -> Result<Vec<AgentKey>, Error> {
    let cert = certificate::parsed(cert)?;
    let agent_key = |key: &Key<PublicParts, UnspecifiedRole>, tie| {
        let (handle, length) = (names::fingerprint(&key.fingerprint()), field_length(key));
        keygrip(key.mpis()).map(|keygrip| AgentKey { handle, keygrip, length, tie })
    };
    let of_owner = of_owner(&cert);
    let keys = cert.keys().filter_map(|key| {
        let tie = if of_owner.contains(&key.key().fingerprint()) { Tie::Own } else { Tie::Claimed };
        agent_key(&key.key().clone().role_into_unspecified(), tie)
    });
    Ok(keys.collect())
}

/// The keys of a certificate whose secrets only its owner has; see [`Tie::Own`].
pub(crate) fn of_owner(cert: &openpgp::Cert) -> Vec<Fingerprint> {
    let primary = cert.primary_key().key();
    let agreed = cert.keys().subkeys().filter(|subkey| {
        let signatures = subkey.bundle().self_signatures();
        signatures
            .flat_map(|signature| signature.embedded_signatures())
            .any(|back| back.verify_primary_key_binding(primary, subkey.key()).is_ok())
    });
    std::iter::once(primary.fingerprint()).chain(agreed.map(|subkey| subkey.key().fingerprint())).collect()
}

fn keygrip(key: &PublicKey) -> Option<[u8; 20]> {
    match key {
        PublicKey::RSA { n, .. } => sha1(&signed(n)),
        PublicKey::EdDSA { curve, q } | PublicKey::ECDSA { curve, q } | PublicKey::ECDH { curve, q, .. } => {
            on_curve(curve, &point(curve, q))
        }
        PublicKey::Ed25519 { a } => on_curve(&Curve::Ed25519, a),
        PublicKey::X25519 { u } => on_curve(&Curve::Cv25519, u),
        _ => None,
    }
}

/// A positive integer with the sign's bit in front.
fn signed(number: &MPI) -> Vec<u8> {
    let octets = number.value();
    if octets.first().is_some_and(|first| first & 0x80 != 0) { [&[0], octets].concat() } else { octets.to_vec() }
}

/// The octets of a point without the mark of the compact form.
fn point(curve: &Curve, q: &MPI) -> Vec<u8> {
    match (curve, q.value()) {
        (Curve::Ed25519 | Curve::Cv25519, [0x40, compact @ ..]) => compact.to_vec(),
        (_, octets) => octets.to_vec(),
    }
}

/// SHA-1 over the curve's parameters and the point, each as `(1:NAME LENGTH:OCTETS)`.
fn on_curve(curve: &Curve, point: &[u8]) -> Option<[u8; 20]> {
    let (_, parameters) = CURVES.iter().find(|(known, _)| known == curve)?;
    let mut octets = Vec::new();
    let mut add = |name: char, value: &[u8]| {
        octets.extend_from_slice(format!("(1:{name}{}:", value.len()).as_bytes());
        octets.extend_from_slice(value);
        octets.push(b')');
    };
    for (name, value) in "pabgn".chars().zip(parameters) {
        add(name, &unhex(value));
    }
    add('q', point);
    sha1(&octets)
}

fn sha1(octets: &[u8]) -> Option<[u8; 20]> {
    let mut context = HashAlgorithm::SHA1.context().ok()?.for_digest();
    context.update(octets);
    context.into_digest().ok()?.try_into().ok()
}

/// The octets of lower-case hexadecimal digits.
fn unhex(text: &str) -> Vec<u8> {
    let digit = |octet: u8| if octet.is_ascii_digit() { octet - b'0' } else { octet - b'a' + 10 };
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// p, a, b, g and n of each curve, as libgcrypt hashes them: without zeros in front, and without signs.
const CURVES: [(Curve, [&str; 5]); 8] = [
    (
        Curve::NistP256,
        [
            "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
            "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e\
             162bce33576b315ececbb6406837bf51f5",
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ],
    ),
    (
        Curve::NistP384,
        [
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
            "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
            "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760a\
             b73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e\
             5f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ],
    ),
    (
        Curve::NistP521,
        [
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
             ffffffffffffffffffffffffffffffffffff",
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
             fffffffffffffffffffffffffffffffffffc",
            "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf\
             073573df883d2c34f1ef451fd46b503f00",
            "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2\
             ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd\
             17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709\
             a5d03bb5c9b8899c47aebb6fb71e91386409",
        ],
    ),
    (
        Curve::BrainpoolP256,
        [
            "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
            "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
            "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
            "048bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262547ef835c3dac4fd97f8461a14611d\
             c9c27745132ded8e545c1d54c72f046997",
            "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
        ],
    ),
    (
        Curve::BrainpoolP384,
        [
            "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
            "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
            "04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
            "041d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af\
             1e8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c53\
             15",
            "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
        ],
    ),
    (
        Curve::BrainpoolP512,
        [
            "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e6\
             2881ff2f2d82c68528aa6056583a48f3",
            "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b5\
             7f1117a72bf2c7b9e7c1ac4d77fc94ca",
            "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67\
             984050b75ebae5dd2809bd638016f723",
            "0481aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d\
             5f7c6d5047406a5e688b352209bcb9f8227dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f81\
             11b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
            "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac1047\
             1db1d381085ddaddb58796829ca90069",
        ],
    ),
    (
        Curve::Ed25519,
        [
            "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
            "01",
            "2dfc9311d490018c7338bf8688861767ff8ff5b2bebe27548a14b235eca6874a",
            "04216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a666666666666666666666666666666\
             6666666666666666666666666666666658",
            "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
        ],
    ),
    (
        Curve::Cv25519,
        [
            "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
            "01db41",
            "01",
            "04000000000000000000000000000000000000000000000000000000000000000920ae19a1b8a086b4e01edd2c7748d1\
             4c923d4d7e6d7c61b229e9c5a27eced3d9",
            "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
        ],
    ),
];
