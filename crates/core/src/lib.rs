//! The words and seams of mailseal: addresses, certificates, keys, layers, checks, trust.
