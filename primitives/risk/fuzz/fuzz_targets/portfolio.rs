// SPDX-License-Identifier: Apache-2.0
#![no_main]
//! Portfolio margin, bound and trades from any stored round; report and margin agree.

mod bytes;

use ballast_risk::*;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

const COUNT: usize = 4;
const SCENARIOS: usize = 33;

fuzz_target!(|data: &[u8]| {
	let mut from = Bytes(data);
	let b = &mut from;
	let parameters = PortfolioParameters::DEFAULT;
	let expiries: [ExpiryTerms; 3] = core::array::from_fn(|_| ExpiryTerms {
		confidence: b.part(),
		discount_long: Factor(b.word()),
		discount_short: Factor(b.word()),
		basis: Factor(b.word()),
		live: Factor(b.word()),
		discounted_forward: b.price(),
		skew_slope: b.ppb(),
	});
	let series: [Series; COUNT] = core::array::from_fn(|_| Series {
		expiry: b.byte() % 4,
		strike: b.price(),
		kind: if b.byte() % 2 == 0 { OptionKind::Call } else { OptionKind::Put },
	});
	let options: [Position; COUNT] =
		core::array::from_fn(|index| Position { series: index as u16, lots: b.lots() });
	let orders: [Order; 2] = core::array::from_fn(|index| Order {
		series: index as u16,
		side: if b.byte() % 2 == 0 { Side::Buy } else { Side::Sell },
		lots: b.lots().saturating_abs(),
		price: b.price(),
		fee: b.money().abs(),
	});
	let collateral = [Collateral {
		amount: b.word(),
		units_per_token: b.word() % 2_000_000_000,
		price: b.price(),
		confidence: b.part(),
		hedges_spot: b.byte() % 2 == 0,
		haircut_initial: b.part(),
		haircut_maintenance: b.part(),
	}];
	let market = Market { spot: b.price(), spot_confidence: b.part(), quote_price: b.ppb() };
	let perpetual = Perpetual {
		lots: b.lots(),
		price: b.price(),
		confidence: b.part(),
		unrealised_pnl: b.money(),
		unrealised_funding: b.money(),
	};
	let adjustments = Adjustments {
		initial_multiplier: Ppb(1_000_000_000 + b.part().0),
		delay_move: b.ppb(),
		concentration: b.money().abs(),
	};
	let (cash, surplus) = (b.money(), b.money());
	let entries: Vec<i64> =
		(0..COUNT * (FIXED_ENTRIES + SCENARIOS)).map(|_| b.word() as i64).collect();
	let arrays = RiskArrays::new(&entries, SCENARIOS);
	let round = Round { market, expiries: &expiries, series: &series, arrays: &arrays };
	let book = Book {
		lots_per_contract: 100,
		cash,
		options: &options,
		perpetual,
		collateral: &collateral,
	};
	let account =
		PortfolioAccount { round, book, orders: &orders[..cash as usize % 3], adjustments };
	let Ok(model) = Portfolio::new(&parameters, &DEFAULT_SCENARIOS) else { return };
	assert_eq!(model.margin(&account), model.report(&account).map(|report| report.margin));
	let _ = model.effect(&account, &orders[1]);
	if let Ok(bound) = model.surplus_bound(&account) {
		let distance = bound.safe_distance(surplus);
		if bound.relative_fall > 0 && distance > Price::ZERO {
			assert!(bound.fall(distance) <= surplus);
		}
	}
});
