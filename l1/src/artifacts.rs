//! The committed bytecode.

use alloy_primitives::{Address, hex};
use alloy_sol_types::SolValue;
use enshrine_runtime::isa::Family;

macro_rules! artifact {
    ($name:literal) => {
        include_str!(concat!("../../l1-contracts/artifacts/", $name, ".json"))
    };
}

const ENTRY: &str = artifact!("OneStepEntry");
pub(crate) const GAME: &str = artifact!("MachineGame");
pub(crate) const REGISTRY: &str = artifact!("ModelRegistry");
pub(crate) const CLAIMS: &str = artifact!("InferenceClaims");

/// Families that have a contract, in the order in which the entry's constructor takes them.
pub(crate) fn families() -> impl Iterator<Item = (Family, &'static str)> {
    Family::ALL
        .into_iter()
        .filter_map(|family| Some((family, artifact(family)?)))
}

/// The artifact of a family's contract. Steps of the reserved family fail in the entry.
const fn artifact(family: Family) -> Option<&'static str> {
    Some(match family {
        Family::Control => artifact!("Control"),
        Family::Stack => artifact!("Stack"),
        Family::Integer => artifact!("Integer"),
        Family::Float => artifact!("Float"),
        Family::Conversion => artifact!("Conversion"),
        Family::Memory => artifact!("Memory"),
        Family::Bulk => artifact!("Bulk"),
        Family::SimdMemory => artifact!("SimdMemory"),
        Family::SimdLane => artifact!("SimdLane"),
        Family::SimdLogic => artifact!("SimdLogic"),
        Family::SimdInteger => artifact!("SimdInteger"),
        Family::SimdFloat => artifact!("SimdFloat"),
        Family::SimdConversion => artifact!("SimdConversion"),
        Family::Host => artifact!("Host"),
        Family::Reserved => return None,
    })
}

/// What a transaction that deploys a family's contract carries.
pub(crate) fn init_code(artifact: &str) -> Vec<u8> {
    let artifact: serde_json::Value =
        serde_json::from_str(artifact).expect("`cargo xtask contracts` writes JSON");
    let code = artifact["bytecode"]
        .as_str()
        .expect("an artifact has bytecode");
    hex::decode(code).expect("bytecode is hexadecimal")
}

/// What a transaction that deploys the entry carries: its code, then the addresses of the families' contracts.
pub(crate) fn entry_init_code(families: &[Address]) -> Vec<u8> {
    let arguments = families.iter().map(SolValue::abi_encode);
    [init_code(ENTRY)]
        .into_iter()
        .chain(arguments)
        .flatten()
        .collect()
}
