//! Names of functions, for people.

use std::collections::BTreeMap;

use wasmparser::{BinaryReaderError, ExternalKind, KnownCustom, Name, Parser, Payload};

/// Names of a module's functions by index: from its name section, else the name under which one is exported. A name
/// section that cannot be read names nothing; names are no part of a program.
pub fn function_names(wasm: &[u8]) -> BTreeMap<u32, String> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::ExportSection(exports)) => {
                let functions = exports.into_iter().flatten();
                let functions = functions.filter(|export| export.kind == ExternalKind::Func);
                names.extend(functions.map(|export| (export.index, export.name.to_owned())));
            }
            Ok(Payload::CustomSection(section)) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    // What was read before an error counts.
                    let _ = read(section, &mut names);
                }
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    names
}

fn read(
    section: wasmparser::NameSectionReader<'_>,
    names: &mut BTreeMap<u32, String>,
) -> Result<(), BinaryReaderError> {
    for name in section {
        if let Name::Function(functions) = name? {
            for naming in functions {
                let naming = naming?;
                names.insert(naming.index, naming.name.to_owned());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::function_names;

    #[test]
    fn exports_and_name_sections_name_functions() {
        // (module (func (export "f")) (func $g))
        let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x03\x02\0\0\x07\x05\x01\x01f\0\0\x0a\x07\x02\x02\0\x0b\x02\0\x0b\
            \0\x0b\x04name\x01\x04\x01\x01\x01g";
        let names = function_names(wasm);
        assert_eq!(names.get(&0).map(String::as_str), Some("f"));
        assert_eq!(names.get(&1).map(String::as_str), Some("g"));
    }

    #[test]
    fn no_module_has_no_names() {
        assert!(function_names(b"no module").is_empty());
    }
}
