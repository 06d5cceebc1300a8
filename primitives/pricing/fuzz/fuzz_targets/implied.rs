// SPDX-License-Identifier: Apache-2.0
//! Implied volatility ends for every input, and its answer reproduces the price.
#![no_main]

mod words;

use ballast_pricing::{black76, black76::OptionKind, implied, TotalVol};
use libfuzzer_sys::fuzz_target;
use words::Words;

fuzz_target!(|data: &[u8]| {
	let mut words = Words(data);
	let (forward, strike, price, time) =
		(words.price(), words.price(), words.price(), words.time());
	let kind = if words.word() & 1 == 0 { OptionKind::Call } else { OptionKind::Put };
	let _ = implied::vol(kind, forward, strike, time, price);
	let Ok(found) = implied::total_vol(kind, forward, strike, price) else { return };
	let at = |total_vol| {
		let value =
			black76::call_put(forward, strike, total_vol).expect("a total volatility in range");
		value.side(kind).pico_usd()
	};
	// Twice the error bound of the price kernel.
	let rounding = ((forward.pico_usd() as u64 + strike.pico_usd() as u64) >> 47) as i64 + 2;
	let below = TotalVol::from_bits((found.to_bits() - 1).max(0));
	assert!(at(found) >= price.pico_usd() - rounding);
	assert!(at(below) <= price.pico_usd() + rounding);
});
