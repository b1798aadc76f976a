//! Where a message's octets are: in memory or in a file, read by offset and never as a whole.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

/// Octets that can be read at any offset, any number of times, always the same.
///
/// For implementers: `read_at` may give fewer octets than asked for, and gives 0 only at or after [`Source::len`].
pub trait Source: Send + Sync {
    /// Length in octets; fixed for the life of the source.
    fn len(&self) -> u64;

    /// Whether there are no octets at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads octets from `offset` on into `buf`; gives how many.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Source::len(self.as_slice())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buf)
    }
}

macro_rules! source_behind {
    ($($pointer:ty),*) => {$(
        impl<T: Source + ?Sized> Source for $pointer {
            fn len(&self) -> u64 {
                (**self).len()
            }

            fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
                (**self).read_at(offset, buf)
            }
        }
    )*};
}

source_behind!(&T, Box<T>, Arc<T>);

/// A regular file. Its length is fixed at opening: what is appended later is not seen, and a file that shrinks is an
/// error of kind [`io::ErrorKind::UnexpectedEof`].
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Takes an open file; its cursor is neither used nor moved.
    pub fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }

    /// Opens `path` for reading.
    pub fn open(path: impl AsRef<std::path::Path>) -> io::Result<Self> {
        Self::new(File::open(path)?)
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = self.len.saturating_sub(offset);
        let want = usize::try_from(rest).unwrap_or(usize::MAX).min(buf.len());
        if want == 0 {
            return Ok(0);
        }
        match file_read_at(&self.file, &mut buf[..want], offset)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file has become shorter")),
            count => Ok(count),
        }
    }
}

#[cfg(unix)]
fn file_read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(windows)]
fn file_read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, offset)
}

#[cfg(not(any(unix, windows)))]
fn file_read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// A byte range of a source; reads from its start to its end.
#[derive(Clone)]
pub struct Section<'a> {
    source: &'a dyn Source,
    range: Range<u64>,
}

impl<'a> Section<'a> {
    /// The octets of `source` in `range`, cut to the length of the source.
    pub fn new(source: &'a dyn Source, range: Range<u64>) -> Self {
        let end = range.end.min(source.len());
        Self { source, range: range.start.min(end)..end }
    }

    /// Octets not yet read.
    pub fn remaining(&self) -> u64 {
        self.range.end - self.range.start
    }
}

impl std::fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Section").field("range", &self.range).finish_non_exhaustive()
    }
}

impl Read for Section<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.remaining()).unwrap_or(usize::MAX).min(buf.len());
        let count = self.source.read_at(self.range.start, &mut buf[..want])?;
        if count == 0 && want > 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        self.range.start += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn section_reads_its_range_only() {
        let bytes: &[u8] = b"0123456789";
        let mut out = Vec::new();
        Section::new(&bytes, 2..5).read_to_end(&mut out).unwrap();
        assert_eq!(out, b"234");
        out.clear();
        Section::new(&bytes, 8..50).read_to_end(&mut out).unwrap();
        assert_eq!(out, b"89");
        out.clear();
        Section::new(&bytes, 20..50).read_to_end(&mut out).unwrap();
        assert!(out.is_empty());
    }

    #[test]
    fn a_file_that_shrinks_is_an_error() {
        let path = std::env::temp_dir().join(format!("mailseal-source-{}", std::process::id()));
        File::create(&path).unwrap().write_all(b"From: a\n\nlong enough").unwrap();
        let source = FileSource::open(&path).unwrap();
        assert_eq!(Source::len(&source), 20);
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5).unwrap();
        let error = Section::new(&source, 0..20).read_to_end(&mut Vec::new()).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
