// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet, balances and assets, with a market that tests move by hand.

use crate as pallet_clearing;
use crate::{CollateralTerms, KeyOf};
use ballast_exchange::*;
use ballast_pricing::Time;
use ballast_risk::{
	Expiry, ExpiryContext, PortfolioParameters, StandardParameters, DEFAULT_SCENARIOS,
};
use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungibles::Mutate, AsEnsureOriginWithArg, ConstU128, ConstU32},
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use sp_runtime::BuildStorage;
use std::{
	cell::RefCell,
	collections::{BTreeMap, BTreeSet},
};

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
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(52)]
	pub type Clearing = pallet_clearing;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u128>;
	type Block = frame_system::mocking::MockBlock<Test>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = u128;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
}

parameter_types! {
	pub const ClearingPalletId: PalletId = PalletId(*b"blstclrg");
}

impl pallet_clearing::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Markets = Fake;
	type PriceInputs = Fake;
	type Watch = Fake;
	type Assets = Assets;
	type Currency = Balances;
	type SettlementAsset = ConstU32<USDC>;
	type AccountDeposit = ConstU128<DEPOSIT>;
	type PalletId = ClearingPalletId;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fake;
}

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
pub const DEPOSIT: u128 = 1_000;
pub const NATIVE: u128 = 1_000_000;

pub const USDC: AssetId = 1;
pub const WBTC: AssetId = 2;
pub const WETH: AssetId = 3;
/// Exists and is not accepted.
pub const OTHER: AssetId = 4;
/// Exists, has a least balance of 1000, and is accepted: follows BTC with 18 decimals.
pub const TBTC: AssetId = 5;

pub const BTC: UnderlyingId = 1;
pub const ETH: UnderlyingId = 2;

pub const USD: i128 = 1_000_000;
pub const LOTS: u32 = 100;
pub const START: Moment = 1_790_000_000_000;
pub const DAY: Moment = 86_400_000;
pub const MAX_AGE: u64 = 30_000;

/// What tests decide about the market.
#[derive(Clone, Default)]
pub struct State {
	pub now: Moment,
	pub quote: Option<(Ppb, Moment)>,
	pub spots: BTreeMap<UnderlyingId, (SpotPrice, Moment)>,
	pub terms: BTreeMap<UnderlyingId, MarketTerms>,
	pub vol_ppb: i64,
	pub strikes: BTreeMap<ExpiryId, Vec<u64>>,
	pub priced: BTreeMap<ExpiryId, PricedExpiry>,
	pub settling: Vec<Settling>,
	pub settled: Vec<ExpiryId>,
	pub frozen: BTreeSet<UnderlyingId>,
	/// Underlyings whose accounts are all to be looked at anew.
	pub rules_changed: Vec<UnderlyingId>,
	/// What margin gains; nothing for an underlying that is not here.
	pub conditions: BTreeMap<UnderlyingId, MarginConditions>,
	/// Underlyings on which accounts in danger are still being searched for.
	pub unswept: BTreeSet<UnderlyingId>,
}

thread_local! {
	static STATE: RefCell<State> = RefCell::default();
}

/// Reads or changes the market.
pub fn state<R>(f: impl FnOnce(&mut State) -> R) -> R {
	STATE.with(|state| f(&mut state.borrow_mut()))
}

/// The market as tests have set it.
pub struct Fake;

fn years(seconds: u64) -> i64 {
	Time::from_seconds(seconds).unwrap().years().to_bits()
}

fn seconds_to(now: Moment, expiry: Moment) -> u32 {
	(expiry.saturating_sub(now) / 1_000) as u32
}

/// Forward equals spot, rate zero, one volatility for every strike.
pub fn expiry_price(state: &State, id: ExpiryId) -> Option<ExpiryPrice> {
	state.strikes.get(&id)?;
	let (spot, _) = state.spots.get(&id.0)?;
	let tau = years(u64::from(seconds_to(state.now, id.1).max(1)));
	let variance = i128::from(state.vol_ppb) * i128::from(state.vol_ppb);
	let a = (variance * i128::from(tau) / 1_000_000_000_000_000_000) as i64;
	let svi = SviParameters { a, b: 0, rho: 0, m: 0, sigma: 1 << 50, forward: spot.price, tau };
	Some(ExpiryPrice {
		forward: spot.price,
		forward_confidence: spot.confidence,
		rate: Ppb::ZERO,
		rate_confidence: Ppb::ONE,
		svi,
		vol_confidence: Ppb::ONE,
	})
}

