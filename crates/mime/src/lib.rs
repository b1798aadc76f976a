//! Mail messages as byte ranges: part tree, canonical form, secured parts, header protection.
