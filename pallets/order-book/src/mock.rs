// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet on a ledger that keeps accounts in storage, so that what is undone is undone
//! there too, and on markets whose state tests set.

use crate as pallet_order_book;
use crate::types::*;
use ballast_exchange::*;
use frame_support::{
	derive_impl,
	dispatch::DispatchResultWithPostInfo,
	parameter_types,
	traits::{ConstU32, Time},
	weights::Weight,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

pub type AccountId = u64;
pub type Key = AccountKey<AccountId>;

/// What the tests know about clearing: a ledger with a margin rule of two lines.
#[frame_support::pallet]
pub mod ledger {
	use super::Key;
	use ballast_exchange::{Account, Lots, SeriesId};
	use frame_support::pallet_prelude::*;

	#[pallet::pallet]
	#[pallet::without_storage_info]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	/// Every account.
	#[pallet::storage]
	pub type Accounts<T> = StorageMap<_, Twox64Concat, Key, Account>;

	/// Lots traded, written by each fill at once.
	#[pallet::storage]
	pub type Traded<T> = StorageMap<_, Twox64Concat, SeriesId, Lots, ValueQuery>;

	#[pallet::error]
	pub enum Error<T> {
		/// No such account.
		UnknownAccount,
		/// The account's owner may not trade.
		Frozen,
		/// Too little margin.
		InsufficientMargin,
		/// More series than an account holds.
		TooManyPositions,
		/// More expiries than an account may be in.
		TooManyExpiries,
	}
}

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Ledger = ledger;
	#[runtime::pallet_index(2)]
	pub type OrderBook = pallet_order_book;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

impl ledger::Config for Test {}

parameter_types! {
	pub static Now: Moment = 1_000_000;
	pub static Status: SeriesStatus = SeriesStatus::Trading;
	pub static PriceAge: u64 = 0;
	pub static TickSize: OptionPrice = TICK;
	pub static Pruning: Option<ExpiryId> = None;
	pub static Pruned: Vec<ExpiryId> = vec![];
	/// Margin checks made.
	pub static Checks: u32 = 0;
	/// Accounts written.
	pub static Stores: Vec<Key> = vec![];
}

pub const TICK: OptionPrice = 1_000_000;
pub const LOTS_PER_CONTRACT: u32 = 100;
pub const EXPIRY: Moment = 2_000_000;
/// Fees of the mock, micro-USD per lot.
pub const MAKER_FEE: MicroUsd = 1;
pub const TAKER_FEE: MicroUsd = 2;
/// Most operations of a batch.
pub const MAX_BATCH: u32 = 32;
/// Accounts on this underlying's portfolio margin have no margin to spare: they may only reduce.
pub const POOR: MarginKind = MarginKind::Portfolio(1);
/// Margin of an account as large as can be.
pub const HEAVY: MarginKind = MarginKind::Portfolio(2);

pub struct Clock;

impl Time for Clock {
	type Moment = Moment;

	fn now() -> Moment {
		Now::get()
	}
}

pub struct FakeMarkets;

impl Markets for FakeMarkets {
	fn terms(underlying: UnderlyingId) -> Option<MarketTerms> {
		(underlying == 1).then(|| MarketTerms {
			lots_per_contract: LOTS_PER_CONTRACT,
			tick: TickSize::get(),
			min_order_lots: 5,
			max_order_lots: 1_000_000,
			max_open_interest: i64::MAX,
			base_asset: 2,
			maker_fee_ppb: 0,
			taker_fee_ppb: 0,
			fee_cap_ppb: 0,
		})
	}

	fn underlying_of(_asset: AssetId) -> Option<UnderlyingId> {
		None
	}

	fn portfolio_model(_underlying: UnderlyingId) -> Option<PortfolioModel> {
		None
	}

	fn standard_parameters(_underlying: UnderlyingId) -> Option<ballast_risk::StandardParameters> {
		None
	}

	fn spot(_underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		let price = Price::from_micro_usd(1_000_000_000).ok()?;
		let now = Now::get();
		let at = now.saturating_sub(PriceAge::get());
		Some(Aged::new(SpotPrice { price, confidence: Ppb(1_000_000_000) }, at, now))
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		None
	}

	fn max_price_age_millis() -> u64 {
		10_000
	}

	fn priced(_underlying: UnderlyingId, _expiry: Moment) -> Option<Aged<PricedExpiry>> {
		None
	}

	fn status(series: &SeriesId) -> SeriesStatus {
		if series.underlying == 1 {
			Status::get()
		} else {
			SeriesStatus::Unknown
		}
	}

	fn expiries(_underlying: UnderlyingId) -> Vec<Moment> {
		vec![EXPIRY]
	}

	fn next_settling() -> Option<Settling> {
		None
	}

	fn settled(_underlying: UnderlyingId, _expiry: Moment) {}

	fn next_pruning() -> Option<(UnderlyingId, Moment)> {
		Pruning::get()
	}

	fn pruned(underlying: UnderlyingId, expiry: Moment) {
		Pruned::mutate(|pruned| pruned.push((underlying, expiry)));
		Pruning::set(None);
	}
}

impl Clearing<AccountId> for Ledger {
	/// Counts the checks.
	type Prices = u32;

	fn load(key: &Key) -> Result<Account, DispatchError> {
		let account =
			ledger::Accounts::<Test>::get(key).ok_or(ledger::Error::<Test>::UnknownAccount)?;
		if account.frozen {
			return Err(ledger::Error::<Test>::Frozen.into());
		}
		Ok(account)
	}

	fn store(key: &Key, mut account: Account) -> DispatchResult {
		let mut expiries: Vec<ExpiryId> = account
			.orders
			.iter()
			.map(|order| order.series)
			.chain(account.positions.iter().map(|held| held.series))
			.map(|series| (series.underlying, series.expiry))
			.collect();
		expiries.sort();
		expiries.dedup();
		account.expiries =
			expiries.try_into().map_err(|_| ledger::Error::<Test>::TooManyExpiries)?;
		Stores::mutate(|stores| stores.push(*key));
		ledger::Accounts::<Test>::insert(key, account);
		Ok(())
	}

	fn fill(fill: &Fill, maker: &mut Account, taker: &mut Account) -> Result<Fees, DispatchError> {
		ledger::Traded::<Test>::mutate(fill.series, |lots| *lots += fill.lots);
		let value = MicroUsd::from(fill.price) * MicroUsd::from(fill.lots)
			/ MicroUsd::from(LOTS_PER_CONTRACT);
		let fees = Fees {
			maker: MAKER_FEE * MicroUsd::from(fill.lots),
			taker: TAKER_FEE * MicroUsd::from(fill.lots),
		};
		let signed = match fill.taker_side {
			Side::Buy => 1,
			Side::Sell => -1,
		};
		taker.cash -= value * signed + fees.taker;
		maker.cash -= -value * signed + fees.maker;
		hold(taker, fill.series, fill.taker_side.signed(fill.lots))?;
		hold(maker, fill.series, -fill.taker_side.signed(fill.lots))?;
		Ok(fees)
	}

	fn fee_of(_prices: &mut u32, _series: &SeriesId, lots: Lots, _price: OptionPrice) -> MicroUsd {
		TAKER_FEE * MicroUsd::from(lots)
	}

	fn margin(_prices: &mut u32, account: &Account) -> Result<Margin, DispatchError> {
		let cash = account.cash;
		Ok(Margin { mark_to_market: 0, equity: cash, maintenance: cash, initial: cash })
	}

	fn check(prices: &mut u32, before: &Account, after: &Account) -> DispatchResult {
		Checks::mutate(|checks| *checks += 1);
		*prices += if before.margin == HEAVY { CHECKS_OF_HEAVY } else { 1 };
		let is_fresh = PriceAge::get() <= FakeMarkets::max_price_age_millis();
		if (is_fresh && after.margin != POOR) || size(after) <= size(before) {
			return Ok(());
		}
		Err(ledger::Error::<Test>::InsufficientMargin.into())
	}

	fn margin_work(prices: &u32) -> Weight {
		CHECK.saturating_mul((*prices).into())
	}

	fn least_check() -> Weight {
		Weight::zero()
	}

	fn most_checks(accounts: u32) -> Weight {
		MOST_CHECK.saturating_mul(accounts.into())
	}

	fn most_check_of(_prices: &u32, before: &Account) -> Weight {
		if before.margin == HEAVY {
			MOST_CHECK
		} else {
			CHECK
		}
	}
}

/// What one check weighs.
pub const CHECK: Weight = Weight::from_parts(1_000_000, 100);
/// Usual checks that weigh as much as that of the largest account.
pub const CHECKS_OF_HEAVY: u32 = 20;
/// What the check of the largest account weighs.
const MOST_CHECK: Weight = Weight::from_parts(20_000_000, 2_000);

/// What counts as risk: a lot held more than a lot open, so that a fill adds risk unless it reduces.
fn size(account: &Account) -> Lots {
	let held: Lots = account.positions.iter().map(|held| held.lots.abs()).sum();
	let open: Lots = account.orders.iter().map(|order| order.lots).sum();
	2 * held + open
}

/// Changes a position.
pub fn hold(account: &mut Account, series: SeriesId, lots: Lots) -> DispatchResult {
	match account.positions.binary_search_by(|held| held.series.cmp(&series)) {
		Ok(at) => {
			account.positions[at].lots += lots;
			if account.positions[at].lots == 0 {
				account.positions.remove(at);
			}
			Ok(())
		},
		Err(at) => account
			.positions
			.try_insert(at, Position { series, lots })
			.map_err(|_| ledger::Error::<Test>::TooManyPositions.into()),
	}
}

impl pallet_order_book::Config for Test {
	type Clearing = Ledger;
	type Markets = FakeMarkets;
	type Time = Clock;
	type MaxMatches = ConstU32<16>;
	type MaxBatchMatches = ConstU32<32>;
	type CheckedMakers = ConstU32<2>;
	type MaxBatch = ConstU32<MAX_BATCH>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Bench;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkAccounts = Bench;
}

/// Sets up what benchmarks ask for.
#[cfg(feature = "runtime-benchmarks")]
pub struct Bench;

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper<AccountId> for Bench {
	fn market(expiries: u32, strikes: u32) -> Vec<SeriesId> {
		let strikes = 1..=u64::from(strikes);
		let of_expiry = |expiry: u64| {
			strikes.clone().flat_map(move |strike| {
				[OptionKind::Call, OptionKind::Put].map(|kind| SeriesId {
					underlying: 1,
					expiry: EXPIRY + expiry,
					strike,
					kind,
				})
			})
		};
		(0..u64::from(expiries)).flat_map(of_expiry).collect()
	}

	fn fund(_who: &AccountId, _asset: AssetId, _amount: u128) {}

	fn assets() -> (AssetId, AssetId) {
		(1, 2)
	}

	fn expire(expiry: ExpiryId) {
		Status::set(SeriesStatus::Settled);
		Pruning::set(Some(expiry));
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkAccounts<AccountId> for Bench {
	fn trader(index: u32) -> Key {
		let key = Key { owner: 1_000 + u64::from(index), index: 0 };
		ledger::Accounts::<Test>::insert(key, Account::new(MarginKind::Standard));
		key
	}
}

/// Owners with an account each: 1 to 40.
pub const OWNERS: u64 = 40;

/// A chain with one account for each of the owners.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut ext: sp_io::TestExternalities =
		RuntimeGenesisConfig::default().build_storage().expect("an empty genesis").into();
	reset();
	ext.execute_with(|| {
		System::set_block_number(1);
		for owner in 1..=OWNERS {
			open(key(owner));
		}
	});
	ext
}

/// Statics outlive a chain when one thread runs several.
fn reset() {
	Now::set(1_000_000);
	Status::set(SeriesStatus::Trading);
	PriceAge::set(0);
	TickSize::set(TICK);
	Pruning::set(None);
	Pruned::set(vec![]);
	Checks::set(0);
	Stores::set(vec![]);
}

/// Runs a test and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		check_invariants();
	});
}

