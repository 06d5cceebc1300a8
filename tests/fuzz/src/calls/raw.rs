// SPDX-License-Identifier: Apache-2.0
//! Calls decoded from the fuzzer's own bytes.

use super::MAX_DEPTH;
use crate::bytes::Bytes;
use ballast_runtime::RuntimeCall;
use codec::{DecodeLimit, MemTrackingInput};

/// Indices of the pallets that have calls, those of the exchange first.
const PALLETS: [u8; 28] = [
	50, 51, 52, 53, 54, 55, 0, 1, 10, 12, 13, 15, 20, 21, 22, 23, 30, 31, 32, 33, 34, 40, 41, 42,
	43, 11, 14, 16,
];
/// Most memory that a decoded call may take.
const MAX_MEMORY: usize = 64 * 1_024;

/// The call that the bytes are, with the first of them naming the pallet.
pub fn call(bytes: &mut Bytes) -> Option<RuntimeCall> {
	let pallet = PALLETS[bytes.below(PALLETS.len())];
	let encoded = [&[pallet], bytes.rest()].concat();
	let mut input = &encoded[..];
	let mut limited = MemTrackingInput::new(&mut input, MAX_MEMORY);
	let call = RuntimeCall::decode_with_depth_limit(MAX_DEPTH, &mut limited).ok();
	bytes.skip(encoded.len() - 1 - input.len().min(encoded.len() - 1));
	call
}
