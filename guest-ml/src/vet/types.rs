//! Which element types the inputs of an operator may have.

use super::signature::{Domain, FREE, Type};
use crate::ops::Node;
use tract_onnx::tract_hir::internal::*;

/// The types that the guest has, in the order of the tables' bits.
const ORDER: [DatumType; 12] = [
    DatumType::F32,
    DatumType::U8,
    DatumType::I8,
    DatumType::U16,
    DatumType::I16,
    DatumType::I32,
    DatumType::I64,
    DatumType::Bool,
    DatumType::F16,
    DatumType::F64,
    DatumType::U32,
    DatumType::U64,
];

/// What the inputs that a node gives may be.
#[derive(Clone, Debug)]
pub(crate) struct Types(Vec<(usize, &'static Type)>);

impl Types {
    /// Those of the operator's version in force; any, for what is no operator of ONNX.
    pub(crate) fn of(node: &Node<'_>) -> Self {
        let operator =
            Domain::named(node.domain()).and_then(|domain| domain.operator(node.operator()));
        let signature = operator.and_then(|known| known.signature(node.version()));
        let types = signature.map_or(&[][..], |signature| signature.types);
        let given = node
            .names_of_inputs()
            .enumerate()
            .filter(|(_, name)| !name.is_empty());
        let of_input = |(place, _)| {
            let last = types.len().checked_sub(1)?;
            Some((place, &types[last.min(place)]))
        };
        Self(given.filter_map(of_input).collect())
    }

    /// Checks what is known of the inputs that the node gives, in their order.
    ///
    /// # Errors
    /// Which input has a type that the operator does not take.
    pub(crate) fn check(&self, inputs: &[Option<DatumType>]) -> TractResult<()> {
        let known = self.0.iter().zip(inputs);
        let known = known.filter_map(|(expected, datum)| Some((expected, plain(*datum)?)));
        let known: Vec<_> = known.collect();
        for ((place, expected), datum) in &known {
            let names = || {
                let all = ORDER.iter().enumerate();
                let allowed = all.filter(|(bit, _)| expected.allowed & (1 << bit) != 0);
                let names = allowed.map(|(_, datum)| name(*datum));
                names.collect::<Vec<_>>().join(", ")
            };
            ensure!(
                allows(expected, *datum),
                "input {place} is of {}, expected one of {}",
                name(*datum),
                names()
            );
            let same = known
                .iter()
                .find(|((_, other), _)| expected.same != FREE && other.same == expected.same);
            if let Some(((first, _), other)) = same {
                ensure!(
                    other == datum,
                    "input {first} is of {} and input {place} of {}, expected the same",
                    name(*other),
                    name(*datum)
                );
            }
        }
        Ok(())
    }
}

/// The importer's integers for shapes are int64 to ONNX.
fn plain(datum: Option<DatumType>) -> Option<DatumType> {
    match datum?.unquantized() {
        DatumType::TDim => Some(DatumType::I64),
        datum => Some(datum),
    }
}

fn allows(expected: &Type, datum: DatumType) -> bool {
    let bit = ORDER.iter().position(|known| *known == datum);
    bit.is_none_or(|bit| expected.allowed & (1 << bit) != 0)
}

fn name(datum: DatumType) -> String {
    let dtype = crate::tensors::dtype_of_datum(datum);
    dtype.map_or_else(|| format!("{datum:?}"), |dtype| dtype.to_string())
}
