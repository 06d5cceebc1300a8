// SPDX-License-Identifier: Apache-2.0
//! One seed, block by block.

use crate::{
	account::{Account, Key},
	action::Action,
	actors::{cast, owners, Actor, Chooser},
	conditions::Conditions,
	deleveraging::check_deleveraged,
	ensure,
	ledger::Ledger,
	margin::{margins, Margins},
	market::{Expiry, Life, Market},
	path::{Path, Step},
	regime::Regime,
	verdict::{judge, Decisions},
	world, Outcome,
};
use ballast_exchange::{PriceReport, UnderlyingId};
use ballast_rng::Rng;
use ballast_runtime::RuntimeEvent;
use pallet_clearing::Event as ClearingEvent;
use pallet_liquidation::Event as LiquidationEvent;
use pallet_prices::{DropReason, Event as PriceEvent, Part};
use std::{
	any::Any,
	collections::{BTreeMap, BTreeSet},
	panic::{catch_unwind, AssertUnwindSafe},
};

/// Calls in a block are fewer than that.
const MAX_CALLS: u64 = 10;
/// Blocks from one comparison of every account's margin to the next; in between, one account's.
const BLOCKS_PER_SURVEY: u32 = 8;

/// What a seed has seen.
#[derive(Clone, Debug, Default)]
pub struct Summary {
	/// Calls, and how many succeeded.
	pub calls: (u64, u64),
	/// How often each call succeeded.
	pub successes: BTreeMap<String, u64>,
	/// What the ledger counted.
	pub ledger: crate::ledger::Counts,
	/// Margins compared.
	pub margins: u64,
	/// Calls and fills that margin decided.
	pub decisions: Decisions,
	/// Margins that depend on the order in which orders count as filled.
	pub greedy_gaps: u64,
	/// The largest difference that it makes, dollars.
	pub largest_gap: f64,
	/// Expiries that settled at the first spot afterwards, as no time of their window had a price.
	pub uncovered: u64,
	/// Blocks in which a delay move was above its first step.
	pub delays: u64,
	/// Blocks in which a multiplier was above one.
	pub multiplied: u64,
	/// Margins with a charge for concentration.
	pub concentrated: u64,
	/// Slices that the chain refused for arbitrage.
	pub refused_slices: u64,
	/// How often each error came.
	pub errors: BTreeMap<&'static str, u64>,
}

/// Where a seed went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
	/// The seed.
	pub seed: u64,
	/// The block.
	pub block: u32,
	/// What was done last.
	pub during: String,
	/// What differs.
	pub difference: String,
}

impl core::fmt::Display for Failure {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		let Self { seed, block, during, difference } = self;
		write!(f, "SEED={seed}, block {block}, {during}:\n{difference}")
	}
}

/// Plays `steps` blocks of a seed. `trace` prints what happens.
pub fn run(seed: u64, steps: u32, trace: bool) -> Result<Summary, Failure> {
	let mut chain = sp_io::TestExternalities::new(world::genesis_storage(&Regime::of(seed)));
	chain.execute_with(|| {
		let mut game = Game::new(seed, trace);
		for block in 1..=steps {
			let outcome = catch_unwind(AssertUnwindSafe(|| game.block(block)));
			outcome.unwrap_or_else(|panic| Err(said(&*panic))).map_err(|difference| Failure {
				seed,
				block,
				during: game.during.clone(),
				difference,
			})?;
		}
		game.summary.ledger = game.ledger.counts;
		Ok(game.summary)
	})
}

/// The state of a run.
struct Game {
	regime: Regime,
	rng: Rng,
	path: Path,
	ledger: Ledger,
	market: Market,
	actors: Vec<Actor>,
	trace: bool,
	during: String,
	summary: Summary,
	/// Accounts that were settled in this block.
	settled: BTreeSet<Key>,
}

impl Game {
	fn new(seed: u64, trace: bool) -> Self {
		let mut rng = Rng::new(seed);
		let path = Path::new(&mut rng);
		let mut ledger = Ledger::default();
		let regime = Regime::of(seed);
		world::read_wallets(&mut ledger, &owners(), regime.insurance);
		if trace {
			println!("{regime:?}");
		}
		Self {
			regime,
			rng,
			path,
			ledger,
			market: Market::new(),
			actors: cast(),
			trace,
			during: String::new(),
			summary: Summary::default(),
			settled: BTreeSet::new(),
		}
	}

