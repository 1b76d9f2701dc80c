//! Compiled contracts that are known at run time: arguments in, results, errors and events out, as text and JSON.

use std::fs;

use alloy_dyn_abi::{DynSolValue, ErrorExt, EventExt, FunctionExt, JsonAbiExt, Specifier};
use alloy_json_abi::{Function, JsonAbi, Param};
use alloy_primitives::{Log, hex};
use anyhow::{Context, Result, bail};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// Errors of the precompiles, which a contract's own ABI may lack.
const PRECOMPILE_ERRORS: &str =
    include_str!("../../precompile/contracts/artifacts/InferenceErrors.json");

/// A contract's ABI and creation code.
#[derive(Debug)]
pub(crate) struct Artifact {
    abi: JsonAbi,
    code: Vec<u8>,
}

/// An error or event with its arguments.
#[derive(Debug)]
pub(crate) struct Decoded {
    name: String,
    arguments: Vec<(String, DynSolValue)>,
}

impl Artifact {
    /// Reads what solc, forge or hardhat write: an object with `abi` and `bytecode`.
    ///
    /// # Errors
    /// If it is no artifact, or its libraries are not linked.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text).context("this is no JSON")?;
        let abi = value
            .get("abi")
            .context("there is no `abi`: give the compiler's artifact")?;
        let abi = serde_json::from_value(abi.clone()).context("its `abi` is none")?;
        let code = value
            .get("bytecode")
            .map(|code| code.get("object").unwrap_or(code));
        let code = code.and_then(Value::as_str).unwrap_or_default();
        let code = hex::decode(code)
            .context("its `bytecode` is no hexadecimal text: link its libraries first")?;
        Ok(Self { abi, code })
    }

    /// The function of a signature or a name.
    ///
    /// # Errors
    /// If there is none, or several of the name.
    pub(crate) fn function(&self, text: &str) -> Result<&Function> {
        let text: String = text.split_whitespace().collect();
        let matches = |function: &&Function| function.signature() == text || function.name == text;
        let found: Vec<_> = self.abi.functions().filter(matches).collect();
        match found[..] {
            [function] => Ok(function),
            [] => {
                let all: Vec<_> = self.abi.functions().map(Function::signature).collect();
                bail!(
                    "the contract has no function `{text}`; it has {}",
                    all.join(", ")
                )
            }
            _ => bail!("several functions are called `{text}`: give the signature"),
        }
    }

    /// Creation code with the constructor's arguments. Words that are not given are models, in order.
    ///
    /// # Errors
    /// If the arguments do not fit.
    pub(crate) fn creation_code(&self, given: &[String], models: &[String]) -> Result<Vec<u8>> {
        if self.code.is_empty() {
            bail!("the artifact has no bytecode: it is an interface or an abstract contract");
        }
        let Some(constructor) = &self.abi.constructor else {
            return Ok(self.code.clone());
        };
        let inputs = &constructor.inputs;
        let by_default = given.is_empty() && inputs.iter().all(|input| input.ty == "bytes32");
        let values = values(inputs, if by_default { models } else { given })
            .context("the constructor's arguments (--constructor-args)")?;
        let arguments = constructor.abi_encode_input(&values)?;
        Ok([&self.code[..], &arguments].concat())
    }

    /// What a revert says.
    pub(crate) fn revert(&self, data: &[u8]) -> Decoded {
        let known = serde_json::from_str::<Value>(PRECOMPILE_ERRORS)
            .ok()
            .and_then(|value| serde_json::from_value::<JsonAbi>(value.get("abi")?.clone()).ok())
            .unwrap_or_default();
        let builtin = ["error Error(string message)", "error Panic(uint256 code)"];
        let builtin = builtin
            .iter()
            .filter_map(|text| alloy_json_abi::Error::parse(text).ok());
        let errors = self
            .abi
            .errors()
            .chain(known.errors())
            .cloned()
            .chain(builtin);
        for error in errors {
            if let Ok(decoded) = error.decode_error(data) {
                return Decoded::new(error.name.clone(), &error.inputs, decoded.body);
            }
        }
        let data = DynSolValue::Bytes(data.to_vec());
        Decoded {
            name: "unknown error".to_owned(),
            arguments: vec![("data".to_owned(), data)],
        }
    }

    /// What a log says.
    pub(crate) fn event(&self, log: &Log) -> Decoded {
        let selector = log.topics().first();
        for event in self
            .abi
            .events()
            .filter(|event| Some(&event.selector()) == selector)
        {
            if let Ok(decoded) = event.decode_log(&log.data) {
                let (mut indexed, mut body) =
                    (decoded.indexed.into_iter(), decoded.body.into_iter());
                let next = event.inputs.iter().map(|input| {
                    let value = if input.indexed {
                        indexed.next()
                    } else {
                        body.next()
                    };
                    value.map(|value| (input.name.clone(), value))
                });
                let arguments = next.flatten().collect();
                return Decoded {
                    name: event.name.clone(),
                    arguments,
                };
            }
        }
        let data = DynSolValue::Bytes(log.data.data.to_vec());
        Decoded {
            name: "unknown event".to_owned(),
            arguments: vec![("data".to_owned(), data)],
        }
    }
}

