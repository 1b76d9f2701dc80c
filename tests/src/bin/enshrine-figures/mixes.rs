//! Models that are made to be slow for their steps: what somebody would register who wants to stall a node.
//!
//! Every model has two inputs, a float `x` of 1.5 and a whole number `k`, so that nothing is computed ahead, and one
//! output of one element, so that nothing is spent on hashing it.

#![allow(
    clippy::cast_precision_loss,
    reason = "sizes of test tensors are far below 2^24"
)]

use enshrine_primitives::tensor::{DType, Dim};
use enshrine_tests::onnx::{Attribute, Graph, Value};

/// A model that may be slow.
pub(crate) struct Mix {
    pub(crate) name: &'static str,
    pub(crate) model: Vec<u8>,
}

/// `k`: multiples of it scatter over any table; it is prime, so few of them meet.
const SCATTER: i64 = 2_654_435_761;

/// The input blob of every mix.
pub(crate) fn input() -> Vec<u8> {
    [&1.5f32.to_le_bytes()[..], &SCATTER.to_le_bytes()].concat()
}

/// A graph under construction with its two inputs.
struct Bench {
    graph: Graph,
    x: Value,
    k: Value,
}

impl Bench {
    fn new() -> Self {
        let mut graph = Graph::new(17);
        let x = graph.input(DType::F32, &[Dim::Static(1)]);
        let k = graph.input(DType::I64, &[Dim::Static(1)]);
        Self { graph, x, k }
    }

    /// Ends the graph: its output is one element of `value`, which nobody can know ahead.
    fn finish(mut self, name: &'static str, value: Value, dtype: DType) -> Mix {
        let flat = self.reshape(value, &[-1]);
        let one = self.graph.i64s(&[1]);
        let zero = self.op("Sub", &[self.k, self.k]);
        let zero = self.op("Min", &[zero, one]);
        let element = self.graph.node("Gather", &[flat, zero], &[]);
        self.graph.output(element, dtype, &[Dim::Static(1)]);
        Mix {
            name,
            model: self.graph.encode(),
        }
    }

    fn op(&mut self, operator: &str, inputs: &[Value]) -> Value {
        self.graph.node(operator, inputs, &[])
    }

