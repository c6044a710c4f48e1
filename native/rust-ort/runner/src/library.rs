//! Whether a shared library is whole: the loader ends the process where one is cut off.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The bytes of a header of a 64-bit ELF file, and where it has what (System V ABI, chapter 4).
const HEADER: usize = 64;
const PROGRAM_HEADERS: usize = 32;
const HEADER_SIZE: usize = 54;
const HEADER_COUNT: usize = 56;
const SEGMENT_OFFSET: usize = 8;
const SEGMENT_SIZE: usize = 32;

/// Say why a file is no whole shared library; nothing is said where it is one.
///
/// It reads the headers alone, so that no memory is taken that would count as the task's.
pub fn fault_of(path: &Path) -> Option<String> {
    match find_fault(path) {
        Ok(fault) => fault,
        Err(error) => Some(error.to_string()),
    }
}

fn find_fault(path: &Path) -> std::io::Result<Option<String>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let cut = || Some(format!("it is cut off after {length} bytes"));
    let mut header = [0; HEADER];
    if file.read_exact_at(&mut header, 0).is_err() || !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(Some("it is no ELF file of 64 bits".to_owned()));
    }
    let size = number(&header, HEADER_SIZE, 2) as usize;
    let count = number(&header, HEADER_COUNT, 2) as usize;
    if size < SEGMENT_SIZE + 8 {
        return Ok(Some("it has no segments".to_owned()));
    }
    let mut segments = vec![0; size * count];
    if file
        .read_exact_at(&mut segments, number(&header, PROGRAM_HEADERS, 8))
        .is_err()
    {
        return Ok(cut());
    }
    let whole = segments.chunks_exact(size).all(|segment| {
        let offset = number(segment, SEGMENT_OFFSET, 8);
        offset.saturating_add(number(segment, SEGMENT_SIZE, 8)) <= length
    });
    Ok(if whole { None } else { cut() })
}

/// Read a whole number of some bytes, the lowest first.
fn number(bytes: &[u8], place: usize, size: usize) -> u64 {
    let part = &bytes[place..place + size];
    part.iter()
        .rev()
        .fold(0, |sum, &byte| (sum << 8) | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_library_has_no_fault_and_a_part_of_one_has() {
        let own = std::env::current_exe().unwrap_or_default();
        assert_eq!(fault_of(&own), None);
        let cut = std::env::temp_dir().join(format!("emch-cut-{}.so", std::process::id()));
        let bytes = std::fs::read(&own).unwrap_or_default();
        assert!(std::fs::write(&cut, &bytes[..bytes.len() / 2]).is_ok());
        assert!(fault_of(&cut).is_some_and(|fault| fault.starts_with("it is cut off")));
        let text = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        assert!(fault_of(text).is_some_and(|fault| fault.contains("no ELF file")));
        assert!(fault_of(Path::new("/no/such/library.so")).is_some());
    }
}
