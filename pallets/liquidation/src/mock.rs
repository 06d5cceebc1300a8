// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet over a custody simple enough to be checked by hand.
//!
//! A contract of strike zero is worth spot: a line. Others are worth what they would pay now: a line with a bend.
//! Maintenance asks for a part of spot per net lot, and for volatility and the delay buffer on a hundredth of spot per
//! lot, so that the bounds of [`Safety`] are nearly exact, and hold within their range of spot alone.

mod bank;

pub use bank::{margin_of, micros, Bank};

use crate as pallet_liquidation;
use crate::{KeyOf, Parameters, WeightInfo};
use ballast_exchange::*;
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{ConstU128, ConstU32, Contains, Time},
	weights::{Weight, WeightMeter},
	Blake2_128Concat, PalletId,
};
use frame_system::EnsureRoot;
use sp_runtime::{BuildStorage, DispatchError};
use std::{
	cell::RefCell,
	collections::{BTreeMap, BTreeSet},
};

pub type AccountId = u64;
pub type Key = KeyOf<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(55)]
	pub type Liquidation = pallet_liquidation;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

parameter_types! {
	pub const VaultPalletId: PalletId = PalletId(*b"blstliqu");
	/// Tests of a chain that leaves the search to its users say no.
	pub static Searches: bool = true;
	pub static BidBudget: Weight = Weight::from_parts(50_000_000_000, 1_000_000);
	pub const CancelWeight: Weight = Weight::from_parts(1_000_000, 100);
}

/// What a test custody says when its records contradict each other.
pub struct Corrupt;

impl Contains<DispatchError> for Corrupt {
	fn contains(error: &DispatchError) -> bool {
		*error == DispatchError::Other("corrupt")
	}
}

impl pallet_liquidation::Config for Test {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Custody = Bank;
	type Orders = Bank;
	type Markets = Fake;
	type Prices = Fake;
	type Time = Fake;
	type Corruption = Corrupt;
	type PalletId = VaultPalletId;
	type Searches = Searches;
	type BidBudget = BidBudget;
	type CancelWeight = CancelWeight;
	type MinVaultDeposit = ConstU128<1_000_000>;
	type MaxAuctionVisits = ConstU32<16>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fake;
}

/// Takes the other side of every trade; has more than it can lose.
pub const HOUSE: AccountId = 1;
pub const ALICE: AccountId = 2;
pub const BOB: AccountId = 3;
pub const CAROL: AccountId = 4;
pub const DAVE: AccountId = 5;

pub const BTC: UnderlyingId = 1;
pub const ETH: UnderlyingId = 2;
/// Follows BTC, 100 million units a coin.
pub const WBTC: AssetId = 2;

pub const USD: i128 = 1_000_000;
pub const LOTS: u32 = 100;
pub const START: Moment = 1_790_000_000_000;
pub const EXPIRY: Moment = START + 7 * 86_400_000;
pub const BLOCK: u64 = 500;
pub const MAX_AGE: u64 = 30_000;
const BILLION: i128 = 1_000_000_000;

/// What tests decide about the market.
#[derive(Clone, Default)]
pub struct State {
	pub now: Moment,
	/// Micro-USD, and when that was.
	pub spots: BTreeMap<UnderlyingId, (i64, Moment)>,
	pub rounds: BTreeMap<UnderlyingId, RoundNumber>,
	pub vols: BTreeMap<UnderlyingId, i64>,
	pub drifts: BTreeMap<UnderlyingId, u64>,
	/// Underlyings of whose drift nothing can be said.
	pub silent: BTreeSet<UnderlyingId>,
	/// Underlyings whose arrays are not all of the latest round.
	pub behind: BTreeSet<UnderlyingId>,
	pub realised: Option<Ppb>,
	/// Hundredths of collateral's worth that do not count, beyond ten.
	pub haircut: i128,
	pub frozen: BTreeSet<UnderlyingId>,
	/// Accounts whose margin fails, and how.
	pub failing: BTreeMap<(AccountId, u16), DispatchError>,
	/// Who cannot be paid.
	pub blocked: BTreeSet<AccountId>,
	/// The account that was read last.
	pub peeked: Option<Key>,
	/// Accounts whose safety was asked for, in order.
	pub looks: Vec<Key>,
}

thread_local! {
	static STATE: RefCell<State> = RefCell::default();
}

/// Reads or changes the market.
pub fn state<R>(f: impl FnOnce(&mut State) -> R) -> R {
	STATE.with(|state| f(&mut state.borrow_mut()))
}

