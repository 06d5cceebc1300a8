// SPDX-License-Identifier: Apache-2.0
//! The test's own record of prices and listings: rounds, settlement averages, what each expiry was last
//! priced from. Computed from the reports the test makes and from listing events, never from the
//! chain's storage.

use crate::{
	conditions::{Conditions, Volatility},
	ensure,
	pricing::{Svi, Values},
	Outcome,
};
use ballast_exchange::{Moment, OptionKind, PriceReport, SeriesId, UnderlyingId};
use ballast_runtime::AccountId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Age at which a price is too old, milliseconds.
pub const MAX_AGE: Moment = 5_000;
/// Length of the settlement window, milliseconds.
pub const WINDOW: Moment = 60_000;
/// Most that spot moves per block, parts per billion.
const CLAMP_PPB: i128 = 10_000_000;
const BILLION: i128 = 1_000_000_000;

/// An expiry of an underlying.
pub type Expiry = (UnderlyingId, Moment);

/// One price round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
	/// Its number.
	pub number: u64,
	/// When.
	pub at: Moment,
	/// The block that made it.
	pub block: u64,
	/// Spot, pico-USD.
	pub spot: i128,
}

/// The latest report of an expiry.
#[derive(Clone, Copy, Debug)]
pub struct Quote {
	/// When.
	pub at: Moment,
	/// Forward, pico-USD.
	pub forward: i128,
	/// Rate per year.
	pub rate: f64,
	/// Volatility slice.
	pub svi: Svi,
}

/// Where an expiry is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
	/// Takes orders.
	Trading,
	/// Waits for its settlement price.
	Expired,
	/// Has it, pico-USD.
	Settling(i128),
	/// Every position is paid out.
	Settled,
}

/// What an expiry was last priced from.
#[derive(Clone, Debug)]
pub struct Priced {
	/// The round.
	pub round: u64,
	/// The older one of spot and forward.
	pub at: Moment,
	/// Seconds to expiry then.
	pub seconds: u32,
	/// Forward, pico-USD, the part that the average has fixed in it.
	pub forward: i128,
	/// Rate per year.
	pub rate: f64,
	/// Volatility slice.
	pub svi: Svi,
	/// Strikes that were listed then.
	pub strikes: usize,
	/// Values computed so far.
	pub values: HashMap<(u64, OptionKind), Values>,
}

/// A listed expiry.
#[derive(Clone, Debug)]
pub struct Listed {
	/// Where it is.
	pub life: Life,
	/// Strikes in order of listing, micro-USD.
	pub strikes: Vec<u64>,
	/// Who holds deposits for strikes.
	pub deposits: Vec<AccountId>,
	/// What it was last priced from.
	pub priced: Option<Priced>,
	/// What it settles at once that is final, pico-USD.
	pub fixed: Option<i128>,
}

/// An underlying.
#[derive(Clone, Debug)]
pub struct Underlying {
	/// Lots in a contract.
	pub lots_per_contract: i128,
	/// Step of prices, micro-USD.
	pub tick: u64,
	/// Whether governance has paused it.
	pub paused: bool,
	/// Rounds, oldest first.
	pub rounds: Vec<Round>,
	/// Latest reports of expiries.
	pub quotes: BTreeMap<Moment, Quote>,
	/// Listed expiries.
	pub listed: BTreeMap<Moment, Listed>,
	/// Realised volatility so far.
	pub volatility: Volatility,
	/// What margin was last measured by.
	pub conditions: Conditions,
}

/// Everything about prices.
#[derive(Clone, Debug, Default)]
pub struct Market {
	/// Time of the block.
	pub now: Moment,
	/// Number of the block.
	pub block: u64,
	/// Price of the settlement asset and when it was reported.
	pub quote: Option<(Moment, f64)>,
	/// By number.
	pub underlyings: BTreeMap<UnderlyingId, Underlying>,
	/// Expiries to be priced anew.
	pub pending: BTreeSet<Expiry>,
	/// When the chain last measured itself.
	pub measured_at: Option<Moment>,
	/// Least and most open interest of each series since the call under way began.
	pub interest: BTreeMap<SeriesId, (i64, i64)>,
}

impl Market {
	/// The market of the preset.
	pub fn new() -> Self {
		let of = |lots_per_contract, tick| Underlying {
			lots_per_contract,
			tick,
			paused: false,
			rounds: Vec::new(),
			quotes: BTreeMap::new(),
			listed: BTreeMap::new(),
			volatility: Volatility::default(),
			conditions: Conditions::default(),
		};
		let underlyings =
			BTreeMap::from([(1, of(100, 1_000_000)), (2, of(10, 50_000)), (3, of(1, 500))]);
		Self { underlyings, ..Self::default() }
	}

	/// An underlying that exists.
	pub fn underlying(&self, id: UnderlyingId) -> &Underlying {
		&self.underlyings[&id]
	}

