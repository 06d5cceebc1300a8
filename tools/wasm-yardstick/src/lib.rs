// SPDX-License-Identifier: Apache-2.0
//! Black-76 as others compute it, on the same options as the probe: in double precision with
//! `libm`, and in fixed point with the general functions of `fixed_analytics`.
//!
//! It has a blob of its own because floats have no place in the probe's.
#![cfg_attr(not(feature = "std"), no_std)]

mod double;
mod exports;
mod general;
// By path and not as a dependency: the probe's exports would come along.
#[path = "../../wasm-probe/src/inputs.rs"]
#[allow(dead_code)]
mod inputs;

pub use double::call_put as double_call_put;
pub use general::{call_put as general_call_put, call_put_rational as general_call_put_rational};

/// The blob, compressed as a runtime is; `None` where the build was told to skip Wasm.
#[cfg(feature = "std")]
pub const WASM: Option<&[u8]> = blob::WASM_BINARY;

#[cfg(feature = "std")]
#[allow(missing_docs, dead_code)]
mod blob {
	include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}

/// A runtime gets its panic handler from `sp-io`; here a panic ends the instance.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
	core::arch::wasm32::unreachable()
}