pub fn context(state: &State, id: ExpiryId) -> ExpiryContext {
	let price = expiry_price(state, id).unwrap();
	let expiry = Expiry {
		seconds: seconds_to(state.now, id.1),
		forward: price.forward,
		forward_confidence: price.forward_confidence,
		rate: price.rate,
		rate_confidence: price.rate_confidence,
		vol_confidence: price.vol_confidence,
		svi: price.svi.slice().unwrap(),
	};
	let rules = PortfolioParameters::DEFAULT;
	ExpiryContext::with_window(&rules, &DEFAULT_SCENARIOS, &expiry, 1_800).unwrap()
}

fn price(state: &State, id: ExpiryId) -> PricedExpiry {
	let context = context(state, id);
	let (spot, at) = state.spots[&id.0];
	let strikes = state.strikes[&id].clone();
	let width = context.width();
	let (mut entries, mut values) = (vec![0; 2 * strikes.len() * width], vec![]);
	let mut chunks = entries.chunks_exact_mut(width);
	for strike in &strikes {
		let strike = Price::from_micro_usd(*strike as i64).unwrap();
		for kind in [OptionKind::Call, OptionKind::Put] {
			context.price(kind, strike, chunks.next().unwrap()).unwrap();
			let vol = context.vol(strike).unwrap();
			values.push(context.undiscounted(kind, strike, vol).unwrap());
		}
	}
	PricedExpiry {
		round: 1,
		at,
		spot,
		seconds: seconds_to(state.now, id.1),
		forward: context.forward(),
		confidence: spot.confidence,
		terms: context.terms(),
		strikes,
		width: width as u32,
		entries,
		values,
	}
}

/// A new round: every price is true now, every array computed anew.
pub fn new_round() {
	state(|state| {
		let now = state.now;
		state.quote = state.quote.map(|(quote, _)| (quote, now));
		state.spots.values_mut().for_each(|(_, at)| *at = now);
		let ids: Vec<_> = state.strikes.keys().copied().collect();
		state.priced = ids.into_iter().map(|id| (id, price(state, id))).collect();
	});
}

/// Time passes and nobody reports.
pub fn age(millis: u64) {
	state(|state| state.now += millis);
}

pub fn usd(dollars: i64) -> Price {
	Price::from_usd(dollars).unwrap()
}

/// Sets spot in dollars, in a new round.
pub fn set_spot(underlying: UnderlyingId, dollars: i64) {
	state(|state| {
		let spot = SpotPrice { price: usd(dollars), confidence: Ppb::ONE };
		state.spots.insert(underlying, (spot, 0));
	});
	new_round();
}

/// Lists an expiry with strikes in dollars.
pub fn list(underlying: UnderlyingId, expiry: Moment, strikes: impl IntoIterator<Item = u64>) {
	let micro = strikes.into_iter().map(|strike| strike * 1_000_000).collect();
	state(|state| state.strikes.insert((underlying, expiry), micro));
	new_round();
}

/// The expiry has its settlement price.
pub fn settle_at(underlying: UnderlyingId, expiry: Moment, dollars: i64) {
	settle_at_price(underlying, expiry, usd(dollars));
}

pub fn settle_at_price(underlying: UnderlyingId, expiry: Moment, price: Price) {
	state(|state| state.settling.push(Settling { underlying, expiry, price }));
}

impl Markets for Fake {
	fn terms(underlying: UnderlyingId) -> Option<MarketTerms> {
		state(|state| state.terms.get(&underlying).copied())
	}

	fn underlying_of(asset: AssetId) -> Option<UnderlyingId> {
		[(WBTC, BTC), (WETH, ETH)].iter().find(|(known, _)| *known == asset).map(|it| it.1)
	}

	fn portfolio_model(underlying: UnderlyingId) -> Option<PortfolioModel> {
		Self::terms(underlying).map(|_| PortfolioModel {
			parameters: PortfolioParameters::DEFAULT,
			scenarios: DEFAULT_SCENARIOS.to_vec().try_into().unwrap(),
		})
	}

