//! S/MIME (RFC 8551) as a protocol of mailseal: keys, certificate paths, messages.