/// The pallet's invariants, and that each order of each account is in the book.
pub fn check_invariants() {
	OrderBook::do_try_state().expect("the invariants hold");
	if Status::get() != SeriesStatus::Trading {
		return;
	}
	let orders: usize =
		ledger::Accounts::<Test>::iter_values().map(|account| account.orders.len()).sum();
	let in_book: u32 = crate::Levels::<Test>::iter_values().map(|level| level.count).sum();
	assert_eq!(orders, in_book as usize, "an order outside of the book");
}

/// The first account of an owner.
pub const fn key(owner: AccountId) -> Key {
	Key { owner, index: 0 }
}

pub fn open(key: Key) {
	ledger::Accounts::<Test>::insert(key, Account::new(MarginKind::Standard));
}

pub fn account(owner: AccountId) -> Account {
	ledger::Accounts::<Test>::get(key(owner)).expect("the account is open")
}

/// Changes an account behind the back of the book.
pub fn change(owner: AccountId, change: impl FnOnce(&mut Account)) {
	let mut changed = account(owner);
	change(&mut changed);
	ledger::Accounts::<Test>::insert(key(owner), changed);
}

/// Gives an account a position.
pub fn give(owner: AccountId, lots: Lots) {
	change(owner, |account| hold(account, series(), lots).expect("there is room"));
}

