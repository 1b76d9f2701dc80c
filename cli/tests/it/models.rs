//! `enshrine models`

use crate::support::*;

#[test]
fn models_are_added_listed_and_shown() {
    let place = Place::new();
    let manifest = model("digits-cnn").replace("model.onnx", "manifest.json");
    let added = place.json(
        0,
        &[
            "models",
            "add",
            &model("digits-cnn"),
            "--manifest",
            &manifest,
        ],
    );
    let address = added["model_address"].as_str().unwrap();
    place.ok(&[
        "models",
        "add",
        &model("tumour-mlp"),
        "--licence",
        "CC-BY-4.0",
        "--source",
        "here",
    ]);

    let list = place.ok(&["models", "list"]);
    assert!(
        list.contains(address) && list.contains("digits-cnn") && list.contains("tumour-mlp"),
        "{list}"
    );
    let show = place.ok(&["models", "show", "digits-cnn"]);
    assert!(
        show.contains(address) && show.contains("image: float32[1, 1, 8, 8]"),
        "{show}"
    );
    let show = place.json(0, &["models", "show", "tumour-mlp"]);
    assert_eq!(show["manifest"]["licence"], "CC-BY-4.0");
    assert_eq!(
        show["manifest"]["inputs"][0]["shape"],
        serde_json::json!([1, 30])
    );

    for name in ["digits-cnn", address] {
        let report = place.json(0, &["run", name, "--input", &sample("digit-7.npy")]);
        assert_eq!(report["model_address"], address);
    }
}

#[test]
fn corrupted_models_are_found() {
    let place = Place::new();
    let added = place.json(
        0,
        &["models", "add", &model("digits-cnn"), "--name", "digits"],
    );
    let address = added["model_address"].as_str().unwrap();
    assert!(place.ok(&["models", "verify", "--all"]).contains("ok"));
    let file = place.path("store").join(format!("{address}.onnx"));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&file, bytes).unwrap();

    let verified = place.json(1, &["models", "verify", "digits"]);
    assert_eq!(verified[0]["ok"], false);
    assert_eq!(place.run(&["models", "verify", "--all"]).code, 1);
    let said = place.run(&["run", "digits", "--input", &sample("digit-7.npy")]);
    assert_eq!(said.code, 2, "{}", said.out);
    place.ok(&["models", "add", &model("digits-cnn"), "--name", "digits"]);
    place.ok(&["models", "verify", "digits"]);
}

#[test]
fn names_must_be_clear() {
    let place = Place::new();
    place.ok(&["models", "add", &model("digits-cnn"), "--name", "twin"]);
    place.ok(&["models", "add", &model("tumour-mlp"), "--name", "twin"]);
    let said = place.run(&["models", "show", "twin"]);
    assert!(
        said.code == 2 && said.err.contains("several models"),
        "{}",
        said.err
    );
    assert_eq!(place.run(&["models", "show", "nobody"]).code, 2);
    assert_eq!(
        place
            .run(&["models", "verify", &format!("0x{}", "22".repeat(32))])
            .code,
        1
    );
    assert_eq!(place.run(&["models", "add", "no-such-file.onnx"]).code, 2);
}
