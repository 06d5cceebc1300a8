// SPDX-License-Identifier: Apache-2.0

//! A chain of this pallet with numbers as accounts, a clock and a price source set by hand.

use crate::{
	self as pallet_options,
	calendar::{midnight, Date, DAY},
	pricing, GenesisUnderlying, Schedule, Symbol,
};
use ballast_exchange::{
	Aged, ExpiryPrice, ListedExpiries, MarketTerms, Markets, Moment, Ppb, Price, PriceSource,
	PricedExpiry, RoundNumber, SettlementAverage, SpotPrice, SviParameters, UnderlyingId,
};
use ballast_pricing::{Real, YEAR_MILLIS};
use frame_support::{
	derive_impl,
	traits::{ConstU64, Time},
	weights::{Weight, WeightMeter},
};
use frame_system::EnsureRoot;
use sp_runtime::BuildStorage;
use std::{cell::RefCell, collections::BTreeMap};

pub type AccountId = u64;

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
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Options = pallet_options;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = frame_system::mocking::MockBlock<Test>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl pallet_options::Config for Test {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Prices = Prices;
	type Time = Clock;
	type StrikeDeposit = ConstU64<DEPOSIT>;
	type WeightInfo = ();
}

/// What a strike holds.
pub const DEPOSIT: u64 = 10;
/// What accounts 1 to 3 start with.
pub const ENDOWMENT: u64 = 1_000;
/// The underlying of the genesis.
pub const BTC: UnderlyingId = 1;
/// Age at which the price source's prices are too old.
pub const MAX_AGE: u64 = 5_000;
/// Settlement window of the price source.
pub const WINDOW: u64 = 1_800_000;
/// A dollar in micro-USD.
pub const USD: u64 = 1_000_000;

/// What the price source says of one underlying.
#[derive(Clone, Default)]
pub struct Source {
	pub round: RoundNumber,
	pub at: Moment,
	pub spot: Option<SpotPrice>,
	pub expiries: BTreeMap<Moment, ExpiryPrice>,
	pub settlements: BTreeMap<Moment, SettlementAverage>,
	pub forgotten: Vec<Moment>,
}

thread_local! {
	static NOW: RefCell<Moment> = const { RefCell::new(0) };
	static QUOTE: RefCell<Ppb> = const { RefCell::new(Ppb::ONE) };
	static SOURCES: RefCell<BTreeMap<UnderlyingId, Source>> = const { RefCell::new(BTreeMap::new()) };
}

pub struct Clock;

impl Time for Clock {
	type Moment = Moment;

	fn now() -> Moment {
		NOW.with_borrow(|now| *now)
	}
}

pub struct Prices;

impl Prices {
	/// A round with a spot and no expiry.
	pub fn set_spot_only(underlying: UnderlyingId, price: Price) {
		Self::set_round(underlying, spot(price), Vec::new());
	}
}

/// Changes what the price source says.
pub fn source<R>(underlying: UnderlyingId, change: impl FnOnce(&mut Source) -> R) -> R {
	SOURCES.with_borrow_mut(|sources| change(sources.entry(underlying).or_default()))
}

impl PriceSource for Prices {
	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		source(underlying, |source| Some(Aged::new(source.spot?, source.at, now())))
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		Some(Aged::new(QUOTE.with_borrow(|quote| *quote), now(), now()))
	}

	fn expiry(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<ExpiryPrice>> {
		source(underlying, |source| {
			Some(Aged::new(*source.expiries.get(&expiry)?, source.at, now()))
		})
	}

	fn round(underlying: UnderlyingId) -> RoundNumber {
		source(underlying, |source| source.round)
	}

	fn max_age_millis() -> u64 {
		MAX_AGE
	}

	fn settlement_window_millis() -> u64 {
		WINDOW
	}

	fn settlement(underlying: UnderlyingId, expiry: Moment) -> SettlementAverage {
		source(underlying, |source| source.settlements.get(&expiry).copied().unwrap_or_default())
	}

	fn realised_vol(_: UnderlyingId) -> Option<Ppb> {
		None
	}

	fn forget(underlying: UnderlyingId, expiry: Moment) {
		source(underlying, |source| source.forgotten.push(expiry));
	}

	fn set_round(underlying: UnderlyingId, spot: SpotPrice, expiries: Vec<(Moment, ExpiryPrice)>) {
		source(underlying, |source| {
			source.round += 1;
			source.at = now();
			source.spot = Some(spot);
			source.expiries = expiries.into_iter().collect();
		});
	}
}

/// 21 November 2026, 12:03 UTC, a Saturday.
pub fn start() -> Moment {
	midnight(Date { year: 2026, month: 11, day: 21 }) + DAY / 2 + 180_000
}

pub fn now() -> Moment {
	Clock::now()
}

pub fn set_now(moment: Moment) {
	NOW.set(moment);
}

/// Sets the price of the settlement asset.
pub fn set_quote(price: Ppb) {
	QUOTE.set(price);
}

pub fn terms() -> MarketTerms {
	MarketTerms {
		lots_per_contract: 100,
		tick: 10_000,
		min_order_lots: 1,
		max_order_lots: 100_000,
		max_open_interest: 10_000_000,
		base_asset: 2,
		maker_fee_ppb: 100_000,
		taker_fee_ppb: 300_000,
		fee_cap_ppb: 125_000_000,
	}
}

/// Two dailies, five strikes on each side.
pub fn schedule() -> Schedule {
	Schedule { dailies: 2, strikes_each_side: 5, strike_step_ppb: 50_000_000, ..Default::default() }
}

