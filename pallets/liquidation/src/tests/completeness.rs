// SPDX-License-Identifier: Apache-2.0
//! After a finished search nobody under maintenance margin is left, whatever prices and owners did.

use super::*;
use ballast_risk::DelayParameters;
use proptest::prelude::*;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
	/// Spot moves by so many millionths, in a new round.
	Move { underlying: UnderlyingId, millionths: i64 },
	/// Volatility is that many parts per billion.
	Vol { underlying: UnderlyingId, ppb: i64 },
	/// An owner trades with the house.
	Trade { owner: AccountId, series: usize, lots: i64 },
	/// An owner pays in, in dollars.
	Deposit { owner: AccountId, dollars: i128 },
	/// Arrays of an underlying fall behind or catch up.
	Behind { underlying: UnderlyingId, is_behind: bool },
	/// Nothing can be said of drift, or something again.
	Drift { underlying: UnderlyingId, is_known: bool },
	/// A block with room for that many looks.
	Block { looks: Option<u64> },
	/// Time passes without prices.
	Gap { millis: u64 },
}

const OWNERS: std::ops::Range<AccountId> = 10..22;

fn series(index: usize) -> SeriesId {
	[line(BTC), call(90_000), call(110_000), put(90_000), put(100_000), line(ETH)][index % 6]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
	let underlying = prop_oneof![3 => Just(BTC), 1 => Just(ETH)];
	let millionths = prop_oneof![
		4 => -2_000..2_000i64,
		3 => -60_000..60_000i64,
		2 => -600_000..600_000i64,
	];
	let step = prop_oneof![
		5 => (underlying.clone(), millionths)
			.prop_map(|(underlying, millionths)| Step::Move { underlying, millionths }),
		2 => (underlying.clone(), 0..3_000_000_000i64)
			.prop_map(|(underlying, ppb)| Step::Vol { underlying, ppb }),
		4 => (OWNERS, 0..6usize, -150..150i64)
			.prop_map(|(owner, series, lots)| Step::Trade { owner, series, lots }),
		1 => (OWNERS, 1..30_000i128).prop_map(|(owner, dollars)| Step::Deposit { owner, dollars }),
		1 => (underlying.clone(), any::<bool>())
			.prop_map(|(underlying, is_behind)| Step::Behind { underlying, is_behind }),
		1 => (underlying, any::<bool>())
			.prop_map(|(underlying, is_known)| Step::Drift { underlying, is_known }),
		8 => prop_oneof![Just(None), (1..12u64).prop_map(Some)]
			.prop_map(|looks| Step::Block { looks }),
		1 => (1..60_000u64).prop_map(|millis| Step::Gap { millis }),
	];
	prop::collection::vec(step, 10..60)
}

fn make(step: &Step) {
	match *step {
		Step::Move { underlying, millionths } => {
			let spot = state(|state| state.spots[&underlying].0);
			// Within what a market can do, so that figures stay in range.
			let moved = spot + spot / 1_000_000 * millionths;
			set_spot_micro(underlying, moved.clamp(1_000_000_000, 900_000_000_000));
		},
		Step::Vol { underlying, ppb } => set_vol(underlying, ppb),
		Step::Trade { owner, series: index, lots } => {
			let key = key(owner);
			let is_free = !account(&key).frozen && !account(&super::key(HOUSE)).frozen;
			if lots > 0 && is_free {
				trade(&key, &super::key(HOUSE), series(index), lots);
			} else if lots < 0 && is_free {
				trade(&super::key(HOUSE), &key, series(index), -lots);
			}
		},
		Step::Deposit { owner, dollars } => {
			open(owner, dollars);
		},
		Step::Behind { underlying, is_behind } => state(|state| {
			match is_behind {
				true => state.behind.insert(underlying),
				false => state.behind.remove(&underlying),
			};
		}),
		Step::Drift { underlying, is_known } => state(|state| {
			match is_known {
				true => state.silent.remove(&underlying),
				false => state.silent.insert(underlying),
			};
		}),
		Step::Block { looks: None } => block(),
		Step::Block { looks: Some(looks) } => small_block(looks),
		Step::Gap { millis } => state(|state| state.now += millis),
	}
}

/// What a search by brute force would find and the search has missed.
fn missed() -> Vec<Key> {
	let is_searched = |account: &Account| {
		let series = account.positions.iter().map(|held| held.series.underlying);
		let mut all = series.peekable();
		all.peek().is_some() && all.all(|it| is_swept(it) && Fake::is_repriced(it))
	};
	all_accounts()
		.into_iter()
		.filter(|(_, account)| !account.frozen && is_searched(account))
		.filter(|(key, _)| margin(key).maintenance < 0)
		.map(|(key, _)| key)
		.collect()
}

fn run(parameters: Parameters, steps: &[Step]) {
	ExtBuilder::default().parameters(parameters).insurance(1_000).build_and_execute(|| {
		state(|state| state.realised = Some(Ppb::percent(80)));
		for owner in OWNERS {
			open(owner, 20_000);
		}
		for step in steps {
			make(step);
			if matches!(step, Step::Block { .. }) {
				let missed = missed();
				assert!(missed.is_empty(), "{step:?}: {missed:?}");
				Liquidation::do_try_state().expect("the invariants hold after each block");
				check_money();
			}
		}
		// Given room, a search ends and has found everybody.
		state(|state| state.behind.clear());
		block();
		assert!(!Sweep::<Test>::get().is_unfinished && missed().is_empty());
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(192))]

	#[test]
	fn finished_search_should_leave_nobody_under_maintenance(steps in steps()) {
		run(Parameters::default(), &steps);
	}

	#[test]
	fn finished_search_should_leave_nobody_when_the_delay_buffer_moves_too(steps in steps()) {
		let delay = DelayParameters { z: Ppb(10_000_000_000), vol_floor: Ppb::percent(100) };
		run(Parameters { delay, ..quick() }, &steps);
	}
}
