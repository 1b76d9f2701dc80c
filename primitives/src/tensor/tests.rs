use super::*;
use alloc::{borrow::ToOwned, vec};
use proptest::{prelude::*, sample::select};

/// A shape and data.
type Tensor = (Vec<u32>, Vec<u8>);

fn dtypes() -> impl Strategy<Value = DType> {
    select(&DType::ALL[..])
}

fn dims() -> impl Strategy<Value = Dim> {
    prop_oneof![(0..5_u32).prop_map(Dim::Static), Just(Dim::Dynamic)]
}

fn types() -> impl Strategy<Value = Vec<TensorType>> {
    let ty = (".{0,12}", dtypes(), prop::collection::vec(dims(), 0..4));
    prop::collection::vec(
        ty.prop_map(|(name, dtype, dims)| TensorType::new(name, dtype, dims)),
        0..4,
    )
}

/// Types with a shape and data for each.
fn values() -> impl Strategy<Value = (Vec<TensorType>, Vec<Tensor>)> {
    types().prop_flat_map(|types| {
        let tensors: Vec<_> = types.iter().map(value).collect();
        (Just(types), tensors)
    })
}

fn value(ty: &TensorType) -> impl Strategy<Value = Tensor> + use<> {
    let axes = ty.dims.iter().map(|dim| match dim {
        Dim::Static(size) => *size..=*size,
        Dim::Dynamic => 0..=5,
    });
    let (axes, dtype) = (axes.collect::<Vec<_>>(), ty.dtype);
    axes.prop_flat_map(move |shape| {
        let len = shape.iter().product::<u32>() * dtype.size_bytes();
        let largest = if dtype == DType::Bool { 1_u8 } else { 255 };
        (
            Just(shape),
            prop::collection::vec(0..=largest, len as usize),
        )
    })
}

fn borrow(tensors: &[Tensor]) -> Vec<(&[u32], &[u8])> {
    tensors
        .iter()
        .map(|(shape, data)| (&shape[..], &data[..]))
        .collect()
}

proptest! {
    #[test]
    fn what_is_encoded_is_found_again((inputs, tensors) in values()) {
        let interface = Interface { inputs, outputs: vec![] };
        let blob = interface.encode_inputs(&borrow(&tensors)).unwrap();
        let found = interface.split_inputs(&blob).unwrap();
        let found: Vec<_> = found.into_iter().map(|t| (t.shape, blob[t.data].to_vec())).collect();
        prop_assert_eq!(&found, &tensors);
        let dynamic = interface.inputs.iter().map(TensorType::dynamic_count).sum::<usize>();
        prop_assert_eq!(interface.shape_key(&blob).unwrap().len(), dynamic);
    }

    #[test]
    fn a_longer_or_shorter_blob_never_fits_static_types((mut types, tensors) in values()) {
        for (ty, (shape, _)) in types.iter_mut().zip(&tensors) {
            ty.dims = shape.iter().map(|size| Dim::Static(*size)).collect();
        }
        let mut blob = encode(&types, &borrow(&tensors)).unwrap();
        blob.push(0);
        let (expected, got) = (blob.len() as u64 - 1, blob.len() as u64);
        prop_assert_eq!(split(&types, &blob), Err(TensorError::TrailingBytes { expected, got }));
        blob.pop();
        if blob.pop().is_some() {
            let truncated = matches!(split(&types, &blob), Err(TensorError::Truncated { .. }));
            prop_assert!(truncated);
        }
    }

    #[test]
    fn any_bytes_split_or_are_refused(types in types(), blob in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..64)) {
        if let Ok(tensors) = split(&types, &blob) {
            let tensors: Vec<_> = tensors.into_iter().map(|t| (t.shape, blob[t.data].to_vec())).collect();
            prop_assert_eq!(encode(&types, &borrow(&tensors)), Ok(blob));
        }
    }

    #[test]
    fn interfaces_survive_the_wire(inputs in types(), outputs in types()) {
        let interface = Interface { inputs, outputs };
        let bytes = interface.encode().unwrap();
        prop_assert_eq!(Interface::decode(&bytes), Ok(interface));
        for len in 0..bytes.len() {
            prop_assert!(Interface::decode(&bytes[..len]).is_err(), "{} of {} bytes", len, bytes.len());
        }
    }

    #[test]
    fn any_bytes_decode_canonically_or_are_refused(mut bytes in prop::collection::vec(0..4_u8, 4..64)) {
        bytes[0] = 1;
        if let Ok(interface) = Interface::decode(&bytes) {
            prop_assert_eq!(interface.encode(), Ok(bytes));
        }
    }
}

fn vector(dim: Dim, dtype: DType) -> [TensorType; 1] {
    [TensorType::new("x", dtype, [dim])]
}

