// SPDX-License-Identifier: Apache-2.0
//! The real runtime: genesis of its development preset, blocks as a node makes them, and what its
//! storage says at their end.

use crate::{
	account::{Account, Key},
	conditions::{Conditions, Search, Seen},
	ensure,
	ledger::{Ledger, USDC},
	market::{Expiry, Life, Market},
	regime::Regime,
	Outcome,
};
use ballast_exchange::{Moment, PriceReport, SeriesId, SpotPrice, UnderlyingId};
use ballast_runtime::{
	constants::time::SLOT_MILLIS, genesis, AccountId, AllPalletsWithSystem, Assets, Balances,
	BlockNumber, Clearing, Executive, Header, OrderBook, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, RuntimeOrigin, System, UncheckedExtrinsic,
};
use codec::{Decode, Encode};
use frame_support::{
	storage::{storage_prefix, unhashed},
	traits::{fungible::InspectHold, OnFinalize, OnIdle},
	weights::Weight,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::storage::Storage;
use sp_runtime::{
	traits::{Dispatchable, Header as _},
	BuildStorage, Digest, DigestItem, DispatchError,
};
use std::collections::{BTreeMap, BTreeSet};

/// Phases of an auction, in a few blocks each.
const QUICK_MILLIS: [(&str, u64); 3] =
	[("fast_millis", 10_000), ("slow_millis", 10_000), ("insolvent_millis", 15_000)];

/// Every so many blocks the header with its state root is computed, as in a node; in between only the
/// hooks run, as the root of the test's state would take most of the time.
const BLOCKS_PER_ROOT: BlockNumber = 50;

/// The genesis state of the development preset, with fewer expiries and strikes so that a block is
/// computed in a millisecond, and with the insurance and the auctions of the regime.
pub fn genesis_storage(regime: &Regime) -> Storage {
	let patch = genesis::preset(&genesis::DEV_RUNTIME_PRESET.into()).expect("the preset exists");
	let mut patch: serde_json::Value = serde_json::from_slice(&patch).expect("it is JSON");
	let schedules = [(2, 1, 0, 1), (1, 1, 0, 0), (1, 0, 1, 0)];
	for (index, (minutes, dailies, weeklies, quarterlies)) in schedules.into_iter().enumerate() {
		patch["options"]["underlyings"][index]["schedule"] = serde_json::json!({
			"minutes": { "period_minutes": 2, "count": minutes },
			"dailies": dailies,
			"weeklies": weeklies,
			"monthlies": 0,
			"quarterlies": quarterlies,
			"strikes_each_side": 3,
			"strike_step_ppb": 200_000_000,
		});
	}
	insure(&mut patch, regime.insurance);
	if regime.quick {
		let auction = &mut patch["liquidation"]["parameters"]["auction"];
		for (phase, millis) in QUICK_MILLIS {
			auction[phase] = millis.into();
		}
	}
	let mut json = serde_json::to_value(RuntimeGenesisConfig::default()).expect("it is JSON");
	merge(&mut json, patch);
	let config: RuntimeGenesisConfig = serde_json::from_value(json).expect("the patch fits");
	config.build_storage().expect("the genesis is sound")
}

/// Replaces the insurance fund, and what backs it.
fn insure(patch: &mut serde_json::Value, amount: u128) {
	let amount = u64::try_from(amount).expect("a number of JSON");
	patch["clearing"]["insurance"] = amount.into();
	let pool = serde_json::to_value(Clearing::account_id()).expect("it is JSON");
	let accounts = patch["assets"]["accounts"].as_array_mut().expect("accounts of assets");
	accounts.retain(|account| account[1] != pool);
	if amount > 0 {
		accounts.push(serde_json::json!([USDC, pool, amount]));
	}
}

/// Merges a genesis patch as the chain spec does (RFC 7396).
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
	match (base, patch) {
		(serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(serde_json::Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}

/// What a call came to.
pub struct Dispatched {
	/// The name of its error.
	pub error: Option<&'static str>,
	/// Its events.
	pub events: Vec<RuntimeEvent>,
}

/// Begins a block: hooks, inherents, the protocol's part. Returns its events so far.
pub fn begin_block(
	number: BlockNumber,
	slot: u64,
	report: Option<PriceReport>,
) -> Vec<RuntimeEvent> {
	let digest =
		Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(slot).encode())] };
	let parent = sp_core::H256::from_low_u64_be(number.into());
	let header = Header::new(number, Default::default(), Default::default(), parent, digest);
	Executive::initialize_block(&header);
	let now = slot * SLOT_MILLIS;
	inherent(pallet_timestamp::Call::set { now }.into());
	if let Some(report) = report {
		inherent(pallet_prices::Call::report { report }.into());
	}
	Executive::inherents_applied();
	events_after(0)
}

fn inherent(call: RuntimeCall) {
	let applied = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(call));
	assert!(matches!(applied, Ok(Ok(()))), "an inherent fails: {applied:?}");
}

