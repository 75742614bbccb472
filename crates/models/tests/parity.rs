//! The numbers of `transformers`: on tiny random models of each architecture (`fixtures.py` made them), and on a real
//! one where `EIGHTFOLD_MODEL` names its folder, after `fixtures.py --beside` has put the expectations there.

mod expected;

use eightfold_models::Model;
use expected::{Completed, Encoded, Expected, Rendered, expected, fixtures, real};
use safetensors::SafeTensors;
use std::path::Path;

/// The largest difference between our logits and theirs, of which there are as many.
fn distance(model: &Model, folder: &Path, tokens: &[u32]) -> f32 {
    let bytes = std::fs::read(folder.join("expected.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let view = file.tensor("logits").unwrap();
    assert_eq!(view.shape(), [tokens.len(), model.config().vocab]);
    let theirs = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let ours = model.logits(tokens);
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max)
}

/// Text, chat and logits of one folder.
fn check(folder: &Path) -> (Model, Expected) {
    let (model, expected) = (Model::open(folder).unwrap(), expected(folder));
    for Encoded { text, tokens } in &expected.texts {
        assert_eq!(&model.text().encode(text, true).unwrap(), tokens, "{text:?}");
    }
    let Rendered { turns, text } = &expected.chat;
    assert_eq!(&model.chat().unwrap().render(turns, None).unwrap(), text);
    let distance = distance(&model, folder, &expected.tokens);
    println!("{}: logits differ by {distance:.1e} at most", folder.display());
    assert!(distance < 1e-4, "{}: {distance}", folder.display());
    (model, expected)
}

#[test]
fn every_architecture_has_the_logits_of_transformers() {
    for folder in fixtures() {
        check(&folder);
    }
}

#[test]
fn the_likeliest_tokens_are_those_of_transformers() {
    for folder in fixtures() {
        let (model, vocab) = (Model::open(&folder).unwrap(), 320);
        for Completed { prompt, tokens } in expected(&folder).completions {
            let start = model.text().encode(&prompt, true).unwrap();
            let whole = [&start[..], &tokens].concat();
            // Logits after the last token of the prompt and each token of the completion but the last.
            let logits = model.logits(&whole[..whole.len() - 1]);
            for (logits, token) in logits.chunks_exact(vocab).skip(start.len() - 1).zip(tokens) {
                let top = (0..vocab).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
                assert_eq!(top as u32, token, "{}: {prompt}", folder.display());
            }
        }
    }
}

#[test]
fn a_real_model_has_the_logits_of_transformers() {
    if let Some(folder) = real() {
        check(&folder);
    }
}