	fn doing(&mut self, what: impl FnOnce() -> String) {
		self.during = what();
		if self.trace {
			println!("block {}: {}", self.market.block, self.during);
		}
	}

	fn block(&mut self, number: u32) -> Outcome {
		self.market.block = number.into();
		let step = self.path.step(&mut self.rng, &self.market, &self.regime);
		self.market.now = step.slot * ballast_runtime::constants::time::SLOT_MILLIS;
		let now = self.market.now;
		self.doing(|| format!("begins at {now}, report: {}", shown(&step)));
		let seen = world::seen(self.ledger.on_auction.len());
		let events = world::begin_block(number, step.slot, step.report.clone());
		self.take_prices(&step, &events)?;
		// What the chain lists and what expires comes before it prices, measures and searches.
		let (listing, later) = events.split_at(of_listing(&events));
		for event in listing {
			self.apply(event)?;
		}
		self.market.reprice(&world::pending_repricing())?;
		let before: Vec<_> =
			self.market.underlyings.iter().map(|(id, it)| (*id, it.conditions)).collect();
		self.market.measure(&seen, world::measured)?;
		self.market.compare_conditions(world::measured)?;
		self.check_told(&before, seen.backlog, later)?;
		self.count_conditions();
		for event in later {
			self.apply(event)?;
		}
		world::compare_priced(&self.market)?;
		self.check_opened(&events)?;
		self.check_due()?;
		for _ in 0..self.rng.below(MAX_CALLS) {
			self.call()?;
		}
		self.doing(|| "its end".into());
		for event in world::end_block(number) {
			self.apply(&event)?;
		}
		world::compare(&self.ledger, &self.market)?;
		world::try_state()?;
		self.compare_margins(number.is_multiple_of(BLOCKS_PER_SURVEY))
	}

	fn apply(&mut self, event: &RuntimeEvent) -> Outcome {
		if self.trace {
			match event {
				RuntimeEvent::Options(event) => println!("    {event:?}"),
				RuntimeEvent::Clearing(event) => println!("    {event:?}"),
				RuntimeEvent::OrderBook(event) => println!("    {event:?}"),
				RuntimeEvent::Prices(event) => println!("    {event:?}"),
				RuntimeEvent::Liquidation(event) => println!("    {event:?}"),
				_ => {},
			}
		}
		self.ledger.apply(&mut self.market, event)?;
		self.market.note_interest(&self.ledger.open_interest(), false);
		if let RuntimeEvent::Liquidation(LiquidationEvent::Deleveraged { .. }) = event {
			return check_deleveraged(&self.ledger, &mut self.market, event);
		}
		Ok(())
	}

	fn count_conditions(&mut self) {
		let now = || self.market.underlyings.values().map(|it| it.conditions);
		self.summary.delays += u64::from(now().any(|it| it.delay_move > 1_000_000));
		self.summary.multiplied += u64::from(now().any(|it| it.multiplier > 1.0));
	}

	/// Every change of the conditions is told, with what led to it.
	fn check_told(
		&self,
		before: &[(UnderlyingId, Conditions)],
		auctions: u64,
		events: &[RuntimeEvent],
	) -> Outcome {
		let mut told = BTreeSet::new();
		for event in events {
			let RuntimeEvent::Liquidation(LiquidationEvent::DelayMoveChanged {
				underlying,
				delay_move,
				price_age_millis,
				backlog,
				delay_millis,
				..
			}) = event
			else {
				continue;
			};
			let own = self.market.underlying(*underlying).conditions;
			let same = (own.delay_move, own.price_age, own.delay, auctions)
				== (
					delay_move.0,
					(*price_age_millis).into(),
					(*delay_millis).into(),
					(*backlog).into(),
				);
			ensure!(same, "{event:?}, the record says {own:?}");
			told.insert(*underlying);
		}
		let changed = |(id, was): &&(UnderlyingId, Conditions)| {
			self.market.underlying(*id).conditions.delay_move != was.delay_move
		};
		let changed: BTreeSet<_> = before.iter().filter(changed).map(|(id, _)| *id).collect();
		ensure!(told == changed, "changes of {told:?} were told, the record says {changed:?}");
		Ok(())
	}

