// SPDX-License-Identifier: Apache-2.0
//! Compiles the yardsticks to Wasm exactly as the probe is.

#[cfg(feature = "std")]
fn main() {
	println!("cargo:rerun-if-changed=../wasm-probe/src/inputs.rs");
	substrate_wasm_builder::WasmBuilder::new()
		.with_current_project()
		.export_heap_base()
		.disable_runtime_version_section_check()
		.build();
}

#[cfg(not(feature = "std"))]
fn main() {}