/// Makes a call as a transaction in the block does, without its fee.
pub fn dispatch(call: RuntimeCall, origin: RuntimeOrigin) -> Dispatched {
	let before = System::event_count() as usize;
	let result = call.dispatch(origin);
	Dispatched { error: result.err().map(|error| name(error.error)), events: events_after(before) }
}

fn name(error: DispatchError) -> &'static str {
	match error {
		DispatchError::Module(module) => module.message.unwrap_or("an error without a name"),
		other => other.into(),
	}
}

fn events_after(count: usize) -> Vec<RuntimeEvent> {
	System::read_events_no_consensus().skip(count).map(|record| record.event).collect()
}

/// Ends a block; returns the events of its end.
pub fn end_block(number: BlockNumber) -> Vec<RuntimeEvent> {
	let before = System::event_count() as usize;
	if number.is_multiple_of(BLOCKS_PER_ROOT) {
		Executive::finalize_block();
	} else {
		System::note_finished_extrinsics();
		let limit = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
		let left = limit.saturating_sub(System::block_weight().total());
		if left.all_gt(Weight::zero()) {
			AllPalletsWithSystem::on_idle(number, left);
		}
		AllPalletsWithSystem::on_finalize(number);
		unhashed::kill(&storage_prefix(b"System", b"InherentsApplied"));
		unhashed::kill(&storage_prefix(b"System", b"ExecutionPhase"));
	}
	events_after(before)
}

/// Expiries that the chain has yet to price.
pub fn pending_repricing() -> BTreeSet<Expiry> {
	pallet_options::PendingRepricing::<Runtime>::get().into_iter().collect()
}

/// What the chain says of itself before a block.
pub fn seen(backlog: usize) -> Seen {
	let last = pallet_liquidation::Sweep::<Runtime>::get();
	Seen {
		search: match (last.is_unfinished, last.found) {
			(true, _) => Search::Unfinished,
			(false, 0) => Search::FoundNobody,
			(false, _) => Search::FoundSome,
		},
		known: pallet_liquidation::Known::<Runtime>::get().into_iter().collect(),
		backlog: backlog as u64,
		per_block: pallet_liquidation::Pallet::<Runtime>::capacity_per_block().into(),
	}
}

/// What the chain has measured of an underlying.
pub fn measured(underlying: UnderlyingId) -> Conditions {
	let found = pallet_liquidation::Measured::<Runtime>::get(underlying);
	Conditions {
		delay_move: found.delay_move.0,
		last_rise: found.last_rise.0,
		multiplier: (found.multiplier.0 as f64 / 1e9).max(1.0),
		mean_vol: found.mean_vol_fine as f64 / (1u64 << 20) as f64 / 1e9,
		mean_blocks: found.mean_blocks,
		realised_vol: found.realised_vol.0 as f64 / 1e9,
		price_age: found.price_age_millis.into(),
		delay: found.delay_millis.into(),
	}
}

/// The invariants of the exchange's pallets.
pub fn try_state() -> Outcome {
	let checks = [
		pallet_prices::Pallet::<Runtime>::do_try_state,
		pallet_options::Pallet::<Runtime>::do_try_state,
		pallet_clearing::Pallet::<Runtime>::do_try_state,
		pallet_order_book::Pallet::<Runtime>::do_try_state,
		pallet_liquidation::Pallet::<Runtime>::do_try_state,
		pallet_lanes::Pallet::<Runtime>::do_try_state,
	];
	for check in checks {
		check().map_err(|error| format!("try_state: {error:?}"))?;
	}
	Ok(())
}

/// What margin says of an account: equity, maintenance and initial margin in dollars, and whether prices
/// are fresh; the error's name otherwise.
pub fn report(key: &Key) -> Result<([f64; 3], bool), String> {
	let report = Clearing::margin_report(key).map_err(|error| format!("{error:?}"))?;
	let margin = report.margin;
	let dollars = |micro: i128| micro as f64 / 1e6;
	Ok(([margin.equity, margin.maintenance, margin.initial].map(dollars), report.fresh))
}

/// What the ledger starts from.
pub fn read_wallets(ledger: &mut Ledger, owners: &[AccountId], insurance: u128) {
	ledger.insurance = insurance;
	if insurance > 0 {
		ledger.held.insert(USDC, insurance);
	}
	for owner in owners {
		for asset in USDC..=4 {
			let balance = Assets::balance(asset, owner);
			ledger.wallets.insert((owner.clone(), asset), balance);
		}
		ledger.holds.insert(owner.clone(), Balances::total_balance_on_hold(owner));
	}
}

