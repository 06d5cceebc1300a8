// SPDX-License-Identifier: Apache-2.0
//! Runs the blobs as the node runs a runtime.

use sp_maybe_compressed_blob::{decompress, CODE_BLOB_BOMB_LIMIT};
use wasmtime::{Config, Engine, Instance, Module, OptLevel, Store, TypedFunc};

/// A function of a blob: `(count, seed) -> digest`.
pub type Function = TypedFunc<(u32, u32), u64>;

/// The native stack that the executor grants a runtime.
const STACK_BYTES: usize = 1024 * 1024;

/// Compiler and features as `sc-executor` sets them for block execution.
///
/// Left out is what changes no compiled loop: parallel compilation, caching, profiling, and the
/// pool that instances come from.
pub fn engine() -> Result<Engine, String> {
	let mut config = Config::new();
	config.cranelift_opt_level(OptLevel::SpeedAndSize);
	config.cranelift_nan_canonicalization(false);
	config.max_wasm_stack(STACK_BYTES);
	config.wasm_simd(false);
	config.wasm_relaxed_simd(false);
	config.wasm_bulk_memory(false);
	config.wasm_multi_value(false);
	config.wasm_multi_memory(false);
	config.wasm_memory64(false);
	config.wasm_tail_call(false);
	config.wasm_extended_const(false);
	config.memory_init_cow(true);
	config.memory_guaranteed_dense_image_size(u64::MAX);
	Engine::new(&config).map_err(|error| format!("no Wasm engine: {error:#}"))
}

/// The plain module of a blob.
pub fn module_bytes(blob: Option<&[u8]>) -> Result<Vec<u8>, String> {
	let blob = blob.ok_or("built without Wasm (SKIP_WASM_BUILD was set)")?;
	let bytes = decompress(blob, CODE_BLOB_BOMB_LIMIT)
		.map_err(|error| format!("the blob does not decompress: {error}"))?;
	Ok(bytes.into_owned())
}

/// An instance of a blob, ready to be called.
pub struct Blob {
	store: Store<()>,
	instance: Instance,
}

impl Blob {
	/// Compiles and instantiates.
	pub fn new(engine: &Engine, blob: Option<&[u8]>) -> Result<Self, String> {
		let module = Module::new(engine, module_bytes(blob)?)
			.map_err(|error| format!("the blob does not compile: {error:#}"))?;
		let mut store = Store::new(engine, ());
		let instance = Instance::new(&mut store, &module, &[])
			.map_err(|error| format!("the blob does not start: {error:#}"))?;
		Ok(Self { store, instance })
	}

	/// An exported function.
	pub fn function(&mut self, name: &str) -> Result<Function, String> {
		self.instance
			.get_typed_func(&mut self.store, name)
			.map_err(|error| format!("{name}: {error:#}"))
	}

	/// Calls a function of this blob.
	pub fn call(&mut self, function: &Function, count: u32, seed: u32) -> Result<u64, String> {
		function.call(&mut self.store, (count, seed)).map_err(|error| format!("{error:#}"))
	}
}
