//! The tasks: what each computes, counts and measures.

use std::time::Instant;

use crate::answers::{Encoder, Spent};
use crate::dataset::Dataset;
use crate::engine::Engine;
use crate::failure::Result;
use crate::job::{Arrays, Job, Probe, Task};
use crate::search::{count_hits, top_documents};
use crate::texts::Batch;
use crate::timing::{measure, Limits};

/// What was counted, and raw values by the names of the metrics.
#[derive(Debug, Default)]
pub struct Outcome {
    pub counts: Vec<(&'static str, u64)>,
    pub samples: Vec<(&'static str, Vec<f64>)>,
}

/// Do the task of a job with loaded encoders, of which there are as many as callers.
pub fn run(job: &Job, encoders: &mut [Encoder]) -> Result<Outcome> {
    match &job.task {
        Task::SemanticSearch {
            batch_size,
            folder,
            limit,
            exclude_self,
        } => {
            let texts = Dataset::read(folder, *limit)?;
            search(&mut encoders[0], &texts, *batch_size, *exclude_self)
        }
        Task::SentenceEncoding {
            min_calls,
            min_seconds,
            max_seconds,
            batches,
            ..
        } => {
            let limits = Limits {
                min_calls: *min_calls,
                min_seconds: *min_seconds,
                max_seconds: *max_seconds,
            };
            sentences(encoders, batches, limits)
        }
        Task::Startup { batch_size, texts } => {
            let began = Instant::now();
            encoders[0].encode(texts, "text", *batch_size, false, &mut Spent::default())?;
            let samples = vec![("first_call_s", vec![began.elapsed().as_secs_f64()])];
            Ok(Outcome {
                counts: Vec::new(),
                samples,
            })
        }
        Task::Tokens { .. } => Ok(Outcome::default()),
    }
}

/// Encode documents and queries, find each query's top document, and count the hits.
fn search(
    encoder: &mut Encoder,
    texts: &Dataset,
    batch_size: usize,
    exclude_self: bool,
) -> Result<Outcome> {
    let mut spent = Spent::default();
    let began = Instant::now();
    let (documents, size) =
        encoder.encode(&texts.documents, "document", batch_size, true, &mut spent)?;
    let (queries, _) = encoder.encode(&texts.queries, "query", batch_size, true, &mut spent)?;
    let encoded = Instant::now();
    let left_out: &[Option<usize>] = if exclude_self { &texts.same_id } else { &[] };
    let top = top_documents(&queries, &documents, size, left_out);
    let hits = count_hits(&top, &texts.relevant);
    let search_s = encoded.elapsed().as_secs_f64();
    Ok(Outcome {
        counts: vec![
            ("queries", texts.queries.len() as u64),
            ("documents", texts.documents.len() as u64),
            ("hits", hits),
            ("tokens", spent.tokens),
            ("flop", spent.flop),
        ],
        samples: vec![
            ("tokenize_s", vec![spent.tokenize_s]),
            ("pool_s", vec![spent.pool_s]),
            ("encode_s", vec![(encoded - began).as_secs_f64()]),
            ("search_s", vec![search_s]),
            ("batch_s", spent.batch_s),
        ],
    })
}

/// Time calls by one caller for each encoder.
fn sentences(encoders: &mut [Encoder], arrays: &[Arrays], limits: Limits) -> Result<Outcome> {
    let batches = arrays
        .iter()
        .map(Batch::from_arrays)
        .collect::<Result<Vec<_>>>()?;
    let mut engines: Vec<Box<dyn Engine>> = Vec::new();
    for encoder in encoders.iter_mut() {
        engines.push(std::mem::replace(&mut encoder.engine, Box::new(Lent)));
    }
    let timing = measure(&mut engines, &batches, limits);
    for (encoder, engine) in encoders.iter_mut().zip(engines) {
        encoder.engine = engine;
    }
    let timing = timing?;
    let calls: Vec<usize> = timing
        .call_s
        .iter()
        .flat_map(|each| 0..each.len())
        .collect();
    let sum = |of: &dyn Fn(usize) -> u64| -> u64 {
        calls.iter().map(|call| of(call % batches.len())).sum()
    };
    Ok(Outcome {
        counts: vec![
            ("calls", calls.len() as u64),
            ("sentences", sum(&|batch| batches[batch].rows.len() as u64)),
            ("tokens", sum(&|batch| batches[batch].tokens())),
            ("flop", sum(&|batch| arrays[batch].flop)),
        ],
        samples: vec![
            ("call_s", timing.call_s.concat()),
            ("elapsed_s", vec![timing.elapsed_s]),
        ],
    })
}

/// What stands in an encoder while its engine is with a caller.
struct Lent;

impl Engine for Lent {
    fn run(&mut self, _: &Batch) -> Result<(Vec<f32>, usize)> {
        Err(crate::Failure::new(
            crate::Kind::LoadFailed,
            "the engine is with a caller",
        ))
    }

    fn account(&self) -> serde_json::Map<String, serde_json::Value> {
        serde_json::Map::new()
    }
}

/// The embeddings of the probes in their order, of shape [probes][size], role by role.
pub fn answer(encoder: &mut Encoder, probes: &[Probe], batch_size: usize) -> Result<Vec<Vec<f32>>> {
    let mut found = vec![Vec::new(); probes.len()];
    for role in ["text", "query", "document"] {
        let places: Vec<usize> = (0..probes.len())
            .filter(|&place| probes[place].role == role)
            .collect();
        if places.is_empty() {
            continue;
        }
        let texts: Vec<String> = places
            .iter()
            .map(|&place| probes[place].text.clone())
            .collect();
        let (embeddings, size) =
            encoder.encode(&texts, role, batch_size, false, &mut Spent::default())?;
        for (&place, row) in places.iter().zip(embeddings.chunks_exact(size)) {
            found[place] = row.to_vec();
        }
    }
    Ok(found)
}
