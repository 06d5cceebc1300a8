// SPDX-License-Identifier: Apache-2.0
//! Prices and greeks: bounds and parity hold for every input, and nothing panics.
#![no_main]

mod words;

use ballast_pricing::{black76, black76::OptionKind, greeks, Discount, Probability, Sigma};
use libfuzzer_sys::fuzz_target;
use words::Words;

fuzz_target!(|data: &[u8]| {
	let mut words = Words(data);
	let (forward, strike, total_vol) = (words.price(), words.price(), words.real());
	let (ln_fk, vol, time) = (words.real(), words.real(), words.time());
	let discount = Discount::from_bits(words.word());
	if let Ok(sigma) = Sigma::new(total_vol) {
		let value = black76::call_put_prepared(forward, strike, ln_fk, &sigma);
		assert_eq!(value.call.minus(value.put), forward.minus(strike));
		assert!(value.call <= forward && value.put <= strike);
		for kind in [OptionKind::Call, OptionKind::Put] {
			assert!(value.side(kind) >= black76::payoff(kind, forward, strike));
			let side = black76::one_side(kind, forward, strike, ln_fk, &sigma);
			assert_eq!(side, value.side(kind));
		}
	}
	if let Ok(value) = black76::call_put_discounted(forward, strike, total_vol, discount) {
		let whole = black76::call_put(forward, strike, total_vol).expect("as good as discounted");
		assert!(value.call <= whole.call && value.put <= whole.put);
	}
	if let Ok(found) = greeks(forward, strike, vol, time) {
		assert!(found.call_delta >= Probability::ZERO && found.call_delta <= Probability::ONE);
		assert!(found.gamma >= 0 && found.vega >= 0 && found.theta <= 0);
	}
});
