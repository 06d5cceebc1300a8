// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet alone: clock, author and listing are set by the tests.

use crate as pallet_prices;
use crate::PriceParameters;
use ballast_exchange::{
	ExpiryReport, ListedExpiries, Moment, Ppb, Price, PriceReport, SviParameters, UnderlyingId,
	UnderlyingReport,
};
use ballast_pricing::{Real, SviSlice, Time};
use frame_support::{derive_impl, parameter_types, weights::WeightMeter, BoundedVec};
use frame_system::EnsureRoot;
use sp_runtime::BuildStorage;

pub type AccountId = u64;
/// Expiries of an underlying with their strikes.
pub type Listing = Vec<(UnderlyingId, Vec<(Moment, Vec<Price>)>)>;

/// The underlying of most tests.
pub const BTC: UnderlyingId = 1;
pub const ETH: UnderlyingId = 2;
/// Time of block 1.
pub const START: Moment = 1_800_000_000_000;
/// Time from block to block.
pub const BLOCK: Moment = 500;
pub const DAY: Moment = 86_400_000;
/// Two listed expiries of [`BTC`].
pub const NEAR: Moment = START + 7 * DAY;
pub const FAR: Moment = START + 30 * DAY;

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
	pub type Prices = pallet_prices;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

parameter_types! {
	pub static Now: Moment = START;
	pub static Author: Option<AccountId> = Some(1);
	pub static Listed: Listing = Vec::new();
}

pub struct Clock;

impl frame_support::traits::Time for Clock {
	type Moment = Moment;

	fn now() -> Moment {
		Now::get()
	}
}

impl ListedExpiries for Listed {
	fn underlyings() -> Vec<UnderlyingId> {
		Listed::get().into_iter().map(|(underlying, _)| underlying).collect()
	}

	fn expiries(underlying: UnderlyingId) -> Vec<Moment> {
		let listing = Listed::get().into_iter().find(|(known, _)| *known == underlying);
		listing
			.map_or_else(Vec::new, |(_, expiries)| expiries.iter().map(|known| known.0).collect())
	}

	fn strikes(underlying: UnderlyingId, expiry: Moment) -> Vec<Price> {
		let listing = Listed::get().into_iter().find(|(known, _)| *known == underlying);
		let strikes = |(_, expiries): (_, Vec<(Moment, Vec<Price>)>)| {
			expiries.into_iter().find(|known| known.0 == expiry).map(|known| known.1)
		};
		listing.and_then(strikes).unwrap_or_default()
	}
}

impl pallet_prices::Config for Test {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Author = Author;
	type Listed = Listed;
	type Time = Clock;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

/// Lists what a benchmark asks for.
#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;

#[cfg(feature = "runtime-benchmarks")]
impl ballast_exchange::BenchmarkHelper<AccountId> for Helper {
	fn market(expiries: u32, strikes: u32) -> Vec<ballast_exchange::SeriesId> {
		use ballast_exchange::{OptionKind, SeriesId};
		let strikes: Vec<i64> = (0..strikes).map(|i| 60_000 + 1_000 * i64::from(i)).collect();
		let expiries: Vec<Moment> = (0..expiries).map(|i| NEAR + u64::from(i) * DAY).collect();
		let listing = expiries.iter().map(|expiry| (*expiry, usd_strikes(&strikes))).collect();
		Listed::set(vec![(BTC, listing)]);
		let series = |expiry: &Moment| {
			let id = |strike: &i64, kind| SeriesId {
				underlying: BTC,
				expiry: *expiry,
				strike: strike.unsigned_abs() * 1_000_000,
				kind,
			};
			let kinds = |strike| [id(strike, OptionKind::Call), id(strike, OptionKind::Put)];
			strikes.iter().flat_map(kinds).collect::<Vec<_>>()
		};
		expiries.iter().flat_map(series).collect()
	}

	fn fund(_: &AccountId, _: u32, _: u128) {}

	fn assets() -> (u32, u32) {
		(1, 2)
	}

