//! OpenPGP (RFC 9580) as a protocol of mailseal, on sequoia-openpgp.
