// SPDX-License-Identifier: Apache-2.0

//! What Prometheus sees of the exchange: `docs/reference/metrics.md` explains each figure.
//!
//! Read from the state of every new best block by the runtime's own API. What cannot be read is counted and logged, and
//! the node goes on.

use crate::service::FullClient;
use ballast_author::lane_name;
use ballast_exchange::UnderlyingId;
use ballast_runtime::{opaque::Block, BlockNumber};
use ballast_runtime_api::{ExchangeApi, MarketInfo, SolvencyApi};
use futures::StreamExt;
use pallet_lanes::{Lane, Statistics};
use pallet_liquidation::{Conditions, Figures, Parameters};
use sc_client_api::BlockchainEvents;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::SyncOracle;
use sp_runtime::traits::Block as BlockT;
use std::sync::{
	atomic::{AtomicU64, Ordering},
	Arc,
};
use substrate_prometheus_endpoint::{
	register, Counter, CounterVec, Gauge, GaugeVec, Opts, PrometheusError, Registry, F64, U64,
};

const LOG_TARGET: &str = "exchange-metrics";

const PICOSECONDS: f64 = 1e12;
const MILLISECONDS: f64 = 1e3;
const MICRO_USD: f64 = 1e6;
const BILLION: f64 = 1e9;

/// The state of the exchange after a block.
struct Reading {
	lanes: Statistics<BlockNumber>,
	figures: Figures,
	markets: Vec<MarketInfo>,
}

impl Reading {
	fn at(client: &FullClient, block: <Block as BlockT>::Hash) -> Result<Self, ApiError> {
		let api = client.runtime_api();
		Ok(Self {
			lanes: api.lanes(block)?,
			figures: api.figures(block)?,
			markets: api.markets(block)?,
		})
	}
}

/// The metrics.
pub struct Metrics {
	block: Gauge<U64>,
	errors: Counter<U64>,
	lanes: LaneMetrics,
	search: SearchMetrics,
	bounds: BoundMetrics,
	underlyings: UnderlyingMetrics,
}

/// Makes and registers metrics, named after the chain.
struct Maker<'a>(&'a Registry);

impl Maker<'_> {
	fn options(name: &str, help: &str) -> Opts {
		Opts::new(format!("ballast_{name}"), help)
	}

	fn gauge(&self, name: &str, help: &str) -> Result<Gauge<F64>, PrometheusError> {
		register(Gauge::with_opts(Self::options(name, help))?, self.0)
	}

	fn count(&self, name: &str, help: &str) -> Result<Gauge<U64>, PrometheusError> {
		register(Gauge::with_opts(Self::options(name, help))?, self.0)
	}

	fn gauges(
		&self,
		label: &str,
		name: &str,
		help: &str,
	) -> Result<GaugeVec<F64>, PrometheusError> {
		register(GaugeVec::new(Self::options(name, help), &[label])?, self.0)
	}

	fn counters(
		&self,
		label: &str,
		name: &str,
		help: &str,
	) -> Result<CounterVec<U64>, PrometheusError> {
		register(CounterVec::new(Self::options(name, help), &[label])?, self.0)
	}
}

