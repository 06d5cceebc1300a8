// SPDX-License-Identifier: Apache-2.0

//! Compiles the runtime to Wasm and embeds the blob in the native crate.

#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
fn main() {
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

#[cfg(all(feature = "std", feature = "metadata-hash"))]
fn main() {
	// Token symbol and decimals are part of the hash: they are what an offline signer displays.
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("BAL", 12)
		.build();
}

#[cfg(not(feature = "std"))]
fn main() {}
