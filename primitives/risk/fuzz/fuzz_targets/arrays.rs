// SPDX-License-Identifier: Apache-2.0
#![no_main]
//! Pricing of any market, moved spots, and the search for liquidation prices.

mod bytes;

use ballast_pricing::Fixed;
use ballast_risk::*;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
	let mut from = Bytes(data);
	let b = &mut from;
	let real = |b: &mut Bytes| Fixed::<56>::from_bits(b.word() as i64 >> (b.byte() % 64));
	let [a, w, rho, m, sigma, tau] = core::array::from_fn(|_| real(b));
	let forward = b.price();
	let Ok(svi) = SviSlice::new(a, w, rho, m, sigma, forward, tau) else { return };
	let expiry = Expiry {
		seconds: (b.word() % 200_000_000) as u32,
		forward,
		forward_confidence: b.part(),
		rate: Ppb(b.ppb().0.wrapping_sub(500_000_000)),
		rate_confidence: b.part(),
		vol_confidence: b.part(),
		svi,
	};
	let parameters = PortfolioParameters::DEFAULT;
	let Ok(context) = ExpiryContext::new(&parameters, &DEFAULT_SCENARIOS, &expiry) else { return };
	let contexts = [context];
	let series: [Series; 3] = core::array::from_fn(|_| Series {
		expiry: 0,
		strike: b.price(),
		kind: if b.byte() % 2 == 0 { OptionKind::Call } else { OptionKind::Put },
	});
	let options: [Position; 3] =
		core::array::from_fn(|index| Position { series: index as u16, lots: b.lots() });
	let spot = b.price();
	let market = Market { spot, spot_confidence: b.part(), quote_price: Ppb::ONE };
	let market = PricedMarket { market, contexts: &contexts, series: &series };
	let book = Book::new(100, b.money(), &options);
	let Ok(model) = Portfolio::new(&parameters, &DEFAULT_SCENARIOS) else { return };
	let _ = model.margin_at(&market, &book, &Adjustments::NONE, b.price());
	let range = SearchRange { steps: 4, ..SearchRange::around(spot) };
	let _ = model.liquidation_prices(&market, &book, &Adjustments::NONE, &range);
});
