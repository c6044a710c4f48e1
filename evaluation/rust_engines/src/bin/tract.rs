//! tract on an ONNX file, optimized for each shape.

use anyhow::Result;
use rust_engines::{asked, ids, report, SHAPES};
use tract_onnx::prelude::*;

fn main() -> Result<()> {
    let path = asked()?;
    for shape in SHAPES {
        let (batch, tokens) = shape;
        let mut model = tract_onnx::onnx().model_for_path(&path)?;
        let names: Vec<String> = (0..model.inputs.len())
            .map(|place| model.node(model.inputs[place].node).name.clone())
            .collect();
        for place in 0..names.len() {
            model.set_input_fact(place, i64::fact([batch, tokens]).into())?;
        }
        let plan = model.into_optimized()?.into_runnable()?;
        let inputs: TVec<TValue> = names
            .iter()
            .map(|name| {
                let values = match name.as_str() {
                    "input_ids" => ids(batch, tokens),
                    "attention_mask" => vec![1; batch * tokens],
                    _ => vec![0; batch * tokens],
                };
                Ok(Tensor::from_shape(&[batch, tokens], &values)?.into())
            })
            .collect::<Result<_>>()?;
        report("tract", shape, || {
            let found = plan.run(inputs.clone())?;
            Ok(found[0].as_slice::<f32>()?.to_vec())
        })?;
    }
    Ok(())
}