impl Decoded {
    /// A name that has no arguments.
    pub(crate) const fn bare(name: String) -> Self {
        Self {
            name,
            arguments: Vec::new(),
        }
    }

    fn new(name: String, inputs: &[Param], body: Vec<DynSolValue>) -> Self {
        let arguments = inputs
            .iter()
            .map(|input| input.name.clone())
            .zip(body)
            .collect();
        Self { name, arguments }
    }
}

impl Serialize for Decoded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let arguments = self.arguments.iter();
        let arguments = arguments.map(|(name, value)| (name.clone(), to_json(value)));
        let arguments: serde_json::Map<_, _> = arguments.collect();
        json!({ "name": self.name, "arguments": arguments }).serialize(serializer)
    }
}

impl std::fmt::Display for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let arguments = self
            .arguments
            .iter()
            .map(|(name, value)| format!("{name}: {}", to_json(value)));
        write!(
            f,
            "{}({})",
            self.name,
            arguments.collect::<Vec<_>>().join(", ")
        )
    }
}

/// Call data of a function.
///
/// # Errors
/// If the arguments do not fit.
pub(crate) fn call_data(function: &Function, arguments: &[String]) -> Result<Vec<u8>> {
    let values = values(&function.inputs, arguments)
        .with_context(|| format!("the arguments of {} (--args)", function.signature()))?;
    Ok(function.abi_encode_input(&values)?)
}

/// What a function returned.
///
/// # Errors
/// If it is not what the ABI says.
pub(crate) fn returned(function: &Function, data: &[u8]) -> Result<Vec<Value>> {
    let values = function
        .abi_decode_output(data)
        .context("the contract returned something else than its ABI says")?;
    let values = function.outputs.iter().zip(&values);
    let named = values.map(|(output, value)| {
        json!({ "name": output.name, "type": output.selector_type(), "value": to_json(value) })
    });
    Ok(named.collect())
}

fn values(inputs: &[Param], arguments: &[String]) -> Result<Vec<DynSolValue>> {
    if inputs.len() != arguments.len() {
        let types: Vec<_> = inputs
            .iter()
            .map(|input| input.selector_type().into_owned())
            .collect();
        bail!(
            "expected {} arguments ({}), got {}",
            inputs.len(),
            types.join(", "),
            arguments.len()
        );
    }
    inputs
        .iter()
        .zip(arguments)
        .map(|(input, argument)| value(input, argument))
        .collect()
}

/// An argument; `@FILE` is the text of a file.
fn value(input: &Param, argument: &str) -> Result<DynSolValue> {
    let text = match argument.strip_prefix('@') {
        Some(file) => fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?,
        None => argument.to_owned(),
    };
    let ty = input.resolve()?;
    ty.coerce_str(text.trim())
        .with_context(|| format!("`{}` is no {}", text.trim(), input.selector_type()))
}

/// A value in JSON; numbers as strings where a float64 would round them.
fn to_json(value: &DynSolValue) -> Value {
    match value {
        DynSolValue::Bool(bit) => json!(bit),
        DynSolValue::Int(number, _) => match i64::try_from(*number) {
            Ok(small) if small.unsigned_abs() < 1 << 53 => json!(small),
            _ => json!(number.to_string()),
        },
        DynSolValue::Uint(number, _) => match u64::try_from(*number) {
            Ok(small) if small < 1 << 53 => json!(small),
            _ => json!(number.to_string()),
        },
        DynSolValue::FixedBytes(word, size) => json!(hex::encode_prefixed(&word[..*size])),
        DynSolValue::Address(address) => json!(address.to_string()),
        DynSolValue::Function(function) => json!(hex::encode_prefixed(function)),
        DynSolValue::Bytes(bytes) => json!(hex::encode_prefixed(bytes)),
        DynSolValue::String(text) => json!(text),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) | DynSolValue::Tuple(items) => {
            items.iter().map(to_json).collect()
        }
    }
}
