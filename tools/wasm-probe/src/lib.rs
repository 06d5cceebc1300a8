// SPDX-License-Identifier: Apache-2.0
//! `ballast-pricing` and `ballast-risk` behind plain functions of integers, for comparison: the
//! same functions run natively and, compiled as the runtime is, in Wasm.
//!
//! The blob holds these two crates and nothing else, so that what is read in it is theirs.
#![cfg_attr(not(feature = "std"), no_std)]

pub mod bench;
pub mod digest;
mod exports;
pub mod inputs;
mod scene;

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
