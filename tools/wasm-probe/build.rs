// SPDX-License-Identifier: Apache-2.0
//! Compiles the probe to Wasm with the flags, the profile and the `wasm-opt` run of the runtime.

#[cfg(feature = "std")]
fn main() {
	// The runtime imports its memory and the executor turns that import into a memory of the module
	// before it compiles; without `import_memory` the linker makes it so at once.
	substrate_wasm_builder::WasmBuilder::new()
		.with_current_project()
		.export_heap_base()
		.disable_runtime_version_section_check()
		.build();
}

#[cfg(not(feature = "std"))]
fn main() {}