impl Metrics {
	/// Metrics in `registry`.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let make = Maker(registry);
		let errors = Maker::options(
			"metrics_errors_total",
			"Best blocks whose state could not be read for these metrics",
		);
		Ok(Self {
			block: make.count("metrics_block", "Number of the block that these metrics are of")?,
			errors: register(Counter::with_opts(errors)?, registry)?,
			lanes: LaneMetrics::register(&make)?,
			search: SearchMetrics::register(&make)?,
			bounds: BoundMetrics::register(&make)?,
			underlyings: UnderlyingMetrics::register(&make)?,
		})
	}

	/// Keeps the metrics those of the best block, for as long as the node runs.
	pub async fn follow(self, client: Arc<FullClient>, sync: impl SyncOracle) {
		let mut imports = client.import_notification_stream();
		let mut is_failing = false;
		while let Some(import) = imports.next().await {
			// Not the best one, or no longer: a later notification is on its way.
			let is_stale = import.hash != client.info().best_hash;
			if is_stale || sync.is_major_syncing() {
				continue;
			}
			match Reading::at(&client, import.hash) {
				Ok(reading) => {
					self.show(&reading);
					is_failing = false;
				},
				Err(error) => {
					self.errors.inc();
					if !is_failing {
						log::warn!(target: LOG_TARGET, "no metrics of block {}: {error}", import.hash);
					}
					is_failing = true;
				},
			}
		}
	}

	fn show(&self, reading: &Reading) {
		self.lanes.show(&reading.lanes);
		self.search.show(&reading.figures);
		self.bounds.show(&reading.figures.parameters);
		for market in &reading.markets {
			self.underlyings.show_market(market);
		}
		for (underlying, conditions, is_swept) in &reading.figures.underlyings {
			// Without a market there is no name for it.
			if let Some(symbol) = symbol(&reading.markets, *underlying) {
				self.underlyings.show_conditions(&symbol, conditions, *is_swept);
			}
		}
		self.block.set(reading.lanes.number.into());
	}
}

fn symbol(markets: &[MarketInfo], underlying: UnderlyingId) -> Option<String> {
	let market = markets.iter().find(|market| market.underlying == underlying)?;
	Some(String::from_utf8_lossy(&market.symbol).into_owned())
}

struct LaneMetrics {
	guaranteed: GaugeVec<F64>,
	ceiling: GaugeVec<F64>,
	used: GaugeVec<F64>,
	used_ratio: GaugeVec<F64>,
	fee_multiplier: GaugeVec<F64>,
	transactions: CounterVec<U64>,
	failed: CounterVec<U64>,
	/// The last block whose transactions were counted.
	counted: AtomicU64,
}

impl LaneMetrics {
	fn register(make: &Maker) -> Result<Self, PrometheusError> {
		let gauges = |name, help| make.gauges("lane", name, help);
		let counters = |name, help| make.counters("lane", name, help);
		Ok(Self {
			guaranteed: gauges(
				"lane_guaranteed_seconds",
				"Execution time, by weight, that the lane was sure of in the block",
			)?,
			ceiling: gauges(
				"lane_ceiling_seconds",
				"The most execution time, by weight, that the lane could use in the block",
			)?,
			used: gauges(
				"lane_used_seconds",
				"Execution time, by weight, that the lane used in the block",
			)?,
			used_ratio: gauges(
				"lane_used_ratio",
				"How full the lane was: what it used of what it could have used, 1 when there was no room",
			)?,
			fee_multiplier: gauges(
				"lane_fee_multiplier",
				"What weight cost in the lane, over the usual price",
			)?,
			transactions: counters(
				"lane_transactions_total",
				"Transactions of the lane in the best blocks that this node has seen",
			)?,
			failed: counters(
				"lane_failed_total",
				"Of these, transactions whose call failed",
			)?,
			counted: AtomicU64::new(0),
		})
	}

	fn show(&self, statistics: &Statistics<BlockNumber>) {
		let number = u64::from(statistics.number);
		// After a reorganisation some numbers come again, and were counted.
		let is_new = self.counted.fetch_max(number, Ordering::Relaxed) < number;
		for lane in Lane::ALL {
			let (name, of) = ([lane_name(lane)], statistics.lanes.get(lane));
			let set = |gauge: &GaugeVec<F64>, value| gauge.with_label_values(&name).set(value);
			set(&self.guaranteed, of.guaranteed.ref_time() as f64 / PICOSECONDS);
			set(&self.ceiling, of.ceiling.ref_time() as f64 / PICOSECONDS);
			set(&self.used, of.usage.used.ref_time() as f64 / PICOSECONDS);
			set(&self.used_ratio, f64::from(of.fullness.deconstruct()) / BILLION);
			set(&self.fee_multiplier, of.multiplier.to_float());
			if is_new {
				let transactions = of.usage.transactions.into();
				self.transactions.with_label_values(&name).inc_by(transactions);
				self.failed.with_label_values(&name).inc_by(of.usage.failed.into());
			}
		}
	}
}