/// Compares everything the ledger knows with storage.
pub fn compare(ledger: &Ledger, market: &Market) -> Outcome {
	let stored: BTreeMap<Key, Account> = pallet_clearing::Accounts::<Runtime>::iter()
		.map(|(key, account)| (key, Account::from_stored(&account)))
		.collect();
	for (key, account) in &ledger.accounts {
		let found = stored.get(key);
		ensure!(found == Some(account), "{key:?}\n  ledger {account:?}\n storage {found:?}");
	}
	ensure!(stored.len() == ledger.accounts.len(), "accounts that the ledger does not know");
	compare_sums(ledger)?;
	for ((owner, asset), balance) in &ledger.wallets {
		let found = Assets::balance(*asset, owner);
		ensure!(
			found == *balance,
			"asset {asset} of {owner:?}: {found}, the ledger says {balance}"
		);
	}
	for (owner, held) in &ledger.holds {
		let found = Balances::total_balance_on_hold(owner);
		ensure!(found == *held, "BAL on hold of {owner:?}: {found}, the ledger says {held}");
	}
	compare_listing(market)
}

fn compare_sums(ledger: &Ledger) -> Outcome {
	let open: BTreeMap<SeriesId, i64> = pallet_clearing::OpenInterest::<Runtime>::iter().collect();
	let expected = ledger.open_interest();
	ensure!(open == expected, "open interest: {open:?}, the ledger says {expected:?}");
	let held: BTreeMap<u32, u128> = pallet_clearing::Held::<Runtime>::iter().collect();
	ensure!(held == ledger.held, "held: {held:?}, the ledger says {:?}", ledger.held);
	for asset in held.keys() {
		let there = Assets::balance(*asset, Clearing::account_id());
		ensure!(there == held[asset], "the pallet's account holds {there} of asset {asset}");
	}
	let sums = [
		("fees", pallet_clearing::FeesCollected::<Runtime>::get(), ledger.fees),
		("insurance", pallet_clearing::Insurance::<Runtime>::get(), ledger.insurance),
		("debt", pallet_clearing::Debt::<Runtime>::get(), ledger.debt()),
	];
	for (name, found, expected) in sums {
		ensure!(found == expected, "{name}: {found}, the ledger says {expected}");
	}
	Ok(())
}

fn compare_listing(market: &Market) -> Outcome {
	use pallet_options::ExpiryState;
	for (id, underlying) in &market.underlyings {
		let stored = pallet_options::Expiries::<Runtime>::get(id);
		let stored: BTreeMap<Moment, Life> = stored
			.iter()
			.map(|entry| {
				let life = match entry.state {
					ExpiryState::Trading => Life::Trading,
					ExpiryState::Expired => Life::Expired,
					ExpiryState::Settling { price } => Life::Settling(price.pico_usd().into()),
					ExpiryState::Settled { .. } => Life::Settled,
				};
				(entry.expiry, life)
			})
			.collect();
		let listed: BTreeMap<Moment, Life> =
			underlying.listed.iter().map(|(expiry, it)| (*expiry, it.life)).collect();
		ensure!(stored == listed, "listed: {stored:?}, the record says {listed:?}");
	}
	Ok(())
}

/// The head of a stored `PricedExpiry`: decoding all of its arrays each block would take too long.
#[derive(Debug, Decode)]
struct PricedHead {
	round: u64,
	at: Moment,
	_spot: SpotPrice,
	seconds: u32,
	forward: i64,
}

/// Compares what every live expiry was last priced from.
pub fn compare_priced(market: &Market) -> Outcome {
	for (id, underlying) in &market.underlyings {
		for (expiry, listed) in &underlying.listed {
			if listed.life == Life::Settled {
				continue;
			}
			let key = pallet_options::Priced::<Runtime>::hashed_key_for(id, expiry);
			let head: Option<PricedHead> =
				unhashed::get_raw(&key).and_then(|raw| PricedHead::decode(&mut &raw[..]).ok());
			let head = head.map(|it| (it.round, it.at, it.seconds, i128::from(it.forward)));
			let own = listed.priced.as_ref();
			let own = own.map(|it| (it.round, it.at, it.seconds, it.forward));
			ensure!(
				head == own,
				"{id} {expiry} is priced from (round, at, seconds, forward) {head:?}, the record says {own:?}"
			);
		}
	}
	Ok(())
}

/// Compares the levels of a book with the orders of the ledger.
pub fn compare_depth(ledger: &Ledger, series: &SeriesId) -> Outcome {
	use ballast_exchange::Side;
	let mut sides: [BTreeMap<u64, (i64, u32)>; 2] = Default::default();
	for order in ledger.accounts.values().flat_map(|account| account.orders.values()) {
		if order.series == *series {
			let side = &mut sides[usize::from(order.side == Side::Sell)];
			let level = side.entry(order.price).or_default();
			*level = (level.0 + order.lots, level.1 + 1);
		}
	}
	let [bids, asks] = sides;
	let flat = |(price, (lots, orders)): (u64, (i64, u32))| (price, lots, orders);
	let bids: Vec<_> = bids.into_iter().rev().map(flat).collect();
	let asks: Vec<_> = asks.into_iter().map(flat).collect();
	let found = OrderBook::depth(series, 512);
	ensure!(found == (bids.clone(), asks.clone()), "{series:?}: {found:?}, not {bids:?} {asks:?}");
	Ok(())
}
