//! Inputs that are not those of the model.

use crate::{
    bench::{Ended, encode, end, file},
    onnx::{self, Axis, BOOL, FLOAT, Parts, node, untyped, value},
};

/// The input is refused with a message that has all these words.
fn malformed(model: &[u8], input: &[u8], words: &[&str]) {
    let ended = end(model, input);
    let Ended::Malformed(message) = &ended else {
        panic!("{} bytes: {ended:?}", input.len())
    };
    for word in words {
        assert!(message.contains(word), "'{word}' is not in: {message}");
    }
}

/// `y = x + x` of a matrix with named axes.
fn dynamic() -> Vec<u8> {
    Parts {
        nodes: vec![node("Add", &["x", "x"], &["y"])],
        inputs: vec![value(
            "x",
            FLOAT,
            &[Axis::Named("rows"), Axis::Named("columns")],
        )],
        outputs: vec![untyped("y")],
        ..Parts::default()
    }
    .model()
}

fn sized(sizes: &[u32], rest: &[u8]) -> Vec<u8> {
    let sizes = sizes.iter().flat_map(|size| size.to_le_bytes());
    sizes.chain(rest.iter().copied()).collect()
}

#[test]
fn every_wrong_length_is_malformed() {
    let model = onnx::perceptron();
    for length in (0..40).chain([1 << 16, (1 << 20) + 1]) {
        let input = vec![0; length];
        if length == 16 {
            assert_eq!(end(&model, &input), Ended::Answered(encode(&[1.0; 3])));
        } else {
            malformed(&model, &input, &["16", &length.to_string()]);
        }
    }
}

#[test]
fn elements_of_another_type_are_malformed() {
    let digit = file("samples/digit-7.bin");
    let (pixels, _) = digit.as_chunks::<4>();
    let pixels: Vec<f32> = pixels
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    let doubles: Vec<u8> = pixels
        .iter()
        .flat_map(|p| f64::from(*p).to_le_bytes())
        .collect();
    let halves = digit
        .chunks(4)
        .flat_map(|bytes| [bytes[2], bytes[3]])
        .collect();
    let bytes = pixels.iter().map(|pixel| (pixel * 16.0) as u8).collect();
    let model = file("digits-cnn/model.onnx");
    for input in [doubles, halves, bytes] {
        malformed(&model, &input, &["256", &input.len().to_string()]);
    }
}

#[test]
fn bools_that_are_none_are_malformed() {
    let mut input = onnx::branches_input();
    for byte in 2..=255 {
        *input.last_mut().unwrap() = byte;
        if byte % 50 == 2 || byte == 255 {
            malformed(&onnx::branches(), &input, &["which", &byte.to_string()]);
        }
    }
}

#[test]
fn sizes_of_another_rank_are_malformed() {
    // One axis more and one less than the model has, each with the elements that it promises.
    malformed(&dynamic(), &sized(&[1, 2, 3], &[0; 24]), &["16", "36"]);
    malformed(&dynamic(), &sized(&[0, 5], &[0; 20]), &["8", "28"]);
    malformed(&dynamic(), &sized(&[4], &[]), &["x"]);
}

#[test]
fn sizes_that_are_cut_short_are_malformed() {
    for length in 0..8 {
        malformed(&dynamic(), &vec![1; length], &["x"]);
    }
}

#[test]
fn sizes_of_zero_are_sizes() {
    for sizes in [[0, 0], [0, 3], [3, 0], [0, u32::from(u16::MAX)]] {
        let input = sized(&sizes, &[]);
        assert_eq!(end(&dynamic(), &input), Ended::Answered(input.clone()));
    }
    let none = sized(&[0], &[1]);
    let ended = end(&onnx::branches(), &none);
    assert!(!matches!(ended, Ended::Failed), "{ended:?}");
}

#[test]
fn huge_sizes_are_malformed() {
    for sizes in [
        [1 << 31, 1],
        [1, 1 << 31],
        [u32::MAX, 1],
        [u32::MAX, u32::MAX],
        [1 << 31, 0],
        [0, u32::MAX],
        [1 << 16, 1 << 16],
        // 2^32 elements and no bytes in 32-bit arithmetic.
        [1 << 30, 4],
        [1 << 29, 1],
    ] {
        malformed(
            &dynamic(),
            &sized(&sizes, &[0; 64]),
            &["x", &sizes[0].to_string()],
        );
        let one = sized(&sizes[..1], &[0; 65]);
        if sizes[0] >= 1 << 29 {
            malformed(&onnx::branches(), &one, &["x", &sizes[0].to_string()]);
        }
    }
}

#[test]
fn sizes_that_the_bytes_do_not_bear_out_are_malformed() {
    let rest = encode(&[1.0; 6]);
    for sizes in [[2, 4], [7, 1], [1000, 1000]] {
        let expected = 4 * sizes[0] * sizes[1];
        malformed(
            &dynamic(),
            &sized(&sizes, &rest),
            &["'x'", &expected.to_string(), "24"],
        );
    }
    for sizes in [[2, 2], [1, 5], [0, 1000]] {
        let expected = 8 + 4 * sizes[0] * sizes[1];
        malformed(
            &dynamic(),
            &sized(&sizes, &rest),
            &[&expected.to_string(), "32"],
        );
    }
    let answer = sized(&[2, 3], &encode(&[2.0; 6]));
    assert_eq!(
        end(&dynamic(), &sized(&[2, 3], &rest)),
        Ended::Answered(answer)
    );
}

#[test]
fn one_axis_of_two_sizes_is_malformed() {
    let axes = &[Axis::Named("n")];
    let model = Parts {
        nodes: vec![node("Add", &["a", "b"], &["y"])],
        inputs: vec![value("a", FLOAT, axes), value("b", FLOAT, axes)],
        outputs: vec![untyped("y")],
        ..Parts::default()
    }
    .model();
    let input = [sized(&[2], &[0; 8]), sized(&[3], &[0; 12])].concat();
    malformed(&model, &input, &["'b'", "'n'", "2", "3"]);
}

#[test]
fn inputs_of_an_empty_axis_list_are_one_element() {
    let model = Parts {
        nodes: vec![node("Not", &["x"], &["y"])],
        inputs: vec![value("x", BOOL, &[])],
        outputs: vec![untyped("y")],
        ..Parts::default()
    }
    .model();
    assert_eq!(end(&model, &[0]), Ended::Answered(vec![1]));
    malformed(&model, &[], &["1", "0"]);
    malformed(&model, &[0, 0], &["1", "2"]);
}
