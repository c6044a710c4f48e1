//! rten, an engine for ONNX that is Rust throughout.

use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::NdTensor;
use runner::failure::Result;
use runner::program::require_network;
use runner::{Batch, Engine, Failure, Job, Kind, Program};
use serde_json::{json, Map, Value};

const RTEN: &str = "0.27";

fn main() {
    runner::program::main(&Program {
        name: "emch-rust-rten",
        version: env!("CARGO_PKG_VERSION"),
        backends: &["rust-rten"],
        libraries: &[("rten", RTEN), ("tokenizers", "0.23")],
        options: &[],
        open: |job| Ok(Box::new(Rten::open(job)?)),
    })
}

/// A loaded network and the threads that run it.
struct Rten {
    model: Model,
    threads: Arc<ThreadPool>,
    ids: NodeId,
    mask: NodeId,
    types: Option<NodeId>,
    output: NodeId,
}

impl Rten {
    fn open(job: &Job) -> Result<Self> {
        let path = &job.model.network;
        require_network(path)?;
        let failed = |words: String| {
            let sentence = format!(
                "{} could not be loaded ({words}): run 'emch prepare', or take another backend",
                path.display()
            );
            Failure::new(Kind::LoadFailed, sentence)
        };
        let model = Model::load_file(path).map_err(|error| failed(error.to_string()))?;
        let node = |name: &str| {
            model
                .node_id(name)
                .map_err(|_| failed(format!("it has no input '{name}'")))
        };
        let output = model.output_ids().first().copied();
        Ok(Rten {
            threads: Arc::new(ThreadPool::with_num_threads(job.threads()?)),
            ids: node("input_ids")?,
            mask: node("attention_mask")?,
            types: node("token_type_ids").ok(),
            output: output.ok_or_else(|| failed("it has no output".to_owned()))?,
            model,
        })
    }
}

impl Engine for Rten {
    fn run(&mut self, batch: &Batch) -> Result<(Vec<f32>, usize)> {
        let failed = |error: String| {
            Failure::new(
                Kind::LoadFailed,
                format!("the network cannot be run ({error})"),
            )
        };
        let shape = [batch.rows.len(), batch.length];
        let tensor = |values: &[i64]| {
            let narrow: Vec<i32> = values.iter().map(|&value| value as i32).collect();
            NdTensor::from_data(shape, narrow)
        };
        let mut inputs = vec![
            (self.ids, tensor(&batch.ids).into()),
            (self.mask, tensor(&batch.mask).into()),
        ];
        if let Some(types) = self.types {
            inputs.push((types, NdTensor::<i32, 2>::zeros(shape).into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let outputs = self
            .model
            .run(inputs, &[self.output], Some(options))
            .map_err(|error| failed(error.to_string()))?;
        let first = outputs.into_iter().next();
        let states: NdTensor<f32, 3> = first
            .and_then(|output| output.try_into().ok())
            .ok_or_else(|| failed("its output is no tensor of three axes".to_owned()))?;
        let hidden = states.size(2);
        Ok((states.into_data(), hidden))
    }

    fn account(&self) -> Map<String, Value> {
        Map::from_iter([
            ("provider".to_owned(), json!("CPU")),
            ("library".to_owned(), json!(format!("rten {RTEN}"))),
        ])
    }
}
