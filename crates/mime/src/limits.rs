//! Limits on what one message may make a reader hold or do.

/// Limits of [`Tree::parse`](crate::Tree::parse); exceeding one is [`Error::Limit`](crate::Error::Limit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Levels of multiparts and embedded messages below the root.
    pub depth: usize,
    /// Parts in all, the root and embedded messages included.
    pub parts: usize,
    /// Octets of one header section.
    pub header_section: usize,
    /// Octets of all header sections together; these are held in memory.
    pub headers_total: usize,
    /// Octets of one field.
    pub field: usize,
    /// Fields of all header sections together.
    pub fields_total: usize,
    /// Octets of the message.
    pub total: u64,
}

impl Default for Limits {
    /// 64 levels, 10 000 parts, 1 MiB a header section, 16 MiB of headers in all, 256 KiB a field, 100 000 fields in all,
    /// 64 GiB.
    fn default() -> Self {
        Self {
            depth: 64,
            parts: 10_000,
            header_section: 1 << 20,
            headers_total: 16 << 20,
            field: 256 << 10,
            fields_total: 100_000,
            total: 64 << 30,
        }
    }
}
