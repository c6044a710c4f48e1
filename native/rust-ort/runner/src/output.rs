//! The result file, which is written whole or not at all.

use std::fs;
use std::path::Path;

use serde_json::{json, Value};

use crate::failure::{Failure, Result};
use crate::job::CONTRACT;

/// The result that is an error.
pub fn error(failure: &Failure) -> Value {
    json!({"contract": CONTRACT, "error": failure.sentence, "kind": failure.kind.to_string()})
}

/// Write a result to a name beside its place, and move it there.
pub fn write_whole(path: &Path, content: &Value) -> Result<()> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let part = path.with_file_name(format!(
        ".{}.{}",
        name.unwrap_or_default(),
        std::process::id()
    ));
    let written = fs::write(&part, content.to_string()).and_then(|()| fs::rename(&part, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        Failure::invalid(format!(
            "the result {} cannot be written ({error}): give a path in a folder that is there",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_is_whole_and_nothing_lies_beside_it() {
        let folder = std::env::temp_dir().join(format!("emch-output-{}", std::process::id()));
        assert!(fs::create_dir_all(&folder).is_ok());
        assert_eq!(
            write_whole(&folder.join("result.json"), &json!({"contract": 1})),
            Ok(())
        );
        let names: Vec<_> = fs::read_dir(&folder)
            .map(|all| all.flatten().map(|each| each.file_name()).collect())
            .unwrap_or_default();
        assert_eq!(names, ["result.json"]);
    }

    #[test]
    fn folder_that_is_not_there_is_named() {
        let failure = write_whole(Path::new("/no/such/folder/result.json"), &json!({})).err();
        assert!(failure.is_some_and(|found| found.sentence.contains("/no/such/folder")));
    }
}