	/// Spot, pico-USD.
	pub fn spot(&self, id: UnderlyingId) -> Option<i128> {
		self.underlyings.get(&id)?.rounds.last().map(|round| round.spot)
	}

	/// Whether spot is young enough to add risk on.
	pub fn is_spot_fresh(&self, id: UnderlyingId) -> bool {
		self.underlying(id).rounds.last().is_some_and(|round| self.now - round.at <= MAX_AGE)
	}

	/// A listed expiry.
	pub fn listed(&self, (underlying, expiry): Expiry) -> Option<&Listed> {
		self.underlyings.get(&underlying)?.listed.get(&expiry)
	}

	/// The same, to change it.
	pub fn listed_mut(&mut self, (underlying, expiry): Expiry) -> Option<&mut Listed> {
		self.underlyings.get_mut(&underlying)?.listed.get_mut(&expiry)
	}

	/// Where a series is in its life; `None` if it is not listed.
	pub fn life(&self, series: &SeriesId) -> Option<Life> {
		let listed = self.listed((series.underlying, series.expiry))?;
		listed.strikes.contains(&series.strike).then_some(listed.life)
	}

	/// Expiries that trade, ascending.
	pub fn trading(&self, underlying: UnderlyingId) -> impl Iterator<Item = (Moment, &Listed)> {
		let listed = self.underlying(underlying).listed.iter();
		listed.filter(|(_, it)| it.life == Life::Trading).map(|(expiry, it)| (*expiry, it))
	}

	/// The values of a series by its latest pricing, in dollars; `None` if it has none.
	pub fn values(&mut self, series: &SeriesId) -> Option<Values> {
		let listed = self.listed_mut((series.underlying, series.expiry))?;
		let index = listed.strikes.iter().position(|strike| *strike == series.strike)?;
		let priced = listed.priced.as_mut().filter(|priced| index < priced.strikes)?;
		let key = (series.strike, series.kind);
		if let Some(values) = priced.values.get(&key) {
			return Some(*values);
		}
		let values = Values::of(priced, series.strike, series.kind);
		priced.values.insert(key, values);
		Some(values)
	}

	/// Takes the parts of a report that a chain with one author has to take; `refused` names expiries that
	/// it has dropped for arbitrage, which this record does not judge.
	pub fn take_report(&mut self, report: &PriceReport, refused: &BTreeSet<Expiry>) {
		if (10_000_000..=100_000_000_000).contains(&report.quote_price.0) {
			self.quote = Some((self.now, report.quote_price.0 as f64 / 1e9));
		}
		let mut seen = BTreeSet::new();
		let (now, block) = (self.now, self.block);
		for reported in &report.underlyings {
			let id = reported.underlying;
			let Some(underlying) = self.underlyings.get_mut(&id) else { continue };
			if seen.contains(&id) || reported.spot.is_zero() {
				continue;
			}
			seen.insert(id);
			let median = i128::from(reported.spot.pico_usd());
			let spot = underlying.add_round(now, block, median);
			underlying.quotes.retain(|expiry, _| *expiry > now);
			let mut known = BTreeSet::new();
			for report in &reported.expiries {
				let expiry = report.expiry;
				let live =
					underlying.listed.get(&expiry).is_some_and(|it| it.life == Life::Trading);
				if !live
					|| expiry <= now
					|| refused.contains(&(id, expiry))
					|| !known.insert(expiry)
				{
					continue;
				}
				let forward = (i128::from(report.forward.pico_usd()) * spot / median).max(1);
				let rate = report.rate.0 as f64 / 1e9;
				let svi = Svi::of(&report.svi);
				underlying.quotes.insert(expiry, Quote { at: now, forward, rate, svi });
			}
			let live = underlying.listed.iter().filter(|(_, it)| it.life != Life::Settled);
			self.pending.extend(live.map(|(expiry, _)| (id, *expiry)));
		}
	}

	/// Fixes what the expiries that have passed settle at, as far as there is a price for them; returns
	/// the ones fixed now with price and covered time.
	pub fn fix_settlements(&mut self) -> Vec<(Expiry, i128, u64)> {
		let now = self.now;
		let mut fixed = Vec::new();
		for (id, underlying) in &mut self.underlyings {
			let due: Vec<Moment> = underlying
				.listed
				.iter()
				.filter(|(expiry, it)| **expiry <= now && it.fixed.is_none())
				.map(|(expiry, _)| *expiry)
				.collect();
			for expiry in due {
				if let Some((price, covered)) = underlying.settlement(expiry) {
					fixed.push(((*id, expiry), price, covered));
					if let Some(listed) = underlying.listed.get_mut(&expiry) {
						listed.fixed = Some(price);
					}
				}
			}
		}
		fixed
	}

