// SPDX-License-Identifier: Apache-2.0
//! SVI slices and the arbitrage checks on any parameters.
#![no_main]

mod words;

use ballast_pricing::{arbitrage, Real, SviSlice, Vol};
use libfuzzer_sys::fuzz_target;
use words::Words;

fuzz_target!(|data: &[u8]| {
	let mut words = Words(data);
	// Most bytes would fail validation; narrower words reach the code behind it as well.
	let narrow = words.word() & 1 == 1;
	let parameter = |words: &mut Words, shift| {
		let bits = words.word();
		Real::from_bits(if narrow { bits >> shift } else { bits })
	};
	let a = parameter(&mut words, 6);
	let b = parameter(&mut words, 6);
	let rho = parameter(&mut words, 7);
	let m = parameter(&mut words, 6);
	let sigma = parameter(&mut words, 6);
	let (forward, tau) = (words.price(), words.real());
	let Ok(slice) = SviSlice::new(a, b, rho, m, sigma, forward, tau) else { return };
	let Ok(prepared) = slice.prepare() else { return };
	let strikes = [words.price(), words.price(), words.price()];
	for strike in strikes {
		if let Ok(vol) = prepared.vol(strike) {
			assert!(vol >= Vol::ZERO);
		}
	}
	let _ = (prepared.vol_at(words.real()), arbitrage::butterfly(&prepared, &strikes));
	let _ = arbitrage::calendar(&prepared, &prepared, &strikes);
});
