//! A saved folder is the model.

mod expected;

use eightfold_models::{Model, Tuning, WeightedTokens, supervised};
use eightfold_task::Key;
use expected::{expected, fixtures};
use safetensors::SafeTensors;
use std::collections::BTreeMap;
use std::path::Path;

/// Shape, type and bytes of each tensor of a file, by name.
fn tensors(path: &Path) -> BTreeMap<String, (Vec<usize>, String, Vec<u8>)> {
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensor = |(name, view): (String, safetensors::tensor::TensorView)| {
        (name, (view.shape().to_vec(), format!("{:?}", view.dtype()), view.data().to_vec()))
    };
    file.tensors().into_iter().map(tensor).collect()
}

#[test]
fn a_saved_model_is_read_as_it_was() {
    for folder in fixtures() {
        let (model, place) = (Model::open(&folder).unwrap(), tempfile::tempdir().unwrap());
        let saved = place.path().join("saved");
        model.save(&saved).unwrap();
        let again = Model::open(&saved).unwrap();
        let expected = expected(&folder);
        assert_eq!(again.logits(&expected.tokens), model.logits(&expected.tokens), "{}", folder.display());
        assert_eq!(again.ends(), model.ends());
        let render = |model: &Model| model.chat().unwrap().render(&expected.chat.turns, None).unwrap();
        assert_eq!(render(&again), render(&model));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}

#[test]
fn an_untouched_model_in_f32_has_the_tensors_that_were_read() {
    let mut seen = 0;
    for folder in fixtures().iter().filter(|folder| folder.join("model.safetensors").exists()) {
        let before = tensors(&folder.join("model.safetensors"));
        if before.values().any(|(_, kind, _)| kind != "F32") {
            continue;
        }
        let place = tempfile::tempdir().unwrap();
        Model::open(folder).unwrap().save(&place.path().join("saved")).unwrap();
        assert_eq!(tensors(&place.path().join("saved/model.safetensors")), before, "{}", folder.display());
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn a_trained_model_says_the_type_of_its_weights() {
    for (i, narrow) in [(0, "bfloat16"), (1, "float32")] {
        let mut model = Model::open(&fixtures()[i]).unwrap();
        let place = tempfile::tempdir().unwrap();
        let kind = |name: &str, model: &Model| {
            let folder = place.path().join(name);
            model.save(&folder).unwrap();
            let config: serde_json::Value =
                serde_json::from_slice(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
            config["dtype"].as_str().unwrap().to_owned()
        };
        assert_eq!(kind("before", &model), narrow);
        let examples = [WeightedTokens::whole(vec![1, 2], vec![3, 4], 1.0)];
        supervised(&mut model, &examples, &Tuning::default(), Key::new(0, "save"), &mut |_| {}).unwrap();
        assert_eq!(kind("after", &model), "float32");
        let again = Model::open(&place.path().join("after")).unwrap();
        assert_eq!(again.logits(&[5, 6, 7]), model.logits(&[5, 6, 7]));
    }
}

#[test]
fn nothing_is_written_over_and_a_killed_save_leaves_nothing() {
    let (model, place) = (Model::open(&fixtures()[1]).unwrap(), tempfile::tempdir().unwrap());
    let folder = place.path().join("saved");
    // What a killed run left.
    std::fs::create_dir(place.path().join(".saved.partial")).unwrap();
    std::fs::write(place.path().join(".saved.partial/model.safetensors"), "half").unwrap();
    std::fs::create_dir(&folder).unwrap();
    model.save(&folder).unwrap();
    let error = model.save(&folder).unwrap_err().to_string();
    assert_eq!(error, format!("{}: there is something here already", folder.display()));
    assert!(Model::open(&folder).is_ok());
    assert!(model.save(Path::new("/")).is_err());
}