    fn with(&mut self, operator: &str, inputs: &[Value], attributes: &[Attribute<'_>]) -> Value {
        self.graph.node(operator, inputs, attributes)
    }

    fn reshape(&mut self, value: Value, shape: &[i64]) -> Value {
        let shape = self.graph.i64s(shape);
        self.op("Reshape", &[value, shape])
    }

    fn cast(&mut self, value: Value, to: DType) -> Value {
        self.with(
            "Cast",
            &[value],
            &[Attribute::Int("to", to.to_wire().into())],
        )
    }

    /// A tensor that holds `value` everywhere.
    fn expand(&mut self, value: Value, shape: &[i64]) -> Value {
        let shape = self.graph.i64s(shape);
        self.op("Expand", &[value, shape])
    }

    /// `rows * columns` different whole numbers that depend on `k`, in no order that a cache could like.
    fn scattered(&mut self, rows: i64, columns: i64, modulus: i64) -> Value {
        let starts: Vec<i64> = (0..rows).map(|row| row * columns).collect();
        let steps: Vec<i64> = (0..columns).collect();
        let starts = self.graph.i64s(&starts);
        let starts = self.reshape(starts, &[rows, 1]);
        let starts = self.op("Mul", &[starts, self.k]);
        let steps = self.graph.i64s(&steps);
        let steps = self.op("Mul", &[steps, self.k]);
        let all = self.op("Add", &[starts, steps]);
        let modulus = self.graph.i64s(&[modulus]);
        self.op("Mod", &[all, modulus])
    }

    /// Floats between 0.5 and 2 that differ and depend on `x`.
    fn varied(&mut self, rows: i64, columns: i64) -> Value {
        let starts: Vec<f32> = (0..rows)
            .map(|row| 0.1 + row as f32 / rows as f32)
            .collect();
        let steps: Vec<f32> = (0..columns)
            .map(|c| 0.4 * c as f32 / columns as f32)
            .collect();
        let starts = self.graph.f32s(&[rows, 1], &starts);
        let starts = self.op("Mul", &[starts, self.x]);
        let steps = self.graph.f32s(&[columns], &steps);
        self.op("Add", &[starts, steps])
    }

    /// The same operator on a tensor and a value again and again.
    fn chain2(&mut self, operator: &str, first: Value, second: Value, times: usize) -> Value {
        (0..times).fold(first, |value, _| self.op(operator, &[value, second]))
    }

    fn chain(&mut self, operator: &str, first: Value, times: usize) -> Value {
        (0..times).fold(first, |value, _| self.op(operator, &[value]))
    }
}

/// All mixes.
pub(crate) fn mixes() -> Vec<Mix> {
    let mut all = Vec::new();
    all.extend(arithmetic());
    all.extend(integers());
    all.extend(scattered_reads());
    all.extend(moves());
    all.extend(overheads());
    all
}

fn arithmetic() -> Vec<Mix> {
    let mut all = Vec::new();
    for (name, operator) in [
        ("div f32", "Div"),
        ("pow f32", "Pow"),
        ("mul f32", "Mul"),
        ("prelu f32", "PRelu"),
    ] {
        let mut b = Bench::new();
        let (first, second) = (b.varied(1024, 1024), b.varied(1024, 1024));
        let y = b.chain2(operator, first, second, 8);
        all.push(b.finish(name, y, DType::F32));
    }
    for (name, operator) in [
        ("sqrt f32", "Sqrt"),
        ("exp f32", "Exp"),
        ("log f32", "Log"),
        ("erf f32", "Erf"),
        ("tanh f32", "Tanh"),
        ("sin f32", "Sin"),
        ("round f32", "Round"),
        ("softmax f32", "Softmax"),
    ] {
        let mut b = Bench::new();
        let first = b.varied(1024, 1024);
        let y = b.chain(operator, first, 8);
        all.push(b.finish(name, y, DType::F32));
    }
    for (name, operator) in [("div f64", "Div"), ("pow f64", "Pow")] {
        let mut b = Bench::new();
        let first = b.varied(1024, 1024);
        let first = b.cast(first, DType::F64);
        let second = b.varied(1024, 1024);
        let second = b.cast(second, DType::F64);
        let y = b.chain2(operator, first, second, 2);
        all.push(b.finish(name, y, DType::F64));
    }
    {
        let mut b = Bench::new();
        let first = b.varied(1024, 1024);
        let first = b.cast(first, DType::F64);
        let y = b.chain("Sqrt", first, 8);
        all.push(b.finish("sqrt f64", y, DType::F64));
    }
    {
        let mut b = Bench::new();
        let first = b.varied(1024, 1024);
        let first = b.cast(first, DType::F16);
        let second = b.varied(1024, 1024);
        let second = b.cast(second, DType::F16);
        let y = b.chain2("Div", first, second, 8);
        all.push(b.finish("div f16", y, DType::F16));
    }
    {
        // Numbers below 2^-126, which some processors compute with only slowly.
        let mut b = Bench::new();
        let first = b.varied(1024, 1024);
        let tiny = b.graph.f32s(&[1], &[1e-39]);
        let first = b.op("Mul", &[first, tiny]);
        let second = b.varied(1024, 1024);
        let y = b.chain2("Mul", first, second, 8);
        all.push(b.finish("mul f32 subnormal", y, DType::F32));
    }
    for (name, scale) in [
        ("matmul f32", 1.0),
        ("matmul f32 subnormal", 1e-39),
        ("matmul f32 NaN", f32::NAN),
    ] {
        let mut b = Bench::new();
        let first = b.varied(512, 512);
        let scale = b.graph.f32s(&[1], &[scale]);
        let first = b.op("Mul", &[first, scale]);
        let second = b.varied(512, 512);
        let y = b.chain2("MatMul", first, second, 4);
        all.push(b.finish(name, y, DType::F32));
    }
    all
}

fn integers() -> Vec<Mix> {
    let mut all = Vec::new();
    for (name, operator) in [("div i64", "Div"), ("mod i64", "Mod"), ("mul i64", "Mul")] {
        let mut b = Bench::new();
        let first = b.scattered(1024, 1024, i64::MAX);
        let second = b.scattered(1024, 1024, 1_000_003);
        let one = b.graph.i64s(&[1]);
        let second = b.op("Add", &[second, one]);
        let y = b.chain2(operator, first, second, 8);
        all.push(b.finish(name, y, DType::I64));
    }
    {
        let mut b = Bench::new();
        let mut y = b.varied(1024, 1024);
        for _ in 0..4 {
            let whole = b.cast(y, DType::I64);
            y = b.cast(whole, DType::F32);
        }
        all.push(b.finish("cast f32 i64", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let first = b.scattered(512, 512, 127);
        let first = b.cast(first, DType::U8);
        let second = b.scattered(512, 512, 113);
        let second = b.cast(second, DType::U8);
        let y = b.op("MatMulInteger", &[first, second]);
        all.push(b.finish("matmul u8", y, DType::I32));
    }
    all
}

/// Columns of the big table, and the count of places that are read.
const TABLE: i64 = 1 << 26;

fn scattered_reads() -> Vec<Mix> {
    let mut all = Vec::new();
    {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[4, TABLE]);
        let places = b.scattered(1024, 1024, TABLE);
        let places = b.reshape(places, &[-1]);
        let y = b.with("Gather", &[table, places], &[Attribute::Int("axis", 1)]);
        all.push(b.finish("gather f32", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let x = b.cast(b.x, DType::U8);
        let table = b.expand(x, &[16, TABLE]);
        let places = b.scattered(1024, 1024, TABLE);
        let places = b.reshape(places, &[-1]);
        let y = b.with("Gather", &[table, places], &[Attribute::Int("axis", 1)]);
        all.push(b.finish("gather u8", y, DType::U8));
    }
    for (name, block) in [
        ("gather rows of 64 B", 16),
        ("gather rows of 256 B", 64),
        ("gather rows of 4 KiB", 1024),
    ] {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[TABLE * 2 / block, block]);
        let rows = 1024.min((1 << 26) / block / 1024);
        let places = b.scattered(rows, 1024, TABLE * 2 / block);
        let places = b.reshape(places, &[-1]);
        let y = b.op("Gather", &[table, places]);
        all.push(b.finish(name, y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[TABLE]);
        let places = b.scattered(1024, 1024, TABLE);
        let places = b.reshape(places, &[-1]);
        let y = b.op("GatherElements", &[table, places]);
        all.push(b.finish("gather elements", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[TABLE]);
        let places = b.scattered(512, 1024, TABLE);
        let places = b.reshape(places, &[-1, 1]);
        let y = b.op("GatherND", &[table, places]);
        all.push(b.finish("gather nd", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[TABLE]);
        let places = b.scattered(512, 1024, TABLE);
        let places = b.reshape(places, &[-1, 1]);
        let updates = b.expand(b.x, &[512 * 1024]);
        let y = b.op("ScatterND", &[table, places, updates]);
        all.push(b.finish("scatter nd", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[TABLE]);
        let places = b.scattered(512, 1024, TABLE);
        let places = b.reshape(places, &[-1]);
        let updates = b.expand(b.x, &[512 * 1024]);
        let y = b.op("ScatterElements", &[table, places, updates]);
        all.push(b.finish("scatter elements", y, DType::F32));
    }
    all
}

fn moves() -> Vec<Mix> {
    let mut all = Vec::new();
    for (name, side) in [("transpose f32", 8192), ("transpose f32 odd", 8191)] {
        let mut b = Bench::new();
        let first = b.varied(side, side);
        let y = b.with("Transpose", &[first], &[Attribute::Ints("perm", &[1, 0])]);
        all.push(b.finish(name, y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let x = b.cast(b.x, DType::U8);
        let first = b.expand(x, &[8192, 8192]);
        let y = b.with("Transpose", &[first], &[Attribute::Ints("perm", &[1, 0])]);
        all.push(b.finish("transpose u8", y, DType::U8));
    }
    {
        let mut b = Bench::new();
        let y = b.expand(b.x, &[400 << 20]);
        all.push(b.finish("expand f32", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let x = b.expand(b.x, &[1 << 18]);
        let times = b.graph.i64s(&[1500]);
        let y = b.op("Tile", &[x, times]);
        all.push(b.finish("tile f32", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let x = b.expand(b.x, &[1 << 10, 1 << 10]);
        let y = b.with("Concat", &[x; 255], &[Attribute::Int("axis", 0)]);
        all.push(b.finish("concat", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let x = b.expand(b.x, &[1 << 16, 16]);
        let y = b.with("Concat", &[x; 200], &[Attribute::Int("axis", 1)]);
        all.push(b.finish("concat of small parts", y, DType::F32));
    }
    for (name, stride, reads) in [
        ("slice with stride", 1024, 64),
        ("slice with small stride", 16, 2),
    ] {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[TABLE]);
        let mut sum = b.x;
        for start in 0..reads {
            let arguments = [start * 7, TABLE, 0, stride].map(|a| b.graph.i64s(&[a]));
            let part = b.op(
                "Slice",
                &[
                    table,
                    arguments[0],
                    arguments[1],
                    arguments[2],
                    arguments[3],
                ],
            );
            let first = b.with(
                "ReduceMax",
                &[part],
                &[Attribute::Ints("axes", &[0]), Attribute::Int("keepdims", 1)],
            );
            sum = b.op("Add", &[sum, first]);
        }
        all.push(b.finish(name, sum, DType::F32));
    }
    for (name, operator) in [
        ("reduce columns", "ReduceMax"),
        ("sum columns", "ReduceMean"),
    ] {
        let mut b = Bench::new();
        let table = b.expand(b.x, &[4096, 16384]);
        let y = b.with(operator, &[table], &[Attribute::Ints("axes", &[0])]);
        all.push(b.finish(name, y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let table = b.varied(1024, 1024);
        let y = b.with("Softmax", &[table], &[Attribute::Int("axis", 0)]);
        all.push(b.finish("softmax of columns", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let table = b.varied(2048, 2048);
        let axis = b.graph.tensor(DType::I64, &[], &[0; 8]);
        let y = b.op("CumSum", &[table, axis]);
        all.push(b.finish("cumsum of columns", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let image = b.expand(b.x, &[1, 16, 4096, 4096]);
        let y = b.with(
            "MaxPool",
            &[image],
            &[
                Attribute::Ints("kernel_shape", &[2, 2]),
                Attribute::Ints("dilations", &[1024, 1024]),
                Attribute::Ints("strides", &[512, 64]),
            ],
        );
        all.push(b.finish("max pool, dilated", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let image = b.varied(8192, 8192);
        let image = b.reshape(image, &[1, 16, 2048, 2048]);
        let weights = b.graph.f32s(&[16, 1, 3, 3], &[0.5; 144]);
        let y = b.with(
            "Conv",
            &[image, weights],
            &[
                Attribute::Ints("kernel_shape", &[3, 3]),
                Attribute::Ints("dilations", &[512, 512]),
                Attribute::Int("group", 16),
            ],
        );
        all.push(b.finish("depthwise conv, dilated", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let image = b.expand(b.x, &[1, 16, 1024, 1024]);
        let weights = b.graph.f32s(&[4, 16, 3, 3], &[0.5; 576]);
        let y = b.with(
            "Conv",
            &[image, weights],
            &[
                Attribute::Ints("kernel_shape", &[3, 3]),
                Attribute::Ints("dilations", &[256, 256]),
            ],
        );
        all.push(b.finish("conv, dilated", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let column = b.varied(16384, 1);
        let row = b.varied(1, 16384);
        let y = b.op("MatMul", &[column, row]);
        all.push(b.finish("outer product", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let first = b.varied(8192, 8192);
        let column = b.varied(8192, 1);
        let y = b.with("Gemm", &[first, column], &[Attribute::Int("transA", 1)]);
        all.push(b.finish("matrix times vector, transposed", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let first = b.varied(512, 4096);
        let first = b.reshape(first, &[8, 512, 512]);
        let second = b.varied(512, 4096);
        let second = b.reshape(second, &[8, 512, 512]);
        let y = b.with(
            "Einsum",
            &[first, second],
            &[Attribute::Text("equation", "bij,bkj->bik")],
        );
        all.push(b.finish("einsum", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let image = b.varied(512, 512);
        let image = b.reshape(image, &[1, 1, 512, 512]);
        let scales = b.graph.f32s(&[4], &[1.0, 1.0, 4.0, 4.0]);
        let none = b.graph.f32s(&[0], &[]);
        let y = b.with(
            "Resize",
            &[image, none, scales],
            &[Attribute::Text("mode", "linear")],
        );
        all.push(b.finish("resize", y, DType::F32));
    }
    all
}

fn overheads() -> Vec<Mix> {
    let mut all = Vec::new();
    {
        let mut b = Bench::new();
        let one = b.graph.f32s(&[1], &[1.0]);
        let mut y = b.x;
        for _ in 0..500 {
            y = b.op("Add", &[y, one]);
            y = b.op("Sin", &[y]);
        }
        all.push(b.finish("1000 tiny nodes", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let first = b.varied(4, 4);
        let mut y = first;
        for _ in 0..200 {
            y = b.op("MatMul", &[y, first]);
        }
        all.push(b.finish("200 tiny products", y, DType::F32));
    }
    {
        let mut b = Bench::new();
        let first = b.varied(1, 1 << 18);
        let count = b.graph.i64s(&[1 << 12]);
        let [y, _] = b.graph.node_outputs("TopK", &[first, count], &[]);
        all.push(b.finish("top k", y, DType::F32));
    }
    {
        // Prepared ahead, weighed, and thrown away: `load` leaves a large memory behind, and `infer` fills it once more.
        let mut b = Bench::new();
        let one = b.graph.f32s(&[1], &[1.0]);
        let ones = b.expand(one, &[180 << 20]);
        let y = b.op("Mul", &[ones, b.x]);
        all.push(b.finish("expand a constant", y, DType::F32));
    }
    all
}
