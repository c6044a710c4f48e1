//! Whether a shared library is whole: the loader ends the process where one is cut off.

use std::path::Path;

/// The bytes of a header of a 64-bit ELF file, and where it has what (System V ABI, chapter 4).
const HEADER: usize = 64;
const PROGRAM_HEADERS: usize = 32;
const HEADER_SIZE: usize = 54;
const HEADER_COUNT: usize = 56;
const SEGMENT_OFFSET: usize = 8;
const SEGMENT_SIZE: usize = 32;

/// Say why a file is no whole shared library; nothing is said where it is one.
pub fn fault_of(path: &Path) -> Option<String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Some(error.to_string()),
    };
    if bytes.len() < HEADER || !bytes.starts_with(b"\x7fELF\x02\x01") {
        return Some("it is no ELF file of 64 bits".to_owned());
    }
    let count = number(&bytes, HEADER_COUNT, 2)?;
    let size = number(&bytes, HEADER_SIZE, 2)?;
    let start = number(&bytes, PROGRAM_HEADERS, 8)?;
    let whole = (0..count).all(|segment| {
        let place = start.saturating_add(segment * size);
        let at = |field| number(&bytes, place.saturating_add(field), 8);
        match (at(SEGMENT_OFFSET), at(SEGMENT_SIZE)) {
            (Some(offset), Some(length)) => offset.saturating_add(length) <= bytes.len(),
            _ => false,
        }
    });
    (!whole).then(|| format!("it is cut off after {} bytes", bytes.len()))
}

/// Read a whole number of some bytes, the lowest first.
fn number(bytes: &[u8], place: usize, size: usize) -> Option<usize> {
    let part = bytes.get(place..place.checked_add(size)?)?;
    Some(
        part.iter()
            .rev()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte)),
    )
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
