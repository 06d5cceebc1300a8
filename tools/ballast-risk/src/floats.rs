// SPDX-License-Identifier: Apache-2.0
//! Looks for floats in Wasm: results of floats may differ between machines, so none may be there.

use wasmparser::{FunctionBody, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures};

/// Every float found, as `function 12: F64Add`; empty if there is none.
///
/// Types of functions, globals, locals and every instruction are read. The validator with floats
/// switched off reads them again: it has to come to the same verdict.
pub fn find(wasm: &[u8]) -> Result<Vec<String>, String> {
	let mut found = Vec::new();
	let mut function = 0u32;
	for payload in Parser::new(0).parse_all(wasm) {
		match payload.map_err(broken)? {
			Payload::TypeSection(types) => {
				for (index, declared) in types.into_iter_err_on_gc_types().enumerate() {
					let declared = declared.map_err(broken)?;
					let values = declared.params().iter().chain(declared.results());
					found.extend(
						values
							.filter(|value| is_float(**value))
							.map(|value| format!("type {index}: {value}")),
					);
				}
			},
			Payload::ImportSection(imports) => {
				for import in imports {
					match import.map_err(broken)?.ty {
						TypeRef::Func(_) => function += 1,
						TypeRef::Global(global) if is_float(global.content_type) => {
							found.push(format!("imported global: {}", global.content_type));
						},
						_ => {},
					}
				}
			},
			Payload::GlobalSection(globals) => {
				for (index, global) in globals.into_iter().enumerate() {
					let content = global.map_err(broken)?.ty.content_type;
					if is_float(content) {
						found.push(format!("global {index}: {content}"));
					}
				}
			},
			Payload::CodeSectionEntry(body) => {
				find_in_body(&body, function, &mut found)?;
				function += 1;
			},
			_ => {},
		}
	}
	if found.is_empty() != validates_without_floats(wasm) {
		return Err(format!("the two readings differ: {} floats found", found.len()));
	}
	Ok(found)
}

fn find_in_body(
	body: &FunctionBody<'_>,
	function: u32,
	found: &mut Vec<String>,
) -> Result<(), String> {
	for local in body.get_locals_reader().map_err(broken)? {
		let (_, value) = local.map_err(broken)?;
		if is_float(value) {
			found.push(format!("function {function}: local {value}"));
		}
	}
	for operator in body.get_operators_reader().map_err(broken)? {
		// Every instruction that touches a float has the type in its name, as in `F64Add`,
		// `I32TruncF64S` or `F32Load`; a block or a select states it as a type.
		let name = format!("{:?}", operator.map_err(broken)?);
		if name.contains("F32") || name.contains("F64") {
			found.push(format!("function {function}: {name}"));
		}
	}
	Ok(())
}

fn is_float(value: ValType) -> bool {
	matches!(value, ValType::F32 | ValType::F64 | ValType::V128)
}

fn validates_without_floats(wasm: &[u8]) -> bool {
	let features = WasmFeatures::WASM1.difference(WasmFeatures::FLOATS);
	Validator::new_with_features(features).validate_all(wasm).is_ok()
}

fn broken(error: wasmparser::BinaryReaderError) -> String {
	format!("not Wasm: {error}")
}
