// SPDX-License-Identifier: Apache-2.0
#![no_main]
//! Auction, delay, concentration and multiplier with any arguments.

mod bytes;

use ballast_risk::*;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
	let mut from = Bytes(data);
	let b = &mut from;
	let auction = AuctionParameters { buffer: b.part(), ..AuctionParameters::DEFAULT };
	let state = AuctionState { mark: b.money(), maintenance: b.money(), reserved: b.money() };
	let (millis, discount, share) = (b.word(), b.ppb(), b.ppb());
	let _ = (auction.target(&state), auction.phase(&state, millis), auction.discount(millis));
	let _ = (auction.max_share(&state, discount), auction.price(&state, discount, share));
	let _ = auction.insolvent_payment(&state, millis, share);
	let measure = DelayMeasure {
		price_age_millis: b.word() as u32,
		backlog: b.word() as u32,
		capacity_per_second: b.word() as u32,
		auction_notice_millis: b.word() as u32,
		realised_vol: b.ppb(),
	};
	let delay = DelayParameters { z: b.ppb(), vol_floor: b.ppb() };
	let _ = (measure.delay_millis(), delay.unescapable_move(&measure));
	let concentration = ConcentrationParameters { threshold: b.ppb(), charge: b.ppb() };
	let _ = concentration.charge(b.lots(), b.lots(), b.price(), b.word() as u32);
	let multiplier = MultiplierParameters {
		slope: b.ppb(),
		highest: b.ppb(),
		rise_per_block: b.ppb(),
		fall_per_block: b.ppb(),
	};
	let _ = multiplier.next(b.ppb(), b.ppb(), b.ppb());
});
