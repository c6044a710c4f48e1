//! rten on an ONNX file.

use anyhow::{anyhow, Result};
use rten::Model;
use rten_tensor::prelude::*;
use rten_tensor::NdTensor;
use rust_engines::{asked, ids, report, SHAPES};

fn main() -> Result<()> {
    let model = Model::load_file(asked()?)?;
    let output = model.output_ids()[0];
    for shape in SHAPES {
        let (batch, tokens) = shape;
        let narrow: Vec<i32> = ids(batch, tokens).iter().map(|&id| id as i32).collect();
        report("rten", shape, || {
            let mut inputs = Vec::new();
            for &node in model.input_ids() {
                let name = model
                    .node_info(node)
                    .and_then(|info| info.name().map(str::to_owned));
                let values = match name.as_deref() {
                    Some("input_ids") => narrow.clone(),
                    Some("attention_mask") => vec![1; batch * tokens],
                    _ => vec![0; batch * tokens],
                };
                inputs.push((node, NdTensor::from_data([batch, tokens], values).into()));
            }
            let found = model.run(inputs, &[output], None)?;
            let first = found
                .into_iter()
                .next()
                .ok_or_else(|| anyhow!("no output"))?;
            let states: NdTensor<f32, 3> = first.try_into()?;
            Ok(states.into_data())
        })?;
    }
    Ok(())
}
