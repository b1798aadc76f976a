//! The conversation of every protocol, held in S/MIME.

mod common;

use common::{credential, policy};
use mailseal_smime::Smime;
use mailseal_testkit::conversation::Cast;
use mailseal_testkit::personas::{ALICE, BOB, DAVE};
use std::sync::Arc;

/// Alice and Dave have RSA keys, Bob has P-256.
fn cast() -> Cast {
    Cast {
        protocol: Arc::new(Smime),
        alice: credential(ALICE),
        bob: credential(BOB),
        stranger: credential(DAVE),
        policy: policy(),
    }
}

mailseal_testkit::protocol_tests!(cast);
