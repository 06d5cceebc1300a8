// SPDX-License-Identifier: Apache-2.0
//! Properties over bids, closings and the vault: no cent appears, nobody is made worse off than a call allows.

use super::*;
use proptest::prelude::*;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
	Move { thousandths: i64 },
	Trade { owner: AccountId, series: usize, lots: i64 },
	Bid { bidder: AccountId, owner: AccountId, share: i64 },
	Vault { who: AccountId, dollars: u128 },
	Leave { who: AccountId, part: u128 },
	Block { millis: u64 },
}

const OWNERS: std::ops::Range<AccountId> = 10..16;
/// A bid for the whole book.
const ALL: i64 = 1_000_000_000;

fn steps() -> impl Strategy<Value = Vec<Step>> {
	let step = prop_oneof![
		4 => (-120..120i64).prop_map(|thousandths| Step::Move { thousandths }),
		4 => (OWNERS, 0..4usize, -300..300i64)
			.prop_map(|(owner, series, lots)| Step::Trade { owner, series, lots }),
		6 => (OWNERS, OWNERS, prop_oneof![Just(1_000_000_000), 1..1_000_000_000i64])
			.prop_map(|(bidder, owner, share)| Step::Bid { bidder, owner, share }),
		1 => (OWNERS, 1..200_000u128).prop_map(|(who, dollars)| Step::Vault { who, dollars }),
		1 => (OWNERS, 1..4u128).prop_map(|(who, part)| Step::Leave { who, part }),
		6 => (1..90_000u64).prop_map(|millis| Step::Block { millis }),
	];
	prop::collection::vec(step, 10..60)
}

fn series(index: usize) -> SeriesId {
	[line(BTC), call(110_000), put(90_000), put(110_000)][index % 4]
}

/// A bid, and that it left both sides as it has to.
fn try_bid(bidder: AccountId, owner: AccountId, share: i64) {
	let target = |key: &Key| {
		let Margin { equity, maintenance, .. } = margin(key);
		maintenance - (equity - maintenance) * 15 / 100
	};
	let (own, other) = (key(owner), key(bidder));
	let (debt, before) = (account(&other).cash.min(0), target(&own));
	let sum = margin(&own).equity + margin(&other).equity + Bank::insurance() as i128;
	let owed = account(&own).cash.min(0);
	let done = frame_support::storage::with_storage_layer(|| {
		bid(bidder, &own, share).map_err(|error| error.error)
	});
	if done.is_ok() {
		assert!(target(&own) >= before.min(0), "a bid helps");
		assert!(account(&other).cash.min(0) >= debt + owed, "nobody borrows the price");
		let after = margin(&own).equity + margin(&other).equity + Bank::insurance() as i128;
		assert!((sum - after).abs() <= 4, "what one gives the others get");
	}
}