struct SearchMetrics {
	backlog: Gauge<U64>,
	capacity: Gauge<U64>,
	looks: Gauge<U64>,
	found: Gauge<U64>,
	unfinished: Gauge<U64>,
	registered: Gauge<U64>,
	insurance: Gauge<F64>,
	bad_debt: Gauge<F64>,
}

impl SearchMetrics {
	fn register(make: &Maker) -> Result<Self, PrometheusError> {
		Ok(Self {
			backlog: make.count("backlog", "Accounts under maintenance margin and not resolved")?,
			capacity: make.count(
				"auction_capacity_per_second",
				"Auctions that the chain can resolve per second",
			)?,
			looks: make
				.count("sweep_looks", "Accounts that the search has looked at since it began")?,
			found: make.count("sweep_found", "Of these, accounts under maintenance margin")?,
			unfinished: make.count(
				"sweep_unfinished",
				"1 while the search has not ended for want of room in the block, else 0",
			)?,
			registered: make.count(
				"accounts_registered",
				"Accounts that prices can bring under maintenance margin",
			)?,
			insurance: make.gauge("insurance_usd", "The insurance fund, US dollars")?,
			bad_debt: make
				.gauge("bad_debt_usd", "What is owed and covered by nobody, US dollars")?,
		})
	}

	fn show(&self, figures: &Figures) {
		self.backlog.set(figures.backlog.into());
		self.capacity.set(figures.capacity_per_second.into());
		self.looks.set(figures.sweep.looks.into());
		self.found.set(figures.sweep.found.into());
		self.unfinished.set(figures.sweep.is_unfinished.into());
		self.registered.set(figures.registered.into());
		self.insurance.set(figures.insurance as f64 / MICRO_USD);
		self.bad_debt.set(figures.bad_debt as f64 / MICRO_USD);
	}
}

/// The parameters that bound what is measured of each underlying.
struct BoundMetrics {
	delay_move: Gauge<F64>,
	margin_multiplier: Gauge<F64>,
	concentration_threshold: Gauge<F64>,
	concentration_charge: Gauge<F64>,
}

impl BoundMetrics {
	fn register(make: &Maker) -> Result<Self, PrometheusError> {
		Ok(Self {
			delay_move: make.gauge(
				"delay_move_highest_ratio",
				"The largest move of spot that margin assumes, whatever the delay",
			)?,
			margin_multiplier: make
				.gauge("margin_multiplier_highest", "The largest multiplier of initial margin")?,
			concentration_threshold: make.gauge(
				"concentration_threshold_ratio",
				"Share of a series' open interest from which an account is charged for concentration",
			)?,
			concentration_charge: make.gauge(
				"concentration_charge_ratio",
				"What is charged for all of the open interest, over notional",
			)?,
		})
	}

	fn show(&self, parameters: &Parameters) {
		let concentration = &parameters.concentration;
		self.delay_move.set(parameters.house.highest_move.0 as f64 / BILLION);
		self.margin_multiplier.set(parameters.multiplier.highest.0 as f64 / BILLION);
		self.concentration_threshold.set(concentration.threshold.0 as f64 / BILLION);
		self.concentration_charge.set(concentration.charge.0 as f64 / BILLION);
	}
}

/// Delay in seconds: what cannot be told is longer than any alert's limit.
fn delay_seconds(conditions: &Conditions) -> f64 {
	match conditions.delay_millis {
		u32::MAX => f64::INFINITY,
		millis => f64::from(millis) / MILLISECONDS,
	}
}