pub fn origin(owner: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(owner)
}

/// The series that most tests trade.
pub const fn series() -> SeriesId {
	strike(100)
}

pub const fn strike(strike: u64) -> SeriesId {
	SeriesId { underlying: 1, expiry: EXPIRY, strike, kind: OptionKind::Call }
}

/// A limit order of the series at a price in ticks.
pub fn limit(side: Side, ticks: u64, lots: Lots) -> NewOrder {
	NewOrder {
		series: series(),
		side,
		price: ticks * TICK,
		lots,
		kind: OrderKind::Limit,
		reduce_only: false,
		good_till: None,
		client_id: None,
		self_trade: SelfTrade::CancelResting,
	}
}

pub fn buy(ticks: u64, lots: Lots) -> NewOrder {
	limit(Side::Buy, ticks, lots)
}

pub fn sell(ticks: u64, lots: Lots) -> NewOrder {
	limit(Side::Sell, ticks, lots)
}

pub trait Kinds {
	fn kind(self, kind: OrderKind) -> Self;
	fn reducing(self) -> Self;
	fn till(self, moment: Moment) -> Self;
	fn named(self, client_id: ClientOrderId) -> Self;
	fn of(self, series: SeriesId) -> Self;
	fn polite(self) -> Self;
}

impl Kinds for NewOrder {
	fn kind(self, kind: OrderKind) -> Self {
		Self { kind, ..self }
	}

