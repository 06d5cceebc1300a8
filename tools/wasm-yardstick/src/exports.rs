// SPDX-License-Identifier: Apache-2.0
//! What the blob exports: `(count, seed) -> digest`, nothing else.
// `no_mangle` counts as unsafe code because two of one name would clash; each name here has a prefix.
#![allow(unsafe_code)]

use crate::{double, general};

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
	yardstick_double = double::call_put;
	yardstick_general = general::call_put;
	yardstick_general_rational = general::call_put_rational;
}