	fn standard_parameters(underlying: UnderlyingId) -> Option<StandardParameters> {
		Self::terms(underlying).map(|_| StandardParameters::DEFAULT)
	}

	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		state(|state| {
			state.spots.get(&underlying).map(|(spot, at)| Aged::new(*spot, *at, state.now))
		})
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		state(|state| state.quote.map(|(quote, at)| Aged::new(quote, at, state.now)))
	}

	fn max_price_age_millis() -> u64 {
		MAX_AGE
	}

	fn priced(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<PricedExpiry>> {
		state(|state| {
			let priced = state.priced.get(&(underlying, expiry))?.clone();
			let at = priced.at;
			Some(Aged::new(priced, at, state.now))
		})
	}

	fn status(series: &SeriesId) -> SeriesStatus {
		state(|state| match state.strikes.get(&(series.underlying, series.expiry)) {
			Some(strikes) if strikes.contains(&series.strike) => SeriesStatus::Trading,
			_ => SeriesStatus::Unknown,
		})
	}

	fn expiries(underlying: UnderlyingId) -> Vec<Moment> {
		let keys = state(|state| state.strikes.keys().copied().collect::<Vec<_>>());
		keys.into_iter().filter(|id| id.0 == underlying).map(|id| id.1).collect()
	}

	fn next_settling() -> Option<Settling> {
		state(|state| state.settling.first().copied())
	}

	fn settled(underlying: UnderlyingId, expiry: Moment) {
		state(|state| {
			state.settling.retain(|it| (it.underlying, it.expiry) != (underlying, expiry));
			state.settled.push((underlying, expiry));
		});
	}

	fn freeze(underlying: UnderlyingId) -> bool {
		state(|state| state.frozen.insert(underlying))
	}

	fn next_pruning() -> Option<(UnderlyingId, Moment)> {
		None
	}

	fn pruned(_: UnderlyingId, _: Moment) {}
}

/// What the watch was told last of an account. Kept in storage, so that it is undone with the rest.
pub fn announced(key: &KeyOf<Test>) -> Option<Account> {
	frame_support::storage::unhashed::get(&(b"announced", key).encode())
}

/// Forgets it.
pub fn forget_announced(key: &KeyOf<Test>) {
	frame_support::storage::unhashed::kill(&(b"announced", key).encode());
}

impl RiskWatch<AccountId> for Fake {
	fn changed(key: &KeyOf<Test>, account: &Account) {
		frame_support::storage::unhashed::put(&(b"announced", key).encode(), account);
	}

	fn rules_changed(underlying: UnderlyingId) {
		state(|state| state.rules_changed.push(underlying));
	}

	fn is_swept(underlying: UnderlyingId) -> bool {
		state(|state| !state.unswept.contains(&underlying))
	}

	fn conditions(underlying: UnderlyingId) -> MarginConditions {
		state(|state| state.conditions.get(&underlying).copied().unwrap_or_default())
	}
}

impl PriceSource for Fake {
	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		<Fake as Markets>::spot(underlying)
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		<Fake as Markets>::quote_price()
	}

	fn expiry(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<ExpiryPrice>> {
		state(|state| {
			let price = expiry_price(state, (underlying, expiry))?;
			Some(Aged::new(price, state.spots[&underlying].1, state.now))
		})
	}

	fn round(_: UnderlyingId) -> RoundNumber {
		1
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
		None
	}

	fn forget(_: UnderlyingId, _: Moment) {}
}

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper<AccountId> for Fake {
	fn market(expiries: u32, strikes: u32) -> Vec<SeriesId> {
		state(|state| {
			state.strikes.clear();
			state.priced.clear();
		});
		let mut all = vec![];
		for n in 1..=u64::from(expiries) {
			let listed: Vec<u64> = (0..u64::from(strikes)).map(|k| 70_000 + k * 1_000).collect();
			list(BTC, expiry(n), listed.clone());
			let of = |strike: u64| {
				[OptionKind::Call, OptionKind::Put].map(|kind| series(n, strike, kind))
			};
			all.extend(listed.into_iter().flat_map(of));
		}
		all
	}

	fn fund(who: &AccountId, asset: AssetId, amount: u128) {
		use frame_support::traits::fungible::Mutate as _;
		Balances::mint_into(who, NATIVE).unwrap();
		Assets::mint_into(asset, who, amount).unwrap();
	}

	fn assets() -> (AssetId, AssetId) {
		(USDC, WBTC)
	}

	fn expire(expiry: ExpiryId) {
		settle_at(expiry.0, expiry.1, 100_000);
	}
}

