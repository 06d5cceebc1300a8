// SPDX-License-Identifier: Apache-2.0
//! What the blob exports: `(count, seed) -> digest`, nothing else.
// `no_mangle` counts as unsafe code because two of one name would clash; each name here has a prefix.
#![allow(unsafe_code)]

use crate::{bench, digest};

macro_rules! exports {
	($($name:ident = $function:path;)*) => {
		$(
			#[cfg_attr(target_arch = "wasm32", no_mangle)]
			extern "C" fn $name(count: u32, seed: u32) -> u64 {
				$function(count, seed)
			}
		)*

		/// Keeps the exports in use where they are not exported.
		#[allow(dead_code)]
		const ALL: &[extern "C" fn(u32, u32) -> u64] = &[$($name,)*];
	};
}

exports! {
	probe_call_put = bench::call_put;
	probe_greeks = bench::greeks;
	probe_risk_array = bench::risk_array;
	probe_margin_20_legs = bench::margin_20_legs;
	probe_margin_128_legs = bench::margin_128_legs;
	probe_digest = digest::digest;
}
