// SPDX-License-Identifier: Apache-2.0
#![no_main]
//! Standard margin of any account; orders only lower its initial margin.

mod bytes;

use ballast_risk::*;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

const COUNT: usize = 6;

fuzz_target!(|data: &[u8]| {
	let mut from = Bytes(data);
	let b = &mut from;
	let parameters = StandardParameters::DEFAULT;
	let expiries: [StandardExpiry; 2] =
		core::array::from_fn(|_| StandardExpiry { forward: b.price(), confidence: b.part() });
	let series: [Series; COUNT] = core::array::from_fn(|_| Series {
		expiry: b.byte() % 2,
		strike: b.price(),
		kind: if b.byte() % 2 == 0 { OptionKind::Call } else { OptionKind::Put },
	});
	let values: [Price; COUNT] = core::array::from_fn(|_| b.price());
	let options: [Position; COUNT] =
		core::array::from_fn(|index| Position { series: index as u16, lots: b.lots() });
	let orders: [Order; 3] = core::array::from_fn(|index| Order {
		series: index as u16,
		side: if b.byte() % 2 == 0 { Side::Buy } else { Side::Sell },
		lots: b.lots().saturating_abs(),
		price: b.price(),
		fee: b.money().abs(),
	});
	let underlying = Underlying {
		parameters: &parameters,
		spot: b.price(),
		spot_confidence: b.part(),
		lots_per_contract: 100,
		base: b.word(),
		base_units_per_token: b.word() % 2_000_000_000,
		perpetual: Perpetual {
			lots: b.lots(),
			price: b.price(),
			confidence: b.part(),
			unrealised_pnl: b.money(),
			unrealised_funding: b.money(),
		},
		expiries: &expiries,
		series: &series,
		values: &values,
		options: &options,
		orders: &[],
		charge: b.money().abs(),
	};
	let (quote_price, cash) = (b.ppb(), b.money());
	let margin = |orders| {
		let underlyings = [Underlying { orders, ..underlying }];
		Standard.margin(&StandardAccount { quote_price, cash, underlyings: &underlyings })
	};
	if let (Ok(none), Ok(some)) = (margin(&[]), margin(&orders)) {
		assert!(some.initial <= none.initial);
		assert_eq!(some.maintenance, none.maintenance);
	}
});