pub fn terms(base_asset: AssetId) -> MarketTerms {
	MarketTerms {
		lots_per_contract: LOTS,
		tick: 100,
		min_order_lots: 1,
		max_order_lots: 1_000_000,
		max_open_interest: 1_000_000,
		base_asset,
		maker_fee_ppb: 100_000,
		taker_fee_ppb: 300_000,
		fee_cap_ppb: 125_000_000,
	}
}

/// The `n`th listed expiry: weeks from the start.
pub fn expiry(n: u64) -> Moment {
	START + n * 7 * DAY
}

/// A series on BTC by the number of its expiry and its strike in dollars.
pub fn series(n: u64, strike: u64, kind: OptionKind) -> SeriesId {
	SeriesId { underlying: BTC, expiry: expiry(n), strike: strike * 1_000_000, kind }
}

pub fn call(strike: u64) -> SeriesId {
	series(1, strike, OptionKind::Call)
}

pub fn put(strike: u64) -> SeriesId {
	series(1, strike, OptionKind::Put)
}

/// A series on ETH in the first expiry.
pub fn eth_call(strike: u64) -> SeriesId {
	SeriesId { underlying: ETH, ..call(strike) }
}

pub fn key(owner: AccountId, index: u16) -> KeyOf<Test> {
	AccountKey { owner, index }
}

fn collateral(units_per_token: u64, underlying: UnderlyingId) -> CollateralTerms {
	CollateralTerms {
		units_per_token,
		underlying,
		haircut_initial_ppb: 50_000_000,
		haircut_maintenance_ppb: 100_000_000,
		cap: u128::from(units_per_token) * 1_000,
	}
}

pub fn accepted() -> Vec<(AssetId, CollateralTerms)> {
	let ether = 1_000_000_000_000_000_000;
	vec![
		(WBTC, collateral(100_000_000, BTC)),
		(WETH, collateral(ether, ETH)),
		(TBTC, collateral(ether, BTC)),
	]
}

/// Alice, Bob and Carol with a million dollars and some of each asset; two BTC expiries and one of ETH.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let assets = [(USDC, 1), (WBTC, 1), (WETH, 1), (OTHER, 1), (TBTC, 1_000)];
	let owners = [ALICE, BOB, CAROL];
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: owners.iter().map(|who| (*who, NATIVE)).collect(),
			..Default::default()
		},
		assets: pallet_assets::GenesisConfig {
			assets: assets.iter().map(|(id, least)| (*id, 99, false, *least)).collect(),
			..Default::default()
		},
		clearing: crate::GenesisConfig {
			collaterals: accepted(),
			debt_cap: 1_000_000_000_000,
			..Default::default()
		},
		..Default::default()
	};
	let mut ext: sp_io::TestExternalities = genesis.build_storage().expect("genesis").into();
	ext.execute_with(|| {
		System::set_block_number(1);
		reset_market();
		for who in owners {
			Assets::mint_into(USDC, &who, 1_000_000 * USD as u128).unwrap();
			Assets::mint_into(WBTC, &who, 100 * 100_000_000).unwrap();
			Assets::mint_into(WETH, &who, 100 * 10u128.pow(18)).unwrap();
			Assets::mint_into(TBTC, &who, 100 * 10u128.pow(18)).unwrap();
			Assets::mint_into(OTHER, &who, 1_000).unwrap();
		}
	});
	ext
}

fn reset_market() {
	state(|state| {
		*state = State { now: START, vol_ppb: 600_000_000, ..Default::default() };
		state.quote = Some((Ppb::ONE, START));
		state.terms = BTreeMap::from([(BTC, terms(WBTC)), (ETH, terms(WETH))]);
		for (underlying, spot) in [(BTC, 100_000), (ETH, 4_000)] {
			let spot = SpotPrice { price: usd(spot), confidence: Ppb::ONE };
			state.spots.insert(underlying, (spot, START));
		}
	});
	for n in [1, 2] {
		list(BTC, expiry(n), [80_000, 90_000, 100_000, 110_000, 120_000]);
	}
	list(ETH, expiry(1), [3_000, 4_000, 5_000]);
}

/// Runs a test and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		Clearing::do_try_state().expect("the invariants hold after each test");
		for (key, account) in crate::Accounts::<Test>::iter() {
			assert_eq!(announced(&key), Some(account), "the watch knows every record");
		}
	});
}