struct UnderlyingMetrics {
	spot: GaugeVec<F64>,
	price_age: GaugeVec<F64>,
	price_confidence: GaugeVec<F64>,
	realised_vol: GaugeVec<F64>,
	delay: GaugeVec<F64>,
	delay_move: GaugeVec<F64>,
	shadow_move: GaugeVec<F64>,
	margin_multiplier: GaugeVec<F64>,
	swept: GaugeVec<F64>,
}

impl UnderlyingMetrics {
	fn register(make: &Maker) -> Result<Self, PrometheusError> {
		let gauges = |name, help| make.gauges("underlying", name, help);
		Ok(Self {
			spot: gauges("spot_usd", "Spot of the latest price round, US dollars")?,
			price_age: gauges("price_age_seconds", "Age of the latest price round at the block")?,
			price_confidence: gauges(
				"price_confidence_ratio",
				"Confidence of spot: 1 when all reports agree",
			)?,
			realised_vol: gauges(
				"realised_volatility_ratio",
				"Realised volatility per year: 0.5 is 50 %",
			)?,
			delay: gauges(
				"delay_seconds",
				"Price age, time to work the backlog off, and a block; +Inf if it cannot be told",
			)?,
			delay_move: gauges(
				"delay_move_ratio",
				"Relative move of spot that no one escapes, by the delay that the chain measures",
			)?,
			shadow_move: gauges(
				"delay_move_proposed_ratio",
				"The same by the parameters that are proposed",
			)?,
			margin_multiplier: gauges("margin_multiplier", "Multiplier of initial margin")?,
			swept: gauges(
				"sweep_done",
				"1 if every account has been searched at the latest prices, else 0: nothing that adds risk is taken",
			)?,
		})
	}

	fn show_market(&self, market: &MarketInfo) {
		let name = [&*String::from_utf8_lossy(&market.symbol)];
		let set = |gauge: &GaugeVec<F64>, value| gauge.with_label_values(&name).set(value);
		if let Some(spot) = market.spot {
			set(&self.spot, spot as f64 / MICRO_USD);
			set(&self.price_age, market.age_millis as f64 / MILLISECONDS);
			set(&self.price_confidence, market.spot_confidence.0 as f64 / BILLION);
		}
		if let Some(vol) = market.realised_vol {
			set(&self.realised_vol, vol.0 as f64 / BILLION);
		}
	}

