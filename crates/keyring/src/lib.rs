//! Certificates, secret keys and pins in a directory.