#[storage_alias]
type Ledger = StorageMap<Mock, Blake2_128Concat, Key, Account>;
#[storage_alias]
type Fund = StorageValue<Mock, u128, frame_support::pallet_prelude::ValueQuery>;
#[storage_alias]
type Wallets =
	StorageMap<Mock, Blake2_128Concat, AccountId, u128, frame_support::pallet_prelude::ValueQuery>;
#[storage_alias]
type Minted = StorageValue<Mock, i128, frame_support::pallet_prelude::ValueQuery>;

/// The market as tests have set it.
pub struct Fake;

impl Time for Fake {
	type Moment = Moment;

	fn now() -> Moment {
		state(|state| state.now)
	}
}

fn spot_of(underlying: UnderlyingId) -> i128 {
	state(|state| state.spots.get(&underlying).map_or(0, |(spot, _)| i128::from(*spot)))
}

fn value_of(series: &SeriesId) -> i128 {
	let (spot, strike) = (spot_of(series.underlying), i128::from(series.strike));
	match series.kind {
		OptionKind::Call => (spot - strike).max(0),
		OptionKind::Put => (strike - spot).max(0),
	}
}

impl Markets for Fake {
	fn terms(_: UnderlyingId) -> Option<MarketTerms> {
		Some(MarketTerms {
			lots_per_contract: LOTS,
			tick: 100,
			min_order_lots: 1,
			max_order_lots: 1_000_000,
			max_open_interest: 1_000_000_000,
			base_asset: WBTC,
			maker_fee_ppb: 0,
			taker_fee_ppb: 0,
			fee_cap_ppb: 0,
		})
	}

	fn underlying_of(asset: AssetId) -> Option<UnderlyingId> {
		(asset == WBTC).then_some(BTC)
	}

	fn portfolio_model(_: UnderlyingId) -> Option<PortfolioModel> {
		None
	}

	fn standard_parameters(_: UnderlyingId) -> Option<ballast_risk::StandardParameters> {
		None
	}

	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		state(|state| {
			let (spot, at) = state.spots.get(&underlying)?;
			let price = Price::from_micro_usd(*spot).unwrap();
			Some(Aged::new(SpotPrice { price, confidence: Ppb::ONE }, *at, state.now))
		})
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		state(|state| Some(Aged::new(Ppb::ONE, state.now, state.now)))
	}

	fn max_price_age_millis() -> u64 {
		MAX_AGE
	}

	/// The strikes that the tests use, each as a call and as a put.
	fn priced(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<PricedExpiry>> {
		let spot = <Self as Markets>::spot(underlying)?;
		let strikes: Vec<u64> = strikes();
		let of = |strike: &u64| {
			[OptionKind::Call, OptionKind::Put].map(|kind| {
				let series = SeriesId { underlying, expiry, strike: *strike, kind };
				(value_of(&series) * 1_000_000) as i64
			})
		};
		Some(spot.map(|spot| PricedExpiry {
			round: 1,
			at: 0,
			spot,
			seconds: 1,
			forward: spot.price,
			confidence: Ppb::ONE,
			terms: Default::default(),
			entries: strikes.iter().flat_map(of).collect(),
			values: vec![],
			strikes,
			width: 1,
		}))
	}

	fn drift(underlying: UnderlyingId) -> Option<u64> {
		let drift = state(|state| state.drifts.get(&underlying).copied().unwrap_or(0));
		state(|state| !state.silent.contains(&underlying)).then_some(drift)
	}

	fn is_repriced(underlying: UnderlyingId) -> bool {
		let is_fresh =
			<Self as Markets>::spot(underlying).is_some_and(|spot| spot.age_millis() <= MAX_AGE);
		is_fresh && state(|state| !state.behind.contains(&underlying))
	}

	fn freeze(underlying: UnderlyingId) -> bool {
		state(|state| state.frozen.insert(underlying))
	}

	fn status(_: &SeriesId) -> SeriesStatus {
		SeriesStatus::Trading
	}

	fn expiries(_: UnderlyingId) -> Vec<Moment> {
		vec![EXPIRY]
	}

	fn next_settling() -> Option<Settling> {
		None
	}

	fn settled(_: UnderlyingId, _: Moment) {}

	fn next_pruning() -> Option<(UnderlyingId, Moment)> {
		None
	}

	fn pruned(_: UnderlyingId, _: Moment) {}
}