pub fn symbol(text: &str) -> Symbol {
	text.as_bytes().to_vec().try_into().unwrap()
}

pub fn usd(usd: i64) -> Price {
	Price::from_usd(usd).unwrap()
}

pub fn spot(price: Price) -> SpotPrice {
	SpotPrice { price, confidence: Ppb::ONE }
}

/// A smile around 60 % a year.
pub fn expiry_price(forward: Price, millis: u64) -> ExpiryPrice {
	let millis = millis.max(1_000) as i64;
	let share = |hundredths: i64| {
		Real::from_ratio(millis * hundredths, YEAR_MILLIS as i64 * 100).unwrap().to_bits()
	};
	let ppb = |ppb| Real::from_ppb(ppb).unwrap().to_bits();
	ExpiryPrice {
		forward,
		forward_confidence: Ppb(900_000_000),
		rate: Ppb(40_000_000),
		rate_confidence: Ppb::ONE,
		svi: SviParameters {
			a: share(29),
			b: share(70),
			rho: ppb(-300_000_000),
			m: 0,
			sigma: ppb(100_000_000),
			forward,
			tau: share(100),
		},
		vol_confidence: Ppb(800_000_000),
	}
}

/// A round with spot and a slice for every expiry that trades, the forward a thousandth above spot.
pub fn publish(underlying: UnderlyingId, price: Price) {
	let forward = Price::from_pico_usd(price.pico_usd() / 1_000 * 1_001).unwrap_or(price);
	let expiries = <Options as ListedExpiries>::expiries(underlying)
		.into_iter()
		.filter(|expiry| *expiry > now())
		.map(|expiry| (expiry, expiry_price(forward, expiry - now())))
		.collect();
	Prices::set_round(underlying, spot(price), expiries);
}

/// When the last round was.
pub fn published(underlying: UnderlyingId) -> Moment {
	source(underlying, |source| source.at)
}

/// Says what an expiry settles at.
pub fn settle_at(underlying: UnderlyingId, expiry: Moment, price: Price) {
	source(underlying, |source| {
		let average = SettlementAverage { average: Some(price), elapsed: Ppb::ONE, is_final: true };
		source.settlements.insert(expiry, average);
	});
}

/// The next block, `millis` later, with the hooks of the pallet under a limit of weight.
pub fn block_with(millis: u64, limit: u64) -> Weight {
	set_now(now() + millis);
	System::set_block_number(System::block_number() + 1);
	let mut meter = WeightMeter::with_limit(Weight::from_parts(limit, u64::MAX));
	Options::after_inherents(&mut meter);
	Options::do_try_state().expect("the invariants hold after each block");
	meter.consumed()
}

pub fn block(millis: u64) {
	block_with(millis, u64::MAX);
}

pub fn expiries() -> Vec<Moment> {
	<Options as Markets>::expiries(BTC)
}

pub fn strikes(expiry: Moment) -> Vec<u64> {
	Options::listing(BTC, expiry).expect("the expiry is listed").strikes
}

pub fn priced(expiry: Moment) -> PricedExpiry {
	<Options as Markets>::priced(BTC, expiry).expect("the expiry is priced").regardless_of_age()
}

pub fn seconds_to(expiry: Moment) -> u32 {
	pricing::seconds_to(expiry, now())
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet()
}

/// Builds a chain at [`start`] and checks the invariants after each test.
pub struct TestExt {
	underlyings: Vec<GenesisUnderlying>,
	price: Option<i64>,
}

impl TestExt {
	/// BTC with [`schedule`], nothing listed yet and no price.
	pub fn new() -> Self {
		let btc = GenesisUnderlying {
			id: BTC,
			symbol: "BTC".into(),
			terms: terms(),
			schedule: schedule(),
		};
		Self { underlyings: vec![btc], price: None }
	}

	pub fn schedule(mut self, schedule: Schedule) -> Self {
		self.underlyings[0].schedule = schedule;
		self
	}

	pub fn underlying(mut self, id: UnderlyingId, symbol: &str) -> Self {
		let terms = MarketTerms { base_asset: u32::from(id) + 100, ..terms() };
		let (symbol, schedule) = (symbol.into(), schedule());
		self.underlyings.push(GenesisUnderlying { id, symbol, terms, schedule });
		self
	}

	/// Lists, publishes a round at that price in dollars, and prices.
	pub fn priced_at(mut self, price: i64) -> Self {
		self.price = Some(price);
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		SOURCES.with_borrow_mut(BTreeMap::clear);
		set_quote(Ppb::ONE);
		set_now(start());
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: (1..=3).map(|who| (who, ENDOWMENT)).collect(),
				..Default::default()
			},
			options: pallet_options::GenesisConfig {
				underlyings: self.underlyings.clone(),
				..Default::default()
			},
			..Default::default()
		};
		genesis.build_storage().expect("the genesis is valid").into()
	}

	pub fn execute_with<R>(self, test: impl FnOnce() -> R) -> R {
		let (price, ids) = (self.price, self.underlyings.iter().map(|one| one.id));
		let ids: Vec<_> = ids.collect();
		self.build().execute_with(|| {
			System::set_block_number(1);
			if let Some(price) = price {
				block(0);
				ids.iter().for_each(|id| publish(*id, usd(price)));
				block(0);
				System::reset_events();
			}
			let result = test();
			Options::do_try_state().expect("the invariants hold after each test");
			result
		})
	}
}