	/// Prices what is to be priced, but for `left`, which the chain has had no room for.
	pub fn reprice(&mut self, left: &BTreeSet<Expiry>) -> Outcome {
		let unknown = left.difference(&self.pending).next();
		ensure!(unknown.is_none(), "{unknown:?} waits to be priced without a reason");
		let now = self.now;
		for (id, expiry) in core::mem::replace(&mut self.pending, left.clone()) {
			if left.contains(&(id, expiry)) {
				continue;
			}
			let Some(underlying) = self.underlyings.get_mut(&id) else { continue };
			let priced = underlying.price(expiry, now);
			if let (Some(priced), Some(listed)) = (priced, underlying.listed.get_mut(&expiry)) {
				listed.priced = Some(priced);
			}
		}
		Ok(())
	}

	/// Notes open interest as it is, at the beginning of a call or on the way.
	pub fn note_interest(&mut self, open: &BTreeMap<SeriesId, i64>, begins: bool) {
		if begins {
			self.interest.clear();
		}
		for (series, lots) in open {
			let first = if begins { *lots } else { 0 };
			let range = self.interest.entry(*series).or_insert((first, first));
			*range = (range.0.min(*lots), range.1.max(*lots));
		}
		for (series, range) in &mut self.interest {
			if !open.contains_key(series) {
				range.0 = 0;
			}
		}
	}

	/// Has every live expiry of an underlying priced anew.
	pub fn queue_all(&mut self, id: UnderlyingId) {
		let listed = self.underlyings[&id].listed.iter();
		let live = listed.filter(|(_, it)| it.life != Life::Settled);
		self.pending.extend(live.map(|(expiry, _)| (id, *expiry)));
	}
}

impl Underlying {
	/// Adds a round whose median is `median`; spot after the clamp.
	fn add_round(&mut self, at: Moment, block: u64, median: i128) -> i128 {
		let last = self.rounds.last().copied();
		let spot = last.map_or(median, |last| {
			let movement = CLAMP_PPB * i128::from(block - last.block);
			let highest = (last.spot * (BILLION + movement) + BILLION - 1) / BILLION;
			let lowest = (last.spot * (BILLION - movement).max(0) / BILLION).max(1);
			median.clamp(lowest, highest)
		});
		let number = last.map_or(1, |last| last.number + 1);
		self.rounds.push(Round { number, at, block, spot });
		self.volatility.sample(at, spot as f64 / 1e12);
		spot
	}

	/// Average of spot from the start of the window of `expiry` to `until`, and the time it covers.
	pub fn average(&self, expiry: Moment, until: Moment) -> Option<(i128, u64)> {
		let (start, end) = (expiry.saturating_sub(WINDOW), until.min(expiry));
		let (mut area, mut covered) = (0i128, 0u64);
		let mut next = Moment::MAX;
		for round in self.rounds.iter().rev() {
			let from = round.at.max(start);
			let to = next.min(round.at + MAX_AGE).min(end);
			if to > from {
				area += round.spot * i128::from(to - from);
				covered += to - from;
			}
			if round.at <= start {
				break;
			}
			next = round.at;
		}
		(covered > 0).then(|| (area / i128::from(covered), covered))
	}

	/// What an expiry that has passed settles at: the average, or the first spot afterwards.
	fn settlement(&self, expiry: Moment) -> Option<(i128, u64)> {
		self.average(expiry, expiry).or_else(|| {
			self.rounds.iter().find(|round| round.at >= expiry).map(|round| (round.spot, 0))
		})
	}

	fn price(&self, expiry: Moment, now: Moment) -> Option<Priced> {
		let (listed, round) = (self.listed.get(&expiry)?, self.rounds.last()?);
		if listed.life == Life::Settled {
			return None;
		}
		let mut priced = Priced {
			round: round.number,
			at: round.at,
			seconds: 0,
			forward: 0,
			rate: 0.0,
			svi: Svi::FLAT,
			strikes: listed.strikes.len(),
			values: HashMap::new(),
		};
		let average = self.average(expiry, now).map(|(price, _)| price);
		if expiry <= now {
			priced.forward = match listed.life {
				Life::Settling(price) => price,
				_ => average.unwrap_or(round.spot),
			};
			return Some(priced);
		}
		let quote = self.quotes.get(&expiry)?;
		let seconds = (expiry - now).div_ceil(1_000);
		let window = WINDOW / 1_000;
		priced.at = round.at.min(quote.at);
		priced.seconds = u32::try_from(seconds).ok()?;
		priced.forward = match average {
			Some(average) if seconds < window => {
				let (live, fixed) = (i128::from(seconds), i128::from(window - seconds));
				(quote.forward * live + average * fixed) / i128::from(window)
			},
			_ => quote.forward,
		};
		(priced.rate, priced.svi) = (quote.rate, quote.svi);
		Some(priced)
	}
}
