//! The job file: what is to be done.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::failure::{Failure, Result};

/// The version of the contract that this crate keeps.
pub const CONTRACT: u64 = 1;

/// The names of the tasks that this crate does.
pub const TASKS: [&str; 4] = ["semantic-search", "sentence-encoding", "startup", "tokens"];

/// A task with its model and options; see docs/native-runners.md.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    pub task: Task,
    pub model: Model,
    #[serde(default = "fp32")]
    pub precision: String,
    #[serde(default)]
    pub options: Map<String, Value>,
    #[serde(default)]
    pub libraries: BTreeMap<String, PathBuf>,
    #[serde(default)]
    pub probes: Vec<Probe>,
}

fn fp32() -> String {
    "fp32".to_owned()
}

/// A task with its parameters and inputs.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Task {
    SemanticSearch {
        batch_size: usize,
        folder: PathBuf,
        #[serde(default)]
        limit: Option<usize>,
        #[serde(default)]
        exclude_self: bool,
    },
    SentenceEncoding {
        batch_size: usize,
        callers: usize,
        min_calls: usize,
        min_seconds: f64,
        max_seconds: f64,
        batches: Vec<Arrays>,
    },
    Startup {
        batch_size: usize,
        texts: Vec<String>,
    },
    Tokens {
        texts: Vec<String>,
    },
}

impl Task {
    /// The texts that go through the engine at a time; 1 where none does.
    pub fn batch_size(&self) -> usize {
        match self {
            Task::SemanticSearch { batch_size, .. }
            | Task::SentenceEncoding { batch_size, .. }
            | Task::Startup { batch_size, .. } => *batch_size,
            Task::Tokens { .. } => 1,
        }
    }
}

/// A batch that is tokens already: both arrays have the shape [batch, tokens].
#[derive(Debug, Clone, Deserialize)]
pub struct Arrays {
    pub input_ids: Vec<Vec<i64>>,
    pub attention_mask: Vec<Vec<i64>>,
    pub flop: u64,
}

/// What a runner has to know of a model.
#[derive(Debug, Clone, Deserialize)]
pub struct Model {
    #[serde(default)]
    pub network: PathBuf,
    pub tokenizer: PathBuf,
    #[serde(default)]
    pub pad_id: i64,
    #[serde(default)]
    pub linear_size: u64,
    #[serde(default)]
    pub attention_size: u64,
    #[serde(default = "mean")]
    pub pooling: String,
    #[serde(default)]
    pub normalize: bool,
    #[serde(default)]
    pub prompts: BTreeMap<String, String>,
}

fn mean() -> String {
    "mean".to_owned()
}

/// A text in its role.
#[derive(Debug, Clone, Deserialize)]
pub struct Probe {
    pub text: String,
    pub role: String,
}

impl Job {
    /// Read a job from a file, and refuse what this crate cannot do.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::invalid(format!(
                "the job {} cannot be read ({error}): give a job file",
                path.display()
            ))
        })?;
        Job::parse(&text)
    }

    /// Read a job from JSON.
    pub fn parse(text: &str) -> Result<Self> {
        let broken = |error: serde_json::Error| {
            Failure::invalid(format!(
                "the job is not what the contract says ({error}): see docs/native-runners.md"
            ))
        };
        let found: Value = serde_json::from_str(text).map_err(broken)?;
        if found["contract"] != CONTRACT {
            return Err(Failure::invalid(format!(
                "the job has version {} of the contract, and this runner reads version {CONTRACT}: \
                 take an emch and a runner of one version",
                found["contract"]
            )));
        }
        let name = found["task"]["name"].as_str().unwrap_or("");
        if !TASKS.contains(&name) {
            return Err(Failure::invalid(format!(
                "unknown task '{name}'; known are: {}",
                TASKS.join(", ")
            )));
        }
        let job: Job = serde_json::from_value(found).map_err(broken)?;
        if job.task.batch_size() == 0 {
            return Err(Failure::invalid("the batch size is 0: give 1 or more"));
        }
        Ok(job)
    }

    /// The threads of a session.
    pub fn threads(&self) -> Result<usize> {
        match self.options.get("threads").map(Value::as_u64) {
            Some(Some(threads)) if threads > 0 => Ok(threads as usize),
            Some(_) => Err(Failure::invalid(format!(
                "threads is {}, which is no whole number from 1 on",
                self.options["threads"]
            ))),
            None => Err(Failure::invalid(
                "the job does not say how many threads: add it",
            )),
        }
    }

    /// An option that is a text, or its default.
    pub fn text_option(&self, name: &str, known: &[&str], default: &str) -> Result<String> {
        let found = match self.options.get(name) {
            None | Some(Value::Null) => default,
            Some(value) => value.as_str().unwrap_or(""),
        };
        if known.contains(&found) {
            return Ok(found.to_owned());
        }
        Err(Failure::invalid(format!(
            "{name} is {}; known are: {}",
            self.options.get(name).unwrap_or(&Value::Null),
            known.join(", ")
        )))
    }

    /// Where a shared library is.
    pub fn library(&self, name: &str) -> Result<&Path> {
        self.libraries
            .get(name)
            .map(PathBuf::as_path)
            .ok_or_else(|| {
                Failure::invalid(format!("the job names no library '{name}': add its path"))
            })
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::failure::Kind;

    /// A job for texts, with a part of it replaced.
    pub fn job(edit: impl FnOnce(&mut Value)) -> Result<Job> {
        let mut content = serde_json::json!({
            "contract": 1,
            "task": {"name": "tokens", "texts": ["a"], "dataset": "mini"},
            "model": {"tokenizer": "tokenizer.json", "pad_id": 7},
            "options": {"threads": 2, "streams": 1},
        });
        edit(&mut content);
        Job::parse(&content.to_string())
    }

    fn sentence(found: Result<Job>) -> String {
        let failure = found.err().map(|failure| (failure.kind, failure.sentence));
        match failure {
            Some((Kind::InvalidInput, sentence)) => sentence,
            other => panic!("it is no refusal: {other:?}"),
        }
    }

    #[test]
    fn job_has_its_task_and_defaults() {
        let found = job(|_| ()).map(|job| (job.model.pooling.clone(), job.threads()));
        assert_eq!(found, Ok(("mean".to_owned(), Ok(2))));
    }

    #[test]
    fn other_contracts_and_tasks_are_refused() {
        assert!(sentence(job(|job| job["contract"] = 9.into())).contains("version 9"));
        let other = job(|job| job["task"]["name"] = "sort".into());
        assert!(sentence(other).starts_with("unknown task 'sort'; known are: semantic-search"));
        assert!(sentence(Job::parse("{")).contains("not what the contract says"));
        let none = job(|job| job["task"] = serde_json::json!({"name": "startup"}));
        assert!(sentence(none).contains("missing field"));
    }

    #[test]
    fn options_are_texts_that_are_known() {
        let with = |value: Value| job(|job| job["options"]["level"] = value);
        let level = |job: Job| job.text_option("level", &["low", "high"], "low");
        assert_eq!(with(Value::Null).and_then(level), Ok("low".to_owned()));
        assert_eq!(with("high".into()).and_then(level), Ok("high".to_owned()));
        let wrong = with("odd".into()).and_then(level);
        assert_eq!(
            wrong.map_err(|failure| failure.sentence),
            Err("level is \"odd\"; known are: low, high".to_owned())
        );
    }
}
