//! One toolkit for PGP/MIME and S/MIME: whole messages in, whole messages out, one honest verdict.
