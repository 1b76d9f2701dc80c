//! Weights and inputs that are no numbers, or infinite: the speculative build gives them up where their bits could be
//! seen, and agrees with the exact one.

use enshrine_runtime::{engine::EngineKind, meter::NanMode};

use crate::{
    bench::{EVERYWHERE, Ended, FUEL, agree, encode, file},
    onnx::{
        Axis, BOOL, FLOAT, Message, Parts, floats, int, integers, ints, node, node_with, ones,
        tensor, untyped, value,
    },
};

/// What arithmetic yields in the machine.
const CANONICAL: u32 = 0x7fc0_0000;

/// Quiet, with a payload, negative, signalling, negative and signalling, all ones.
const NANS: [u32; 7] = [
    CANONICAL,
    0x7fc1_2345,
    0xffc0_0000,
    0x7f80_0001,
    0x7fa0_0000,
    0xffaa_aaaa,
    0xffff_ffff,
];

const INFINITIES: [u32; 2] = [0x7f80_0000, 0xff80_0000];

/// Runs a model everywhere; the bits that it answers, and whether the speculative build was given up.
fn run(model: &[u8], input: &[u8]) -> (Vec<u32>, bool) {
    let (run, ended) = agree(model, input, FUEL, &EVERYWHERE);
    let Ended::Answered(output) = ended else {
        panic!("{ended:?}")
    };
    let (words, _) = output.as_chunks::<4>();
    let bits = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    // Which build answers is a fact of the run too: both engines give up alike.
    let (other, _) = agree(model, input, FUEL, &EVERYWHERE[2..]);
    assert_eq!(EVERYWHERE[2].engine, EngineKind::Wasmi);
    assert_eq!(run.nan, other.nan);
    (bits, run.nan == NanMode::Exact)
}