fn make(step: &Step) {
	match *step {
		Step::Move { thousandths } => {
			let spot = state(|state| state.spots[&BTC].0);
			let moved = spot + spot / 1_000 * thousandths;
			set_spot_micro(BTC, moved.clamp(20_000_000_000, 400_000_000_000));
		},
		Step::Trade { owner, series: index, lots } => {
			let (own, house) = (key(owner), key(HOUSE));
			if account(&own).frozen || account(&house).frozen || lots == 0 {
				return;
			}
			match lots > 0 {
				true => trade(&own, &house, series(index), lots),
				false => trade(&house, &own, series(index), -lots),
			}
		},
		Step::Bid { bidder, owner, share } => try_bid(bidder, owner, share),
		Step::Vault { who, dollars } => {
			let amount = dollars * USD as u128;
			let _ = frame_support::storage::with_storage_layer(|| {
				Liquidation::vault_deposit(signed(who), amount).map_err(|error| error.error)
			});
		},
		Step::Leave { who, part } => {
			let _ =
				Liquidation::vault_request_withdraw(signed(who), Shares::<Test>::get(who) / part);
		},
		Step::Block { millis } => block_after(millis),
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(192))]

	#[test]
	fn money_and_lots_should_be_conserved(steps in steps()) {
		let mut parameters = quick();
		parameters.house.vault_discount = Ppb::percent(80);
		parameters.house.vault_delay_millis = 60_000;
		ExtBuilder::default().parameters(parameters).insurance(5_000).build_and_execute(|| {
			for owner in OWNERS {
				open(owner, 30_000);
				wallet(owner, 100_000);
			}
			for step in &steps {
				make(step);
				check_money();
				Liquidation::do_try_state().expect("the invariants hold after each step");
			}
		});
	}

	#[test]
	fn self_liquidation_should_not_pay_when_another_key_of_the_owner_bids(
		lots in prop::collection::vec((0..4usize, -300..300i64), 1..5),
		spot in 85_000..115_000i64,
		equity in 1..1_000i128,
		parts in prop::collection::vec((1..ALL, 1..25_000u64), 0..4),
	) {
		ExtBuilder::default().parameters(quick()).insurance(1_000_000).build_and_execute(|| {
			let (own, second) = (open(ALICE, 0), open(BOB, 1_000_000_000));
			for (index, lots) in lots {
				match lots > 0 {
					true => trade(&own, &key(HOUSE), series(index), lots),
					false => trade(&key(HOUSE), &own, series(index), -lots),
				}
			}
			set_spot(BTC, spot);
			let now = margin(&own);
			let asked = now.equity - now.maintenance;
			prop_assume!(asked > 0);
			// Worth something, and less than it has to be.
			mint(ALICE, asked * equity / 1_000 - now.equity);
			block();
			prop_assert!(is_on_auction(&own));
			// Dollars and whole lots: nothing is rounded.
			let together = || margin(&own).equity + margin(&second).equity;
			let before = (together(), Bank::insurance());
			for (share, wait) in parts.into_iter().chain([(ALL, 1)]) {
				block_after(wait);
				if !is_on_auction(&own) || margin(&own).equity <= 0 {
					break;
				}
				let taken = frame_support::storage::with_storage_layer(|| {
					bid(BOB, &own, share).map_err(|error| error.error)
				});
				prop_assert!(taken.is_ok() || share < ALL, "{taken:?}");
				prop_assert_eq!((together(), Bank::insurance()), before);
			}
			Ok(())
		})?;
	}

	#[test]
	fn every_auction_should_end_when_prices_stand_still(
		moved in 30..200i64,
		lots in prop::collection::vec((0..4usize, -300..300i64), 1..5),
		insurance in prop_oneof![Just(0u128), 1..50_000u128],
	) {
		ExtBuilder::default().parameters(quick()).insurance(insurance).build_and_execute(|| {
			let alice = open(ALICE, 10_000);
			for (index, lots) in lots {
				match lots > 0 {
					true => trade(&alice, &key(HOUSE), series(index), lots),
					false => trade(&key(HOUSE), &alice, series(index), -lots),
				}
			}
			block();
			set_spot(BTC, 100_000 + 1_000 * moved / 2);
			block();
			// The house is on the other side of everything, hedged against nobody else: deleveraging can end it.
			for _ in 0..200 {
				block_after(10_000);
			}
			if is_on_auction(&alice) {
				// Only what would raise the requirement of its other side is left, as far as it was tried.
				let house = account(&key(HOUSE));
				let net: i64 = house.positions.iter().map(|held| match held.series.kind {
					OptionKind::Call => held.lots,
					OptionKind::Put => -held.lots,
				}).sum();
				let held = account(&alice);
				prop_assert!(held.positions.iter().all(|own| {
					let side = if own.series.kind == OptionKind::Call { -own.lots } else { own.lots };
					let least = (own.lots.abs() >> (crate::plan::HALVINGS - 1)).max(1);
					side.signum() != net.signum() || least > 2 * net.abs()
				}), "{held:?}");
			}
			Ok(())
		})?;
	}
}
