//! The conversation of every protocol, with Curve25519 and RSA keys.

mod common;

mod curve25519 {
    use super::common::{persona, policy};
    use mailseal_openpgp::OpenPgp;
    use mailseal_testkit::conversation::Cast;
    use mailseal_testkit::personas::{ALICE, CAROL, EVE};
    use std::sync::Arc;

    fn cast() -> Cast {
        Cast {
            protocol: Arc::new(OpenPgp),
            alice: persona(ALICE),
            bob: persona(CAROL),
            stranger: persona(EVE),
            policy: policy(),
        }
    }

    mailseal_testkit::protocol_tests!(cast);
}

/// The same with RSA, where each operation with a secret key is slow: the lines that need few of them.
mod rsa {
    use super::common::{persona, policy};
    use mailseal_openpgp::OpenPgp;
    use mailseal_testkit::conversation::Cast;
    use mailseal_testkit::personas::{ALICE, BOB, EVE};
    use std::sync::Arc;

    fn cast() -> Cast {
        Cast {
            protocol: Arc::new(OpenPgp),
            alice: persona(BOB),
            bob: persona(ALICE),
            stranger: persona(EVE),
            policy: policy(),
        }
    }

    mailseal_testkit::protocol_tests! { cast =>
        a_signature_is_its_signers
        a_changed_content_is_not_valid
        every_recipient_opens
        a_stranger_gets_nothing
        signed_inside_encrypted
    }
}