/// Four inputs, one node, and weights `w` with one special value in front.
fn of_weights(node: Message, dims: &[i64], axes: &[Axis<'_>], special: u32) -> Vec<u8> {
    let mut bits = ones(dims.iter().product::<i64>() as usize);
    bits[0] = special;
    Parts {
        nodes: vec![node],
        initializers: vec![floats("w", dims, &bits)],
        inputs: vec![value("x", FLOAT, axes)],
        outputs: vec![untyped("y")],
    }
    .model()
}

fn vector() -> [Axis<'static>; 1] {
    [Axis::Size(4)]
}

#[test]
fn bits_that_are_only_moved_stay() {
    for special in NANS.into_iter().chain(INFINITIES) {
        let moves = [
            node("Identity", &["x"], &["y"]),
            node_with("Concat", &["x", "w"], &["y"], &[int("axis", 0)]),
            node("Where", &["c", "w", "x"], &["y"]),
        ];
        for (number, node) in moves.into_iter().enumerate() {
            let mut graph = Parts {
                nodes: vec![node],
                initializers: vec![floats("w", &[4], &[special, 0, 0, special])],
                inputs: vec![value("x", FLOAT, &vector())],
                outputs: vec![untyped("y")],
            };
            if number == 2 {
                let which = tensor("c", BOOL, &[4], &[1, 0, 0, 1]);
                graph.initializers.push(which);
            }
            let input = [special, 1, 2, special];
            let bytes: Vec<u8> = input.iter().flat_map(|bits| bits.to_le_bytes()).collect();
            let (bits, _) = run(&graph.model(), &bytes);
            let expected = [
                vec![special, 1, 2, special],
                vec![special, 1, 2, special, special, 0, 0, special],
                vec![special, 1, 2, special],
            ];
            assert_eq!(bits, expected[number], "{special:x}");
        }
    }
}

#[test]
fn reshaped_weights_keep_their_bits() {
    for special in NANS {
        let model = Parts {
            nodes: vec![
                node("Reshape", &["w", "shape"], &["r"]),
                node_with("Transpose", &["r"], &["y"], &[ints("perm", &[1, 0])]),
                node("Identity", &["x"], &["z"]),
            ],
            initializers: vec![
                floats("w", &[4], &[special, 1, 2, 3]),
                integers("shape", &[2, 2]),
            ],
            inputs: vec![value("x", FLOAT, &[Axis::Size(1)])],
            outputs: vec![untyped("y"), untyped("z")],
        }
        .model();
        let (bits, _) = run(&model, &special.to_le_bytes());
        assert_eq!(bits, [special, 2, 1, 3, special]);
    }
}

#[test]
fn arithmetic_on_nan_gives_the_canonical_one() {
    let image = [Axis::Size(1), Axis::Size(1), Axis::Size(2), Axis::Size(2)];
    let row = [Axis::Size(1), Axis::Size(4)];
    for special in NANS {
        let cases = [
            (node("Add", &["x", "w"], &["y"]), vec![4], &vector()[..]),
            (node("Mul", &["x", "w"], &["y"]), vec![4], &vector()),
            (node("Div", &["x", "w"], &["y"]), vec![4], &vector()),
            (node("MatMul", &["x", "w"], &["y"]), vec![4, 1], &row),
            (node("Gemm", &["x", "w"], &["y"]), vec![4, 1], &row),
            (node("Conv", &["x", "w"], &["y"]), vec![1, 1, 1, 1], &image),
            (node("Conv", &["x", "w"], &["y"]), vec![1, 1, 2, 2], &image),
        ];
        for (number, (node, dims, axes)) in cases.into_iter().enumerate() {
            let model = of_weights(node, &dims, axes, special);
            let (bits, given_up) = run(&model, &encode(&[1.0; 4]));
            assert_eq!(bits[0], CANONICAL, "{special:x} in case {number}");
            assert!(given_up, "{special:x} in case {number}");
        }
    }
}

#[test]
fn arithmetic_that_is_undefined_gives_the_canonical_nan() {
    for infinity in INFINITIES {
        for (operator, operand) in [("Mul", 0.0), ("Sub", f32::from_bits(infinity))] {
            let node = node(operator, &["w", "x"], &["y"]);
            let model = of_weights(node, &[4], &vector(), infinity);
            let (bits, given_up) = run(&model, &encode(&[operand, 1.0, 1.0, 1.0]));
            assert_eq!(bits[0], CANONICAL, "{operator}");
            assert!(given_up, "{operator}");
        }
        let model = of_weights(node("Mul", &["w", "x"], &["y"]), &[4], &vector(), infinity);
        let (bits, given_up) = run(&model, &encode(&[1.0; 4]));
        assert_eq!(bits[0], infinity);
        assert!(!given_up, "infinity is no NaN");
    }
}

#[test]
fn nan_that_load_computes_is_canonical() {
    for special in NANS {
        let model = Parts {
            nodes: vec![
                node("Add", &["w", "w"], &["c"]),
                node_with("Concat", &["x", "c"], &["y"], &[int("axis", 0)]),
            ],
            // The importer merges constants that are equal, whatever their NaNs: the sum must be another one than `w`.
            initializers: vec![floats("w", &[2], &[special, 0x3f80_0000])],
            inputs: vec![value("x", FLOAT, &[Axis::Size(1)])],
            outputs: vec![untyped("y")],
        }
        .model();
        let (bits, given_up) = run(&model, &special.to_le_bytes());
        assert_eq!(bits, [special, CANONICAL, 0x4000_0000]);
        assert!(given_up);
    }
}

#[test]
fn every_operator_that_compares_or_rounds_agrees() {
    let unary = [
        "Relu",
        "Neg",
        "Abs",
        "Floor",
        "Ceil",
        "Round",
        "Sqrt",
        "Exp",
        "Log",
        "Sigmoid",
        "Tanh",
        "Erf",
        "Sign",
        "Softplus",
        "Reciprocal",
        "IsNaN",
        "Softmax",
        "LogSoftmax",
        "HardSigmoid",
        "LeakyRelu",
        "Elu",
        "Selu",
        "ReduceMax",
        "ReduceMin",
        "ReduceSum",
        "ReduceMean",
        "ArgMax",
        "ArgMin",
        "Sin",
        "Cos",
    ];
    let binary = [
        "Max", "Min", "Pow", "Equal", "Less", "Greater", "PRelu", "Mod",
    ];
    for special in NANS.into_iter().step_by(2).chain(INFINITIES) {
        let special_input: Vec<u8> = [special, 0x3f80_0000, special, 0]
            .iter()
            .flat_map(|bits| bits.to_le_bytes())
            .collect();
        for operator in unary {
            let model = of_weights(node(operator, &["x"], &["y"]), &[4], &vector(), special);
            let (_, ended) = agree(&model, &special_input, FUEL, &EVERYWHERE);
            assert!(!matches!(ended, Ended::Failed), "{operator} of {special:x}");
        }
        for operator in binary {
            let node = match operator {
                "Mod" => node_with(operator, &["x", "w"], &["y"], &[int("fmod", 1)]),
                _ => node(operator, &["x", "w"], &["y"]),
            };
            let model = of_weights(node, &[4], &vector(), special);
            let (_, ended) = agree(&model, &special_input, FUEL, &EVERYWHERE);
            assert!(!matches!(ended, Ended::Failed), "{operator} of {special:x}");
        }
        let cast = node_with("Cast", &["x"], &["y"], &[int("to", 6)]);
        let model = of_weights(cast, &[4], &vector(), special);
        let (_, ended) = agree(&model, &special_input, FUEL, &EVERYWHERE);
        assert!(!matches!(ended, Ended::Failed), "Cast of {special:x}");
    }
}

#[test]
fn trained_models_with_spoiled_weights_agree() {
    // The weights of the trained model, in which every 97th word becomes a special value of its own kind.
    let mut model = file("digits-cnn/model.onnx");
    let answer = |model: &[u8]| run(model, &file("samples/digit-7.bin"));
    let (sound, given_up) = answer(&model);
    assert!(!given_up && sound.iter().all(|bits| !f32::from_bits(*bits).is_nan()));
    let specials = NANS.into_iter().chain(INFINITIES).cycle();
    for (number, special) in (2..model.len() / 4 - 700).step_by(97).zip(specials) {
        model[4 * number..][..4].copy_from_slice(&special.to_le_bytes());
    }
    let (_, ended) = agree(&model, &file("samples/digit-7.bin"), FUEL, &EVERYWHERE);
    assert!(!matches!(ended, Ended::Failed), "{ended:?}");
}