	/// Takes the report into the record, and compares what the chain says it did with it.
	fn take_prices(&mut self, step: &Step, events: &[RuntimeEvent]) -> Outcome {
		let mut dropped: Vec<(Part, DropReason)> = Vec::new();
		let (mut rounds, mut fixed) = (Vec::new(), Vec::new());
		for event in events {
			let RuntimeEvent::Prices(event) = event else { continue };
			match event {
				PriceEvent::PartsDropped { parts, .. } => {
					dropped.extend(parts.iter().map(|part| (part.part, part.reason)));
				},
				PriceEvent::RoundMade { underlying, round, at, spot, confidence, .. } => {
					ensure!(confidence.0 == 1_000_000_000, "one report, confidence {confidence:?}");
					rounds.push((*underlying, *round, *at, i128::from(spot.pico_usd())));
				},
				PriceEvent::SettlementFixed { underlying, expiry, price, covered_millis } => {
					let price = i128::from(price.pico_usd());
					fixed.push(((*underlying, *expiry), price, *covered_millis));
				},
				PriceEvent::WindowOpened { expiry, start, .. } => {
					let planned = expiry - crate::market::WINDOW;
					ensure!(*start == planned, "the window of {expiry} starts at {start}");
				},
				_ => {},
			}
		}
		let refused = self.check_dropped(step, dropped)?;
		let report = step.report.clone().unwrap_or_else(nothing);
		if step.report.is_some() {
			self.market.take_report(&report, &refused);
		}
		let block = self.market.block;
		let mut own: Vec<_> = Vec::new();
		for (id, underlying) in &self.market.underlyings {
			let last = underlying.rounds.last().filter(|round| round.block == block);
			own.extend(last.map(|round| (*id, round.number, round.at, round.spot)));
		}
		rounds.sort();
		ensure!(rounds == own, "rounds {rounds:?}, the record says {own:?}");
		let mut own = self.market.fix_settlements();
		self.summary.uncovered += own.iter().filter(|(_, _, covered)| *covered == 0).count() as u64;
		own.sort();
		fixed.sort();
		ensure!(fixed == own, "settlement prices {fixed:?}, the record says {own:?}");
		Ok(())
	}

	/// The parts that must not count are dropped, and beside them none but slices with arbitrage.
	fn check_dropped(
		&mut self,
		step: &Step,
		dropped: Vec<(Part, DropReason)>,
	) -> Result<BTreeSet<Expiry>, String> {
		let mut refused = BTreeSet::new();
		let mut others = Vec::new();
		for (part, reason) in dropped {
			match (part, reason) {
				(
					Part::Expiry(underlying, expiry),
					DropReason::Butterfly { .. }
					| DropReason::Calendar { .. }
					| DropReason::InvalidSlice,
				) => {
					refused.insert((underlying, expiry));
				},
				(part, _) => others.push(part),
			}
		}
		self.summary.refused_slices += refused.len() as u64;
		let text = |parts: &[Part]| {
			let mut texts: Vec<String> = parts.iter().map(|part| format!("{part:?}")).collect();
			texts.sort();
			texts
		};
		let (found, expected) = (text(&others), text(&step.bad));
		ensure!(found == expected, "parts dropped: {found:?}, to be dropped: {expected:?}");
		Ok(refused)
	}

	/// What has passed has expired, and is settled at once if it has a price.
	fn check_due(&self) -> Outcome {
		for (id, underlying) in &self.market.underlyings {
			for (expiry, listed) in &underlying.listed {
				let due = *expiry <= self.market.now;
				let fits = match listed.life {
					Life::Trading => !due,
					Life::Expired => due && listed.fixed.is_none(),
					Life::Settling(_) => false,
					Life::Settled => due,
				};
				ensure!(fits, "{id} {expiry} is {:?} with {:?}", listed.life, listed.fixed);
			}
		}
		Ok(())
	}

	/// No auction is opened on an account that is not under maintenance margin.
	fn check_opened(&mut self, events: &[RuntimeEvent]) -> Outcome {
		self.settled.clear();
		for event in events {
			if let RuntimeEvent::Clearing(ClearingEvent::PositionSettled { account, .. }) = event {
				self.settled.insert(account.clone());
			}
		}
		for event in events {
			let RuntimeEvent::Liquidation(LiquidationEvent::AuctionOpened { account, .. }) = event
			else {
				continue;
			};
			if self.settled.contains(account) {
				// Its positions are paid out since.
				continue;
			}
			let Some(holder) = self.ledger.accounts.get(account) else { continue };
			let own = margins(&mut self.market, holder).ok_or("an auction without prices")?;
			let is_under = own.fresh && own.maintenance <= own.tolerance();
			ensure!(is_under, "{account:?} is on auction with {own:?}");
		}
		Ok(())
	}

