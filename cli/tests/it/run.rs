//! `enshrine run`

use crate::support::*;

fn logits(place: &Place, arguments: &[&str]) -> Vec<f64> {
    let digits = model("digits-cnn");
    let report = place.json(0, &[&["run", &digits], arguments].concat());
    let data = report["outputs"][0]["data"].as_array().unwrap().clone();
    data.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn argmax(scores: &[f64]) -> usize {
    (0..scores.len())
        .max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
        .unwrap()
}

#[test]
fn keys_are_as_documented() {
    let place = Place::new();
    let report = place.json(
        0,
        &[
            "run",
            &model("digits-cnn"),
            "--input",
            &sample("digit-7.npy"),
        ],
    );
    let mut keys: Vec<_> = report
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    let expected = [
        "engine",
        "gas",
        "model_address",
        "output_root",
        "outputs",
        "seconds",
        "steps_infer",
        "steps_load",
    ];
    assert_eq!(keys, expected);
    let output = &report["outputs"][0];
    let mut keys: Vec<_> = output
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["data", "dtype", "name", "shape"]);
    assert_eq!(
        (&output["name"], &output["dtype"]),
        (&"logits".into(), &"float32".into())
    );
    assert_eq!(output["shape"], serde_json::json!([1, 10]));
}

#[test]
fn every_kind_of_file_gives_the_same() {
    let place = Place::new();
    let expected = logits(&place, &["--input", &sample("digit-7.bin")]);
    assert_eq!(argmax(&expected), 7);
    for file in ["digit-7.npy", "digit-7.json"] {
        assert_eq!(
            logits(&place, &["--input", &sample(file)]),
            expected,
            "{file}"
        );
        let named = format!("image={}", sample(file));
        assert_eq!(logits(&place, &["--input", &named]), expected, "{file}");
    }
    let named = format!("image={}", sample("digit-7.bin"));
    assert_eq!(logits(&place, &["--input", &named]), expected);
}

#[test]
fn pictures_of_all_digits_are_read() {
    let place = Place::new();
    for digit in 0..10 {
        let picture = sample(&format!("digit-{digit}.png"));
        assert_eq!(argmax(&logits(&place, &["--input", &picture])), digit);
    }
    let small = logits(&place, &["--input", &sample("digit-7.png")]);
    let large = logits(&place, &["--input", &sample("digit-7-64x64.png")]);
    assert_eq!(small, large);
}

#[test]
fn engines_give_the_same() {
    let place = Place::new();
    let arguments = ["--input", &sample("tumour.npy")];
    let report = |engine: &str| {
        let tumours = model("tumour-mlp");
        let mut report = place.json(
            0,
            &[&["run", &tumours, "--engine", engine], &arguments[..]].concat(),
        );
        report["seconds"].take();
        assert_eq!(report["engine"].take(), engine);
        report
    };
    assert_eq!(report("wasmtime"), report("wasmi"));
}

#[test]
fn dynamic_axes_come_from_the_input() {
    let place = Place::new();
    let report = place.json(
        0,
        &[
            "run",
            &model("digits-cnn-batch"),
            "--input",
            &sample("digit-7.npy"),
        ],
    );
    assert_eq!(report["outputs"][0]["shape"], serde_json::json!([1, 10]));
}

#[test]
fn output_file_is_the_encoding() {
    let place = Place::new();
    let file = place.path("out.bin");
    let output = file.to_str().unwrap();
    place.ok(&[
        "run",
        &model("digits-cnn"),
        "--input",
        &sample("digit-7.npy"),
        "--output",
        output,
    ]);
    assert_eq!(std::fs::read(file).unwrap().len(), 40);
}

#[test]
fn errors_say_what_was_wrong() {
    let place = Place::new();
    let digits = model("digits-cnn");
    let wrong_shape = place.write("wrong.json", "[[1, 2, 3]]");
    let ragged = place.write("ragged.json", "[[1, 2], [3]]");
    let text = place.write("x.txt", "1");
    let short = place.write("short.bin", [0; 255]);
    for (arguments, code, words) in [
        (vec!["run", "no-such-model"], 2, "no-such-model"),
        (vec!["run", &digits], 2, "--input"),
        (
            vec!["run", &digits, "--input", "no-such-file.npy"],
            2,
            "no-such-file.npy",
        ),
        (
            vec!["run", &digits, "--input", &wrong_shape],
            2,
            "image: float32[1, 1, 8, 8]",
        ),
        (vec!["run", &digits, "--input", &ragged], 2, "ragged"),
        (vec!["run", &digits, "--input", &text], 2, ".npy"),
        (vec!["run", &digits, "--input", &short], 1, "image"),
        (
            vec![
                "run",
                &digits,
                "--input",
                &sample("digit-7.npy"),
                "--fuel",
                "10",
            ],
            1,
            "fuel",
        ),
        (vec!["run", &text, "--input", &short], 1, "refused"),
    ] {
        let said = place.run(&arguments);
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
        let json = place.json(code, &arguments);
        assert!(json["error"].as_str().unwrap().contains(words), "{json}");
    }
}
