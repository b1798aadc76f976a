//! Streaming Cryptographic Message Syntax (RFC 5652): signed, enveloped and authenticated-enveloped data.
