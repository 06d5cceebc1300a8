// SPDX-License-Identifier: Apache-2.0
//! The two crates compiled to Wasm: the same bits as natively, and not a float in them.

mod common;

use ballast_risk_cli::floats;
use ballast_risk_cli::wasm::{engine, module_bytes, Blob};
use ballast_wasm_probe::digest::digest;

const EVALUATIONS: u32 = 100_000;

#[test]
fn wasm_should_give_the_same_bits_as_native_code() {
	let mut blob = Blob::new(&engine().unwrap(), ballast_wasm_probe::WASM).unwrap();
	let function = blob.function("probe_digest").unwrap();
	let in_wasm = blob.call(&function, EVALUATIONS, 2_026).unwrap();
	assert_eq!(in_wasm, digest(EVALUATIONS, 2_026));
	// One evaluation more and another seed each give another digest: it covers what it counts.
	assert_ne!(in_wasm, blob.call(&function, EVALUATIONS - 1, 2_026).unwrap());
	assert_ne!(in_wasm, blob.call(&function, EVALUATIONS, 2_027).unwrap());
}

#[test]
fn most_seeded_evaluations_should_succeed() {
	// A digest of nothing but errors would compare nothing: nine kinds in turn, 9,000 evaluations.
	let failures = ballast_wasm_probe::digest::failures(9_000, 7);
	println!("failed, by kind: {failures:?}");
	for (kind, failed) in failures.into_iter().enumerate() {
		assert!(failed < 500, "kind {kind}: {failed} of 1,000 failed");
	}
}

#[test]
fn the_crates_should_hold_no_float() {
	let wasm = module_bytes(ballast_wasm_probe::WASM).unwrap();
	let found = floats::find(&wasm).unwrap();
	assert!(found.is_empty(), "{} floats, first {:?}", found.len(), found.first());
}

#[test]
fn the_check_should_find_floats_where_there_are_some() {
	let wasm = module_bytes(ballast_wasm_yardstick::WASM).unwrap();
	let found = floats::find(&wasm).unwrap();
	for instruction in ["F64Add", "F64Div", "F64ConvertI64S", "local f64"] {
		assert!(found.iter().any(|float| float.contains(instruction)), "{instruction}");
	}
}

#[test]
fn the_check_should_refuse_what_is_not_wasm() {
	assert!(floats::find(b"not wasm").unwrap_err().starts_with("not Wasm"));
}

#[test]
fn the_blob_should_need_nothing_and_export_little() {
	let wasm = module_bytes(ballast_wasm_probe::WASM).unwrap();
	let mut exports = Vec::new();
	for payload in wasmparser::Parser::new(0).parse_all(&wasm) {
		match payload.unwrap() {
			wasmparser::Payload::ImportSection(imports) => assert_eq!(imports.count(), 0),
			wasmparser::Payload::ExportSection(section) => {
				exports.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
			},
			_ => {},
		}
	}
	exports.retain(|name| name.starts_with("probe_"));
	assert_eq!(exports.len(), 6, "{exports:?}");
}

#[test]
fn bench_should_report_every_figure() {
	let output = common::run(&["bench", "--json"], b"").json();
	let subjects = [
		"call_put",
		"f64_libm",
		"fixed_analytics",
		"greeks",
		"risk_array",
		"margin_20_legs",
		"margin_128_legs",
	];
	for subject in subjects {
		for place in ["wasm", "native"] {
			assert!(output[format!("{place}_{subject}_ns")].is_number(), "{place} {subject}");
		}
	}
	for ratio in [
		"call_put_to_f64_libm",
		"fixed_analytics_to_call_put",
		"risk_array_to_call_put",
		"margin_20_legs_to_call_put",
		"margin_128_legs_to_call_put",
	] {
		assert!(output["ratios"][ratio].is_number(), "{ratio}");
	}
	assert!(output["max_price_error"].as_f64().unwrap() < 1e-10);
	assert!(output["max_margin_error_ratio"].as_f64().unwrap() <= 1.0);
}
