//! Files that people name: only regular ones are read, and no more of them than a bound. What a file says of its size is no
//! bound: devices say nothing, and a file may grow while it is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use thiserror::Error;

/// Why a file is not taken; to be put after its name.
#[derive(Debug, Error)]
pub enum FileFault {
    /// The system does not give it.
    #[error("cannot be read: {0}; look whether the path is right")]
    Unreadable(#[from] io::Error),
    /// A directory, a device, a pipe.
    #[error("cannot be read: it is {0}, not a regular file; name a file")]
    NotRegular(&'static str),
    /// More than is read.
    #[error(
        "is too large: it has more than {most} bytes, which is the most that is read; look whether it is the right file"
    )]
    TooLarge {
        /// The bound, bytes.
        most: usize,
    },
    /// Not what is read as text.
    #[error("cannot be read: it is not text in UTF-8; save it as UTF-8, or look whether it is the right file")]
    NotText,
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
/// When it is something else, larger, or cannot be read.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, FileFault> {
    // Before it is opened: opening a pipe waits for somebody who writes.
    regular(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    regular(&file.metadata()?)?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(FileFault::TooLarge { most }) } else { Ok(bytes) }
}

/// Reads a regular file of at most `most` bytes that is text.
///
/// # Errors
/// When it is something else, larger, no text, or cannot be read.
pub fn read_text(path: &Path, most: usize) -> Result<String, FileFault> {
    String::from_utf8(read(path, most)?).map_err(|_| FileFault::NotText)
}

fn regular(facts: &std::fs::Metadata) -> Result<(), FileFault> {
    match (facts.is_file(), facts.is_dir()) {
        (true, _) => Ok(()),
        (_, true) => Err(FileFault::NotRegular("a directory")),
        _ => Err(FileFault::NotRegular("a device, a pipe or a socket")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn what_fits_is_read_and_one_byte_more_is_refused() {
        let place = TempDir::new().unwrap();
        let path = place.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_text(&path, 5).unwrap(), "12345");
        assert!(matches!(read_text(&path, 4), Err(FileFault::TooLarge { most: 4 })));
    }

    #[test]
    fn devices_directories_and_bytes_that_are_no_text_are_refused_with_what_they_are() {
        let place = TempDir::new().unwrap();
        let bytes = place.path().join("bytes");
        std::fs::write(&bytes, [0xff, 0xfe]).unwrap();
        for (path, wanted) in [
            (Path::new("/dev/zero"), "it is a device, a pipe or a socket, not a regular file"),
            (place.path(), "it is a directory"),
            (&bytes, "it is not text in UTF-8"),
            (&place.path().join("missing"), "look whether the path is right"),
        ] {
            let fault = read_text(path, 10).unwrap_err().to_string();
            assert!(fault.contains(wanted), "{fault}");
        }
    }
}