#[test]
fn shapes_whose_product_overflows_are_refused_even_when_empty() {
    let types = [TensorType::new("x", DType::F32, [Dim::Dynamic; 4])];
    let shape = [1 << 31, 1 << 31, 1 << 31, 0];
    let blob = shape.map(u32::to_le_bytes).concat();
    let refused = TensorError::TooLarge {
        name: "x".to_owned(),
        expected: crate::MAX_BLOB_BYTES,
        shape: shape.to_vec(),
    };
    assert_eq!(split(&types, &blob), Err(refused.clone()));
    assert_eq!(encode(&types, &[(&shape, &[])]), Err(refused));
}

#[test]
fn sizes_cut_off_are_named() {
    let got = split(&vector(Dim::Dynamic, DType::U8), &[1, 0]);
    let expected = TensorError::Truncated {
        name: "x".to_owned(),
        part: "sizes",
        offset: 0,
        expected: 4,
        got: 2,
    };
    assert_eq!(got, Err(expected));
}

#[test]
fn a_scalar_is_one_element() {
    let types = [TensorType::new("x", DType::I64, [])];
    let blob = 7_i64.to_le_bytes();
    assert_eq!(
        split(&types, &blob),
        Ok(vec![TensorSlice {
            shape: vec![],
            data: 0..8
        }])
    );
}

#[test]
fn a_bool_of_two_is_refused_in_both_directions() {
    let types = vector(Dim::Static(2), DType::Bool);
    let refused = TensorError::Bool {
        name: "x".to_owned(),
        index: 1,
        got: 2,
    };
    assert_eq!(split(&types, &[1, 2]), Err(refused.clone()));
    assert_eq!(encode(&types, &[(&[2], &[1, 2])]), Err(refused));
}

#[test]
fn wrong_counts_ranks_axes_and_lengths_are_named() {
    let types = vector(Dim::Static(2), DType::F32);
    let name = || "x".to_owned();
    assert_eq!(
        encode(&types, &[]),
        Err(TensorError::Count {
            expected: 1,
            got: 0
        })
    );
    let rank = TensorError::Rank {
        name: name(),
        expected: 1,
        got: 2,
    };
    assert_eq!(encode(&types, &[(&[2, 1], &[0; 8])]), Err(rank));
    let axis = TensorError::Axis {
        name: name(),
        axis: 0,
        expected: 2,
        got: 3,
    };
    assert_eq!(encode(&types, &[(&[3], &[0; 12])]), Err(axis));
    let (dtype, shape) = (DType::F32, vec![2]);
    let length = TensorError::DataLength {
        name: name(),
        dtype,
        shape,
        expected: 8,
        got: 16,
    };
    assert_eq!(encode(&types, &[(&[2], &[0; 16])]), Err(length));
}

#[test]
fn what_has_no_encoding_is_refused() {
    let encode = |ty| {
        Interface {
            inputs: vec![ty],
            outputs: vec![],
        }
        .encode()
    };
    let refused = |what, expected, got| {
        Err(InterfaceError::Range {
            what,
            expected,
            got,
        })
    };
    let ty = TensorType::new("x", DType::F32, [Dim::Static(u32::MAX)]);
    assert_eq!(
        encode(ty),
        refused("a static axis", 0xffff_fffe, 0xffff_ffff)
    );
    let ty = TensorType::new("x", DType::F32, vec![Dim::Dynamic; 256]);
    assert_eq!(encode(ty), refused("axes", 255, 256));
    let ty = TensorType::new("x".repeat(65_536), DType::F32, []);
    assert_eq!(encode(ty), refused("bytes of a name", 65_535, 65_536));
}

#[test]
fn bytes_of_another_version_type_or_name_are_refused() {
    let good = *b"\x01\x01\0\0\0\x01\0\x01\0x";
    assert!(Interface::decode(&good).is_ok());
    let patched = |index: usize, byte| {
        let mut bytes = good;
        bytes[index] = byte;
        Interface::decode(&bytes)
    };
    assert_eq!(
        patched(0, 2),
        Err(InterfaceError::Version {
            expected: 1,
            got: 2
        })
    );
    assert_eq!(
        patched(5, 8),
        Err(InterfaceError::DType { offset: 5, got: 8 })
    );
    assert_eq!(patched(9, 0xff), Err(InterfaceError::Name { offset: 9 }));
    let trailing = [&good[..], &[0]].concat();
    let expected = InterfaceError::TrailingBytes {
        expected: 10,
        got: 11,
    };
    assert_eq!(Interface::decode(&trailing), Err(expected));
}

#[test]
fn types_read_like_code() {
    let ty = TensorType::new("x", DType::F16, [Dim::Static(1), Dim::Dynamic]);
    assert_eq!(alloc::format!("{ty}"), "x: float16[1, ?]");
}