	fn show_conditions(&self, symbol: &str, conditions: &Conditions, is_swept: bool) {
		let set = |gauge: &GaugeVec<F64>, value| gauge.with_label_values(&[symbol]).set(value);
		// Zero counts as one.
		let multiplier = match conditions.multiplier.0 {
			0 => 1.0,
			multiplier => multiplier as f64 / BILLION,
		};
		set(&self.delay, delay_seconds(conditions));
		set(&self.delay_move, conditions.delay_move.0 as f64 / BILLION);
		set(&self.shadow_move, conditions.shadow_move.0 as f64 / BILLION);
		set(&self.margin_multiplier, multiplier);
		set(&self.swept, f64::from(u8::from(is_swept)));
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_exchange::{MarketTerms, Ppb};
	use pallet_liquidation::SweepState;
	use sp_runtime::{FixedU128, Perbill};
	use sp_weights::Weight;
	use substrate_prometheus_endpoint::prometheus::TextEncoder;

	const TERMS: MarketTerms = MarketTerms {
		lots_per_contract: 1_000,
		tick: 1_000,
		min_order_lots: 1,
		max_order_lots: 1_000,
		max_open_interest: 1_000,
		base_asset: 1,
		maker_fee_ppb: 0,
		taker_fee_ppb: 0,
		fee_cap_ppb: 0,
	};

	fn market() -> MarketInfo {
		MarketInfo {
			underlying: 1,
			symbol: b"BTC".to_vec(),
			terms: TERMS,
			spot: Some(100_000_500_000),
			spot_confidence: Ppb(999_000_000),
			age_millis: 1_500,
			round: 7,
			realised_vol: Some(Ppb(650_000_000)),
			expiries: Vec::new(),
		}
	}

	fn figures() -> Figures {
		let conditions = Conditions {
			delay_move: Ppb(12_000_000),
			shadow_move: Ppb(13_000_000),
			multiplier: Ppb(1_250_000_000),
			delay_millis: 1_250,
			..Default::default()
		};
		let mut parameters = Parameters::default();
		parameters.house.highest_move = Ppb(100_000_000);
		parameters.multiplier.highest = Ppb(2_500_000_000);
		parameters.concentration.threshold = Ppb(250_000_000);
		parameters.concentration.charge = Ppb(10_000_000);
		Figures {
			sweep: SweepState { is_unfinished: true, looks: 44, found: 3, ..Default::default() },
			registered: 200,
			backlog: 5,
			capacity_per_second: 60,
			insurance: 1_234_500_000,
			bad_debt: 10,
			vault_shares: 0,
			underlyings: vec![(1, conditions, true), (2, Conditions::default(), false)],
			parameters,
		}
	}

	fn lanes(number: BlockNumber) -> Statistics<BlockNumber> {
		let mut lanes = Statistics { number, ..Default::default() };
		let takers = &mut lanes.lanes.takers;
		takers.guaranteed = Weight::from_parts(30_000_000_000, 0);
		takers.ceiling = Weight::from_parts(60_000_000_000, 0);
		takers.usage.used = Weight::from_parts(45_000_000_000, 0);
		takers.usage.transactions = 12;
		takers.usage.failed = 2;
		takers.fullness = Perbill::from_percent(75);
		takers.multiplier = FixedU128::from_rational(3, 2);
		lanes
	}

	/// The lines that Prometheus gets, after these readings.
	fn shown(readings: &[Reading]) -> String {
		let registry = Registry::new();
		let metrics = Metrics::register(&registry).expect("the names are free");
		for reading in readings {
			metrics.show(reading);
		}
		TextEncoder::new().encode_to_string(&registry.gather()).expect("text")
	}

	fn reading(number: BlockNumber) -> Reading {
		Reading { lanes: lanes(number), figures: figures(), markets: vec![market()] }
	}

	#[track_caller]
	fn assert_shown(text: &str, line: &str) {
		assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
	}

	#[test]
	fn lane_should_be_shown_in_seconds_and_ratios() {
		let text = shown(&[reading(9)]);
		assert_shown(&text, "ballast_metrics_block 9");
		assert_shown(&text, "ballast_lane_guaranteed_seconds{lane=\"takers\"} 0.03");
		assert_shown(&text, "ballast_lane_ceiling_seconds{lane=\"takers\"} 0.06");
		assert_shown(&text, "ballast_lane_used_seconds{lane=\"takers\"} 0.045");
		assert_shown(&text, "ballast_lane_used_ratio{lane=\"takers\"} 0.75");
		assert_shown(&text, "ballast_lane_fee_multiplier{lane=\"takers\"} 1.5");
		assert_shown(&text, "ballast_lane_transactions_total{lane=\"takers\"} 12");
		assert_shown(&text, "ballast_lane_failed_total{lane=\"takers\"} 2");
		assert_shown(&text, "ballast_lane_used_ratio{lane=\"risk_down\"} 0");
	}

	#[test]
	fn transactions_should_be_counted_once_when_a_block_number_comes_again() {
		let text = shown(&[reading(8), reading(9), reading(9), reading(8), reading(9)]);
		assert_shown(&text, "ballast_lane_transactions_total{lane=\"takers\"} 24");
	}

	#[test]
	fn search_and_money_should_be_shown() {
		let text = shown(&[reading(9)]);
		assert_shown(&text, "ballast_backlog 5");
		assert_shown(&text, "ballast_auction_capacity_per_second 60");
		assert_shown(&text, "ballast_sweep_looks 44");
		assert_shown(&text, "ballast_sweep_found 3");
		assert_shown(&text, "ballast_sweep_unfinished 1");
		assert_shown(&text, "ballast_accounts_registered 200");
		assert_shown(&text, "ballast_insurance_usd 1234.5");
		assert_shown(&text, "ballast_bad_debt_usd 0.00001");
	}

	#[test]
	fn underlying_should_be_shown_by_its_symbol() {
		let text = shown(&[reading(9)]);
		assert_shown(&text, "ballast_spot_usd{underlying=\"BTC\"} 100000.5");
		assert_shown(&text, "ballast_price_age_seconds{underlying=\"BTC\"} 1.5");
		assert_shown(&text, "ballast_price_confidence_ratio{underlying=\"BTC\"} 0.999");
		assert_shown(&text, "ballast_realised_volatility_ratio{underlying=\"BTC\"} 0.65");
		assert_shown(&text, "ballast_delay_seconds{underlying=\"BTC\"} 1.25");
		assert_shown(&text, "ballast_delay_move_ratio{underlying=\"BTC\"} 0.012");
		assert_shown(&text, "ballast_delay_move_proposed_ratio{underlying=\"BTC\"} 0.013");
		assert_shown(&text, "ballast_margin_multiplier{underlying=\"BTC\"} 1.25");
		assert_shown(&text, "ballast_sweep_done{underlying=\"BTC\"} 1");
		assert!(!text.contains("underlying=\"\""), "the other one has no market");
	}

	#[test]
	fn price_should_be_left_out_when_there_was_no_round() {
		let market = MarketInfo { spot: None, realised_vol: None, ..market() };
		let text = shown(&[Reading { markets: vec![market], ..reading(9) }]);
		assert!(!text.contains("ballast_spot_usd{"), "{text}");
		assert!(!text.contains("ballast_price_age_seconds{"), "{text}");
		assert_shown(&text, "ballast_margin_multiplier{underlying=\"BTC\"} 1.25");
	}

	#[test]
	fn bounds_should_be_the_parameters_in_force() {
		let text = shown(&[reading(9)]);
		assert_shown(&text, "ballast_delay_move_highest_ratio 0.1");
		assert_shown(&text, "ballast_margin_multiplier_highest 2.5");
		assert_shown(&text, "ballast_concentration_threshold_ratio 0.25");
		assert_shown(&text, "ballast_concentration_charge_ratio 0.01");
	}

	#[test]
	fn delay_should_be_infinite_when_it_cannot_be_told() {
		let mut figures = figures();
		let conditions = Conditions { delay_millis: u32::MAX, ..Default::default() };
		figures.underlyings = vec![(1, conditions, false)];
		let text = shown(&[Reading { figures, ..reading(9) }]);
		// As Rust writes it; Prometheus reads it in any case and shows `+Inf`.
		assert_shown(&text, "ballast_delay_seconds{underlying=\"BTC\"} inf");
	}

	#[test]
	fn multiplier_of_margin_should_be_one_when_none_was_measured() {
		let mut figures = figures();
		figures.underlyings = vec![(1, Conditions::default(), false)];
		let text = shown(&[Reading { figures, ..reading(9) }]);
		assert_shown(&text, "ballast_margin_multiplier{underlying=\"BTC\"} 1");
		assert_shown(&text, "ballast_sweep_done{underlying=\"BTC\"} 0");
	}

	#[test]
	fn every_metric_should_be_explained_in_the_reference() {
		let text = shown(&[reading(9)]);
		let page = include_str!("../../docs/reference/metrics.md");
		for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
			let name = name.split(' ').next().unwrap_or_default();
			assert!(
				page.contains(&format!("`{name}`")),
				"{name} is not in docs/reference/metrics.md"
			);
		}
	}
}
