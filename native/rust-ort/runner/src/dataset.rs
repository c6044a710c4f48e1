//! A dataset in BEIR's layout: corpus.jsonl, queries.jsonl and qrels/test.tsv.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use crate::failure::{Failure, Result};

/// Queries, titles, and which titles answer which query.
#[derive(Debug, PartialEq)]
pub struct Dataset {
    pub queries: Vec<String>,
    pub documents: Vec<String>,
    /// For each query the positions of the documents with a score above 0.
    pub relevant: Vec<HashSet<usize>>,
    /// For each query the position of the document with its id.
    pub same_id: Vec<Option<usize>>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

impl Dataset {
    /// Read a folder; the first `limit` queries alone, if there is one.
    pub fn read(folder: &Path, limit: Option<usize>) -> Result<Self> {
        let documents = rows(&folder.join("corpus.jsonl"), |row| row.title)?;
        let queries = rows(&folder.join("queries.jsonl"), |row| row.text)?;
        let places: HashMap<&str, usize> = documents
            .iter()
            .enumerate()
            .map(|(place, (id, _))| (id.as_str(), place))
            .collect();
        let known: HashSet<&str> = queries.iter().map(|(id, _)| id.as_str()).collect();
        let judged = judgements(&folder.join("qrels").join("test.tsv"), &known, &places)?;
        let mut found = Dataset {
            queries: Vec::new(),
            documents: documents.iter().map(|(_, title)| title.clone()).collect(),
            relevant: Vec::new(),
            same_id: Vec::new(),
        };
        for (id, text) in &queries {
            if let Some(relevant) = judged.get(id.as_str()) {
                found.queries.push(text.clone());
                found.relevant.push(relevant.clone());
                found.same_id.push(places.get(id.as_str()).copied());
            }
        }
        let limit = limit.unwrap_or(usize::MAX);
        found.queries.truncate(limit);
        found.relevant.truncate(limit);
        found.same_id.truncate(limit);
        if found.queries.is_empty() {
            return Err(Failure::invalid(format!(
                "{}: no query has a judgement with a score above 0",
                folder.display()
            )));
        }
        Ok(found)
    }
}

/// The lines of a file that are not blank, with their numbers.
fn lines(path: &Path) -> Result<Vec<(usize, String)>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::invalid(format!(
            "{} cannot be read ({error}): give a folder in BEIR's layout",
            path.display()
        ))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect())
}

/// The ids with one field, in the file's order.
fn rows(path: &Path, field: impl Fn(Row) -> Option<String>) -> Result<Vec<(String, String)>> {
    lines(path)?
        .into_iter()
        .map(|(number, line)| {
            let row: Row = serde_json::from_str(&line).map_err(|error| {
                Failure::invalid(format!("{}, line {number}: {error}", path.display()))
            })?;
            let id = row.id.clone();
            Ok((id, field(row).unwrap_or_default()))
        })
        .collect()
}

/// The positions of the documents that answer each query, by its id.
fn judgements<'a>(
    path: &Path,
    queries: &HashSet<&'a str>,
    places: &HashMap<&str, usize>,
) -> Result<HashMap<&'a str, HashSet<usize>>> {
    let mut found: HashMap<&str, HashSet<usize>> = HashMap::new();
    for (number, line) in lines(path)?.into_iter().skip(1) {
        let wrong =
            |what: &str| Failure::invalid(format!("{}, line {number}: {what}", path.display()));
        let [query, document, score] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(wrong("not three fields between tabs"));
        };
        let score: i64 = score
            .trim()
            .parse()
            .map_err(|_| wrong(&format!("the score '{score}' is no whole number")))?;
        let query = queries
            .get(query)
            .ok_or_else(|| wrong(&format!("there is no query '{query}'")))?;
        let place = places
            .get(document)
            .ok_or_else(|| wrong(&format!("there is no document '{document}'")))?;
        if score > 0 {
            found.entry(query).or_default().insert(*place);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORPUS: &str = "\u{feff}{\"_id\": \"d1\", \"title\": \"Aspirin\", \"text\": \"x\"}\n\n\
                          {\"_id\": \"q2\", \"title\": \"Ice\"}\n";
    const QUERIES: &str = "{\"_id\": \"q1\", \"text\": \"a stroke\"}\n\
                           {\"_id\": \"q2\", \"text\": \"cold\"}\n{\"_id\": \"q3\", \"text\": \"no\"}\n";
    const QRELS: &str = "query-id\tcorpus-id\tscore\nq2\tq2\t1\nq1\td1\t2\nq1\tq2\t0\n";

    fn folder(name: &str, corpus: &str, qrels: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("emch-{}-{name}", std::process::id()));
        let written = std::fs::create_dir_all(folder.join("qrels"))
            .and_then(|()| std::fs::write(folder.join("corpus.jsonl"), corpus))
            .and_then(|()| std::fs::write(folder.join("queries.jsonl"), QUERIES))
            .and_then(|()| std::fs::write(folder.join("qrels/test.tsv"), qrels));
        assert!(written.is_ok());
        folder
    }

    #[test]
    fn judged_queries_are_kept_in_their_order() {
        let found = Dataset::read(&folder("kept", CORPUS, QRELS), None);
        let wanted = Dataset {
            queries: vec!["a stroke".to_owned(), "cold".to_owned()],
            documents: vec!["Aspirin".to_owned(), "Ice".to_owned()],
            relevant: vec![HashSet::from([0]), HashSet::from([1])],
            same_id: vec![None, Some(1)],
        };
        assert_eq!(found, Ok(wanted));
        let first = Dataset::read(&folder("first", CORPUS, QRELS), Some(1));
        assert!(first.is_ok_and(|found| found.queries.len() == 1 && found.documents.len() == 2));
    }

    #[test]
    fn broken_file_is_named_with_its_line() {
        for (name, corpus, qrels, words) in [
            (
                "id",
                CORPUS,
                "h\nq1\td9\t1\n",
                "test.tsv, line 2: there is no document 'd9'",
            ),
            (
                "query",
                CORPUS,
                "h\nq9\td1\t1\n",
                "test.tsv, line 2: there is no query 'q9'",
            ),
            (
                "score",
                CORPUS,
                "h\nq1\td1\tx\n",
                "test.tsv, line 2: the score 'x'",
            ),
            (
                "fields",
                CORPUS,
                "h\nq1 d1 1\n",
                "test.tsv, line 2: not three fields",
            ),
            (
                "json",
                "{\"_id\": \"d1\"}\n{",
                QRELS,
                "corpus.jsonl, line 2:",
            ),
            ("none", CORPUS, "h\nq1\td1\t0\n", "no query has a judgement"),
        ] {
            let found = Dataset::read(&folder(name, corpus, qrels), None);
            let sentence = found
                .err()
                .map(|failure| failure.sentence)
                .unwrap_or_default();
            assert!(sentence.contains(words), "{sentence}");
        }
    }
}