	fn expire(_: ballast_exchange::ExpiryId) {}
}

/// Rules of most tests: three authors, a clamp that is out of the way.
pub fn parameters() -> PriceParameters {
	PriceParameters {
		quorum: 3,
		clamp_ppb: 1_000_000_000,
		settlement_window_millis: 60_000,
		..Default::default()
	}
}

pub fn usd(usd: i64) -> Price {
	Price::from_usd(usd).unwrap()
}

fn usd_strikes(strikes: &[i64]) -> Vec<Price> {
	strikes.iter().map(|strike| usd(*strike)).collect()
}

/// Builds a chain with parameters and a listing, and checks the invariants after each test.
pub struct ExtBuilder {
	parameters: PriceParameters,
	listing: Listing,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		let strikes = usd_strikes(&[70_000, 80_000, 90_000, 100_000, 110_000, 120_000, 150_000]);
		let listing = vec![(BTC, vec![(NEAR, strikes.clone()), (FAR, strikes)]), (ETH, Vec::new())];
		Self { parameters: parameters(), listing }
	}
}

impl ExtBuilder {
	pub fn quorum(mut self, quorum: u32) -> Self {
		self.parameters.quorum = quorum;
		self
	}

	pub fn parameters(mut self, change: impl FnOnce(&mut PriceParameters)) -> Self {
		change(&mut self.parameters);
		self
	}

	pub fn listing(mut self, listing: Listing) -> Self {
		self.listing = listing;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let genesis = RuntimeGenesisConfig {
			prices: pallet_prices::GenesisConfig {
				parameters: self.parameters,
				..Default::default()
			},
			..Default::default()
		};
		let mut ext: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
		Now::set(START);
		Author::set(Some(1));
		Listed::set(self.listing);
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Prices::do_try_state().expect("the invariants hold after each test");
		});
	}
}

/// A flat slice: the same volatility at every strike.
pub fn flat(vol_percent: i64, forward: Price, millis: u64) -> SviParameters {
	let tau = Time::from_millis(millis).unwrap().years();
	let vol = Real::from_ratio(vol_percent, 100).unwrap();
	let variance = vol.checked_mul(vol).unwrap().checked_mul(tau).unwrap();
	let one = Real::from_ratio(1, 10).unwrap();
	let slice = SviSlice::new(variance, Real::ZERO, Real::ZERO, Real::ZERO, one, forward, tau);
	SviParameters::from(&slice.unwrap())
}

/// An expiry as an honest feed reports it at spot.
pub fn expiry_report(expiry: Moment, forward: Price, vol_percent: i64) -> ExpiryReport {
	let millis = expiry.saturating_sub(Now::get()).max(1);
	let svi = flat(vol_percent, forward, millis);
	ExpiryReport { expiry, forward, rate: Ppb(40_000_000), svi }
}

/// An underlying with these expiries.
pub fn underlying_report(
	underlying: UnderlyingId,
	spot: Price,
	expiries: Vec<ExpiryReport>,
) -> UnderlyingReport {
	UnderlyingReport { underlying, spot, expiries: BoundedVec::try_from(expiries).unwrap() }
}

/// A report of these underlyings, with a quote price of one dollar.
pub fn report_of(underlyings: Vec<UnderlyingReport>) -> PriceReport {
	PriceReport { quote_price: Ppb::ONE, underlyings: BoundedVec::try_from(underlyings).unwrap() }
}

/// A report of [`BTC`] at `spot` dollars, both of its expiries at 60 %.
pub fn btc(spot: i64) -> PriceReport {
	let expiries =
		vec![expiry_report(NEAR, usd(spot + 10), 60), expiry_report(FAR, usd(spot + 100), 60)];
	report_of(vec![underlying_report(BTC, usd(spot), expiries)])
}

/// A report of nothing but the spot of [`BTC`].
pub fn btc_spot(spot: Price) -> PriceReport {
	report_of(vec![underlying_report(BTC, spot, Vec::new())])
}

/// Starts a block at `now`.
pub fn begin_block_at(now: Moment) {
	System::reset_events();
	System::set_block_number(System::block_number() + 1);
	Now::set(now);
}

/// What follows the inherents, with all the weight it wants.
pub fn finish_inherents() {
	Prices::after_inherents(&mut WeightMeter::new());
}

/// A block at `now` with the report of `author`.
pub fn block_at(now: Moment, author: AccountId, report: PriceReport) {
	begin_block_at(now);
	Author::set(Some(author));
	Prices::report(RuntimeOrigin::none(), report).unwrap();
	finish_inherents();
}

/// The next block with the report of `author`.
pub fn block(author: AccountId, report: PriceReport) {
	block_at(Now::get() + BLOCK, author, report);
}

/// A block at `now` without a report.
pub fn silent_block_at(now: Moment) {
	begin_block_at(now);
	finish_inherents();
}

/// Events of this block.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet()
}