	fn reducing(self) -> Self {
		Self { reduce_only: true, ..self }
	}

	fn till(self, moment: Moment) -> Self {
		Self { good_till: Some(moment), ..self }
	}

	fn named(self, client_id: ClientOrderId) -> Self {
		Self { client_id: Some(client_id), ..self }
	}

	fn of(self, series: SeriesId) -> Self {
		Self { series, ..self }
	}

	fn polite(self) -> Self {
		Self { self_trade: SelfTrade::CancelIncoming, ..self }
	}
}

/// Places an order that is taken; its number.
pub fn place(owner: AccountId, order: NewOrder) -> OrderId {
	let id = account(owner).next_order;
	OrderBook::place(origin(owner), 0, order).expect("the order is taken");
	id
}

/// Events of the order book, and none of them is left.
pub fn events() -> Vec<crate::Event<Test>> {
	let events = System::events();
	System::reset_events();
	events
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::OrderBook(event) => Some(event),
			_ => None,
		})
		.collect()
}

/// Fills since the last look: maker, its order, price in ticks, lots.
pub fn fills() -> Vec<(AccountId, OrderId, u64, Lots)> {
	events()
		.into_iter()
		.filter_map(|event| match event {
			crate::Event::Filled { maker, maker_order, price, lots, .. } => {
				Some((maker.owner, maker_order, price / TICK, lots))
			},
			_ => None,
		})
		.collect()
}

/// Cancellations since the last look: owner, order, lots, reason.
pub fn cancelled() -> Vec<(AccountId, OrderId, Lots, CancelReason)> {
	events()
		.into_iter()
		.filter_map(|event| match event {
			crate::Event::OrderCancelled { account, order, lots, reason, .. } => {
				Some((account.owner, order, lots, reason))
			},
			_ => None,
		})
		.collect()
}

/// Levels of a side: ticks, lots, orders.
pub type Ladder = Vec<(u64, Lots, u32)>;

/// Depth of the series, bids then asks.
pub fn depth() -> (Ladder, Ladder) {
	let (bids, asks) = OrderBook::depth(&series(), 100);
	let in_ticks = |levels: Vec<DepthLevel>| {
		levels.into_iter().map(|(price, lots, count)| (price / TICK, lots, count)).collect()
	};
	(in_ticks(bids), in_ticks(asks))
}

/// The error of a call, whatever it weighed.
pub trait Fault {
	fn fault(self) -> Option<DispatchError>;
}

impl Fault for DispatchResult {
	fn fault(self) -> Option<DispatchError> {
		self.err()
	}
}

impl Fault for DispatchResultWithPostInfo {
	fn fault(self) -> Option<DispatchError> {
		self.err().map(|error| error.error)
	}
}

/// The root of the state: the same if nothing has changed.
pub fn state_root() -> Vec<u8> {
	sp_io::storage::root(frame_support::__private::StateVersion::V1)
}

/// Asserts that a call fails with an error and changes nothing.
macro_rules! assert_refused {
	($call:expr, $error:expr $(,)?) => {{
		use $crate::mock::Fault;
		let before = $crate::mock::state_root();
		let error: sp_runtime::DispatchError = $error.into();
		assert_eq!($call.fault(), Some(error));
		assert_eq!(before, $crate::mock::state_root(), "something has changed");
	}};
}
pub(crate) use assert_refused;