impl PriceSource for Fake {
	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		<Self as Markets>::spot(underlying)
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		<Self as Markets>::quote_price()
	}

	fn expiry(_: UnderlyingId, _: Moment) -> Option<Aged<ExpiryPrice>> {
		None
	}

	fn round(underlying: UnderlyingId) -> RoundNumber {
		state(|state| state.rounds.get(&underlying).copied().unwrap_or(0))
	}

	fn max_age_millis() -> u64 {
		MAX_AGE
	}

	fn settlement_window_millis() -> u64 {
		1_800_000
	}

	fn settlement(_: UnderlyingId, _: Moment) -> SettlementAverage {
		SettlementAverage::default()
	}

	fn realised_vol(_: UnderlyingId) -> Option<Ppb> {
		state(|state| state.realised)
	}

	fn forget(_: UnderlyingId, _: Moment) {}
}

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper<AccountId> for Fake {
	fn market(expiries: u32, strikes: u32) -> Vec<SeriesId> {
		new_round();
		let of = |n: u64| {
			(0..u64::from(strikes)).flat_map(move |strike| {
				[OptionKind::Call, OptionKind::Put].map(|kind| SeriesId {
					underlying: BTC,
					expiry: EXPIRY + n,
					strike: strike * 1_000_000_000,
					kind,
				})
			})
		};
		(0..u64::from(expiries)).flat_map(of).collect()
	}

	fn fund(who: &AccountId, _: AssetId, amount: u128) {
		Wallets::mutate(who, |held| *held += amount);
	}

	fn assets() -> (AssetId, AssetId) {
		(1, WBTC)
	}

	fn expire(_: ExpiryId) {}
}

fn strikes() -> Vec<u64> {
	[0, 3_000, 4_000, 80_000, 90_000, 100_000, 110_000, 120_000].map(|usd| usd * 1_000_000).into()
}

pub fn key(owner: AccountId) -> Key {
	AccountKey { owner, index: 0 }
}

/// A contract that is worth spot.
pub fn line(underlying: UnderlyingId) -> SeriesId {
	SeriesId { underlying, expiry: EXPIRY, strike: 0, kind: OptionKind::Call }
}

pub fn call(strike: u64) -> SeriesId {
	SeriesId { strike: strike * 1_000_000, ..line(BTC) }
}

pub fn put(strike: u64) -> SeriesId {
	SeriesId { kind: OptionKind::Put, ..call(strike) }
}

/// Adds micro-USD to an account from nowhere, and opens it if need be.
pub fn mint(owner: AccountId, micro: i128) -> Key {
	let key = key(owner);
	let mut account = Ledger::get(key).unwrap_or_else(|| Account::new(MarginKind::Standard));
	account.cash += micro;
	Minted::mutate(|minted| *minted += micro);
	Bank::store(&key, account).unwrap();
	key
}

/// An account with that many dollars.
pub fn open(owner: AccountId, dollars: i128) -> Key {
	mint(owner, dollars * USD)
}

pub fn wallet(owner: AccountId, dollars: u128) {
	Wallets::mutate(owner, |held| *held += dollars * USD as u128);
	Minted::mutate(|minted| *minted += dollars as i128 * USD);
}

pub fn wallet_of(owner: AccountId) -> u128 {
	Wallets::get(owner)
}

pub fn insure(dollars: u128) {
	Fund::mutate(|fund| *fund += dollars * USD as u128);
	Minted::mutate(|minted| *minted += dollars as i128 * USD);
}

pub fn account(key: &Key) -> Account {
	Ledger::get(key).expect("the account exists")
}

/// Writes an account as an owner's call would.
pub fn put_account(key: &Key, account: Account) {
	Bank::store(key, account).unwrap();
}

/// The account is closed: told as empty, then gone.
pub fn close(key: &Key) {
	let before = account(key);
	Minted::mutate(|minted| *minted -= before.cash);
	<Liquidation as RiskWatch<AccountId>>::changed(key, &Account::new(before.margin));
	Ledger::remove(key);
}

/// Moves lots at their value from the seller to the buyer, whatever their margin.
pub fn trade(buyer: &Key, seller: &Key, series: SeriesId, lots: Lots) {
	let (mut long, mut short) = (account(buyer), account(seller));
	let price = Price::from_micro_usd(value_of(&series) as i64).unwrap();
	Bank::transfer(&series, lots, price, (seller, &mut short), (buyer, &mut long)).unwrap();
	put_account(buyer, long);
	put_account(seller, short);
}