	/// Every account under maintenance margin is on auction, unless its last expiries were settled in this block.
	fn check_found(&self, key: &Key, account: &Account, own: &Margins) -> Outcome {
		let is_under = own.fresh && own.maintenance < -2.0 * own.tolerance();
		let found = !is_under || account.frozen || self.settled.contains(key);
		ensure!(
			found,
			"{key:?} is under maintenance margin and was not found: {own:?} of {account:?}"
		);
		Ok(())
	}

	fn call(&mut self) -> Outcome {
		let mut chooser = Chooser {
			rng: &mut self.rng,
			ledger: &self.ledger,
			market: &mut self.market,
			actors: &self.actors,
			rescuers: self.regime.rescuers,
		};
		let action: Action = chooser.choose();
		self.doing(|| format!("{action:?}"));
		let before = self.ledger.accounts.clone();
		self.market.note_interest(&self.ledger.open_interest(), true);
		let done = world::dispatch(action.call(), action.origin());
		self.summary.calls.0 += 1;
		match done.error {
			Some(error) => {
				*self.summary.errors.entry(error).or_default() += 1;
				if self.trace {
					println!("    {error}");
				}
			},
			None => {
				self.summary.calls.1 += 1;
				*self.summary.successes.entry(action.name()).or_default() += 1;
			},
		}
		for event in &done.events {
			self.apply(event)?;
		}
		let decisions = &mut self.summary.decisions;
		judge(&before, &mut self.ledger, &mut self.market, &action, &done, decisions)
	}

	/// Compares margins of all accounts, or of one, and the depth of a book.
	fn compare_margins(&mut self, all: bool) -> Outcome {
		self.doing(|| "margins at its end".into());
		self.market.note_interest(&self.ledger.open_interest(), true);
		let mut keys: Vec<_> = self.ledger.accounts.keys().cloned().collect();
		if !all {
			keys = self.rng.pick(&keys).cloned().into_iter().collect();
		}
		for key in keys {
			let account = self.ledger.accounts[&key].clone();
			let own = margins(&mut self.market, &account);
			if let Some(series) = account.orders.values().next().map(|order| order.series) {
				world::compare_depth(&self.ledger, &series)?;
			}
			let (found, own) = match (world::report(&key), own) {
				(Ok(found), Some(own)) => (found, own),
				(Err(error), None) if error == "PricesMissing" => continue,
				(found, own) => return Err(format!("{key:?}: {found:?}, the record says {own:?}")),
			};
			let ([equity, maintenance, initial], fresh) = found;
			let near = |a: f64, b: f64| (a - b).abs() <= own.tolerance();
			let slack = own.tolerance();
			let initial_fits = (own.initial_worst - slack..=own.initial + slack).contains(&initial);
			ensure!(
				near(equity, own.equity) && near(maintenance, own.maintenance) && initial_fits,
				"{key:?}: equity, maintenance, initial {:?}, the record says {own:?} of {account:?}",
				found.0
			);
			ensure!(fresh == own.fresh, "{key:?}: fresh {fresh}, the record says {own:?}");
			self.check_found(&key, &account, &own)?;
			self.summary.greedy_gaps += u64::from(!near(own.initial, own.initial_worst));
			self.summary.largest_gap =
				self.summary.largest_gap.max(own.initial - own.initial_worst);
			self.summary.concentrated += u64::from(own.concentration > 0.0);
			self.summary.margins += 1;
		}
		Ok(())
	}
}

/// Where the events of listing and expiring end.
fn of_listing(events: &[RuntimeEvent]) -> usize {
	let is_later = |event: &RuntimeEvent| {
		matches!(
			event,
			RuntimeEvent::Liquidation(_) | RuntimeEvent::Clearing(_) | RuntimeEvent::OrderBook(_)
		)
	};
	events.iter().position(is_later).unwrap_or(events.len())
}

/// What a panic says: it is a failure like any other.
fn said(panic: &(dyn Any + Send)) -> String {
	let text = panic.downcast_ref::<String>().map(String::as_str);
	let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
	format!("panic: {}", text.unwrap_or("without a word"))
}

fn nothing() -> PriceReport {
	PriceReport::default()
}

fn shown(step: &Step) -> String {
	let Some(report) = &step.report else { return "none".into() };
	let parts = report.underlyings.iter().map(|underlying| {
		let dollars = underlying.spot.pico_usd() as f64 / 1e12;
		format!("{}: {dollars:.4} with {}", underlying.underlying, underlying.expiries.len())
	});
	parts.collect::<Vec<_>>().join(", ")
}
