//! The command line of a runner: `--describe`, or a job and where its result goes.

use std::panic;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use serde_json::{json, Map, Value};

use crate::account::{resident_bytes, so_far};
use crate::answers::Encoder;
use crate::engine::Engine;
use crate::failure::{Failure, Kind, Result};
use crate::job::{Job, Task, CONTRACT, TASKS};
use crate::output::{error, write_whole};
use crate::pooling::POOLINGS;
use crate::tasks::{answer, run};
use crate::texts::{load_tokenizer, tokenize};

/// What a program is, and how it opens its engine.
pub struct Program {
    pub name: &'static str,
    pub version: &'static str,
    pub backends: &'static [&'static str],
    /// What it was built with, and the versions.
    pub libraries: &'static [(&'static str, &'static str)],
    /// The options that it has beside `threads` and `streams`.
    pub options: &'static [&'static str],
    /// Loads the network of a job; called once for each session.
    pub open: fn(&Job) -> Result<Box<dyn Engine>>,
}

/// Does a task of emch: see docs/native-runners.md.
#[derive(Parser)]
struct Arguments {
    /// Print what this program is, as JSON.
    #[arg(long)]
    describe: bool,
    /// The job file.
    #[arg(required_unless_present = "describe")]
    job: Option<PathBuf>,
    /// The file that becomes the result.
    #[arg(required_unless_present = "describe")]
    result: Option<PathBuf>,
}

/// Do what the command line says, and end the process.
pub fn main(program: &Program) -> ! {
    let began = Instant::now();
    let asked = Arguments::parse();
    if asked.describe {
        println!("{}", describe(program));
        std::process::exit(0);
    }
    let (job, target) = (
        asked.job.unwrap_or_default(),
        asked.result.unwrap_or_default(),
    );
    std::process::exit(finish(program, &target, guarded(program, &job, began)))
}

/// What `--describe` prints.
fn describe(program: &Program) -> Value {
    let libraries: Map<String, Value> = program
        .libraries
        .iter()
        .map(|&(name, version)| (name.to_owned(), version.into()))
        .collect();
    json!({
        "contract": CONTRACT, "name": program.name, "version": program.version, "tasks": TASKS,
        "poolings": POOLINGS, "backends": program.backends, "libraries": libraries,
    })
}

/// Do a job; a panic, wherever it comes from, is a failure in one sentence.
fn guarded(program: &Program, job: &Path, began: Instant) -> Result<Value> {
    panic::set_hook(Box::new(|_| ()));
    panic::catch_unwind(|| work(program, &Job::read(job)?, began)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it does not say why");
        let sentence = format!("the engine failed inside ({words}): take another release of it");
        Err(Failure::new(Kind::LoadFailed, sentence))
    })
}

/// Write the result or the error; return the exit status.
fn finish(program: &Program, target: &Path, found: Result<Value>) -> i32 {
    let (content, status) = match &found {
        Ok(content) => (content.clone(), 0),
        Err(failure) => {
            eprintln!("{}: {failure}", program.name);
            (error(failure), failure.kind.status())
        }
    };
    match write_whole(target, &content) {
        Ok(()) => status,
        Err(_) if status != 0 => status, // there is one sentence already
        Err(failure) => {
            eprintln!("{}: {failure}", program.name);
            failure.kind.status()
        }
    }
}

/// Load, do the task, answer the probes, and return the result.
fn work(program: &Program, job: &Job, began: Instant) -> Result<Value> {
    require(program, job)?;
    if let Task::Tokens { texts } = &job.task {
        let tokens = tokenize(&load_tokenizer(&job.model.tokenizer)?, texts)?;
        return Ok(json!({"contract": CONTRACT, "tokens": tokens}));
    }
    let threads = job.threads()?;
    let first = (program.open)(job)?;
    let tokenizer = load_tokenizer(&job.model.tokenizer)?;
    let load_s = began.elapsed().as_secs_f64();
    let resident = resident_bytes()?;
    let mut engines = vec![first];
    if let Task::SentenceEncoding { callers, .. } = job.task {
        while engines.len() < callers {
            engines.push((program.open)(job)?);
        }
    }
    let mut encoders: Vec<Encoder> = engines
        .into_iter()
        .map(|engine| Encoder {
            engine,
            tokenizer: &tokenizer,
            model: &job.model,
        })
        .collect();
    let outcome = run(job, &mut encoders)?;
    let before = so_far(began);
    let batch_size = job.task.batch_size();
    let answers = encoders
        .iter_mut()
        .map(|encoder| answer(encoder, &job.probes, batch_size))
        .collect::<Result<Vec<_>>>()?;
    let mut samples = vec![
        ("load_s", vec![load_s]),
        ("rss_after_load_bytes", vec![resident as f64]),
    ];
    samples.extend(outcome.samples);
    let mut session = encoders[0].engine.account();
    for (name, value) in [
        ("threads", json!(threads)),
        ("streams", json!(1)),
        ("device", json!("cpu")),
        ("precision", json!(job.precision)),
    ] {
        session.insert(name.to_owned(), value);
    }
    Ok(json!({
        "contract": CONTRACT, "counts": outcome.counts, "samples": samples, "session": session,
        "answers": answers, "before_check": before, "after_check": so_far(began),
    }))
}

/// Refuse what the program has no code for, before anything is loaded.
fn require(program: &Program, job: &Job) -> Result<()> {
    for (name, value) in &job.options {
        if !["threads", "streams"].contains(&name.as_str())
            && !program.options.contains(&name.as_str())
        {
            return Err(Failure::invalid(format!(
                "there is no option {name}, of which {value} was asked for: leave it out"
            )));
        }
    }
    match job.options.get("streams") {
        None => (),
        Some(one) if *one == 1 => (),
        Some(other) => {
            return Err(Failure::new(
                Kind::OptionNotHonoured,
                format!("{other} streams were asked for, and there is one: leave streams out"),
            ))
        }
    }
    if !POOLINGS.contains(&job.model.pooling.as_str()) {
        return Err(Failure::new(
            Kind::Unavailable,
            format!(
                "there is no code for the pooling '{}', but for {}: take another backend",
                job.model.pooling,
                POOLINGS.join(" and ")
            ),
        ));
    }
    Ok(())
}

/// Refuse a network that is not there.
pub fn require_network(path: &Path) -> Result<()> {
    if path.is_file() {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Unavailable,
        format!("there is no network {}: run 'emch prepare'", path.display()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::tests::job;

    const PROGRAM: Program = Program {
        name: "toy",
        version: "1",
        backends: &["toy"],
        libraries: &[("engine", "2")],
        options: &["level"],
        open: |_| panic!("a test opens nothing"),
    };

    fn kind(edit: impl FnOnce(&mut Value)) -> Option<Kind> {
        job(edit)
            .and_then(|job| require(&PROGRAM, &job))
            .err()
            .map(|failure| failure.kind)
    }

    #[test]
    fn what_there_is_no_code_for_is_refused() {
        assert_eq!(kind(|_| ()), None);
        assert_eq!(kind(|job| job["options"]["level"] = 1.into()), None);
        assert_eq!(
            kind(|job| job["options"]["other"] = 1.into()),
            Some(Kind::InvalidInput)
        );
        let streams = kind(|job| job["options"]["streams"] = 2.into());
        assert_eq!(streams, Some(Kind::OptionNotHonoured));
        let pooling = kind(|job| job["model"]["pooling"] = "max".into());
        assert_eq!(pooling, Some(Kind::Unavailable));
    }

    #[test]
    fn description_names_the_libraries() {
        assert_eq!(describe(&PROGRAM)["libraries"]["engine"], "2");
    }
}