/// Gives an account units of WBTC.
pub fn pledge(key: &Key, units: u128) {
	let mut account = account(key);
	account.collateral.try_push((WBTC, units)).unwrap();
	put_account(key, account);
}

pub fn all_accounts() -> Vec<(Key, Account)> {
	let mut all: Vec<_> = Ledger::iter().collect();
	all.sort_by_key(|(key, _)| *key);
	all
}

pub fn margin(key: &Key) -> Margin {
	margin_of(&account(key))
}

/// A new round of every underlying, true now.
pub fn new_round() {
	state(|state| {
		let now = state.now;
		state.spots.values_mut().for_each(|(_, at)| *at = now);
		let ids: Vec<_> = state.spots.keys().copied().collect();
		ids.into_iter().for_each(|id| *state.rounds.entry(id).or_default() += 1);
	});
}

/// Sets spot in dollars, in a new round.
pub fn set_spot(underlying: UnderlyingId, dollars: i64) {
	set_spot_micro(underlying, dollars * 1_000_000);
}

pub fn set_spot_micro(underlying: UnderlyingId, micro: i64) {
	state(|state| state.spots.insert(underlying, (micro, 0)));
	new_round();
}

/// Sets the volatility, which is what drifts.
pub fn set_vol(underlying: UnderlyingId, ppb: i64) {
	state(|state| {
		let before = state.vols.insert(underlying, ppb).unwrap_or(0);
		*state.drifts.entry(underlying).or_default() += (ppb - before).unsigned_abs();
	});
	new_round();
}

/// The protocol's part of a block in which nobody reports.
pub fn block_without_round(limit: Weight) -> Weight {
	System::set_block_number(System::block_number() + 1);
	let mut meter = WeightMeter::with_limit(limit);
	Liquidation::after_inherents(&mut meter);
	meter.consumed()
}

/// One block after the last with a new round and all the room there is.
pub fn block() {
	block_after(BLOCK);
}

pub fn block_after(millis: u64) {
	state(|state| state.now += millis);
	new_round();
	block_without_round(Weight::MAX);
}

/// A block that has room for about that many looks.
pub fn small_block(looks: u64) {
	state(|state| state.now += BLOCK);
	new_round();
	let look = Liquidation::most_look().saturating_add(<() as WeightInfo>::begin_block(2));
	block_without_round(look.saturating_add(micros(60).saturating_mul(looks.saturating_sub(1))));
}

pub fn events() -> Vec<crate::Event<Test>> {
	let of = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Liquidation(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(of).collect()
}

/// Every cent is somewhere, and every lot has its other side.
pub fn check_money() {
	let accounts: i128 = Ledger::iter().map(|(_, account)| account.cash).sum();
	let wallets: u128 = Wallets::iter().map(|(_, held)| held).sum();
	assert_eq!(accounts + (wallets + Fund::get()) as i128, Minted::get(), "money");
	let mut nets = BTreeMap::<SeriesId, Lots>::new();
	for (_, account) in Ledger::iter() {
		for held in &account.positions {
			*nets.entry(held.series).or_default() += held.lots;
		}
	}
	assert!(nets.values().all(|net| *net == 0), "lots: {nets:?}");
}

/// Builds a chain, runs a test on it, and checks the invariants.
#[derive(Default)]
pub struct ExtBuilder {
	parameters: Parameters,
	insurance: u128,
}

impl ExtBuilder {
	pub fn parameters(mut self, parameters: Parameters) -> Self {
		self.parameters = parameters;
		self
	}

	/// Dollars of the insurance fund.
	pub fn insurance(mut self, dollars: u128) -> Self {
		self.insurance = dollars;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let storage = RuntimeGenesisConfig::default().build_storage().expect("genesis");
		let mut ext: sp_io::TestExternalities = storage.into();
		ext.execute_with(|| {
			System::set_block_number(1);
			state(|state| {
				*state = State { now: START, ..Default::default() };
				state.spots =
					[(BTC, (100_000_000_000, START)), (ETH, (4_000_000_000, START))].into();
				state.rounds = [(BTC, 1), (ETH, 1)].into();
			});
			crate::ParametersInForce::<Test>::put(self.parameters);
			insure(self.insurance);
			open(HOUSE, 1_000_000_000_000);
		});
		ext
	}

	pub fn build_and_execute<R>(self, test: impl FnOnce() -> R) -> R {
		self.build().execute_with(|| {
			let result = test();
			check_money();
			Liquidation::do_try_state().expect("the invariants hold after each test");
			result
		})
	}
}

#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
	ExtBuilder::default().build()
}
