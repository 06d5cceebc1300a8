// SPDX-License-Identifier: Apache-2.0
//! Whether a call should have come to what it came to.

use crate::{
	account::{Account, Key},
	action::Action,
	ensure,
	ledger::{Ledger, USDC},
	margin::{margins, Margins},
	market::{Life, Market},
	world::Dispatched,
	Outcome,
};
use ballast_exchange::{MarginKind, OpenOrder, Side};
use ballast_runtime::RuntimeEvent;
use pallet_order_book::{
	types::{NewOrder, Operation, OrderKind},
	Event as BookEvent,
};
use std::collections::{BTreeMap, BTreeSet};

const MAX_ORDER_LOTS: i64 = 100_000;
const MAX_TICKS: u64 = (1 << 24) - 1;
const MAX_RESTING: usize = 64;

/// What a call has to come to, as far as the ledger can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
	/// Success.
	Success,
	/// This error.
	Error(&'static str),
	/// Some error.
	Refusal,
	/// Success if margin permits.
	Margin,
	/// Depends on the book.
	Open,
}

use Expected::{Error, Margin, Open, Refusal, Success};

/// How often margin decided.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decisions {
	/// Accepted, and the record agrees.
	pub accepted: u64,
	/// Refused, and the record agrees.
	pub refused: u64,
	/// Makers that passed their check.
	pub makers: u64,
}

/// Judges a call whose events are applied. `before` is what the accounts were.
pub fn judge(
	before: &BTreeMap<Key, Account>,
	ledger: &mut Ledger,
	market: &mut Market,
	action: &Action,
	done: &Dispatched,
	decisions: &mut Decisions,
) -> Outcome {
	if done.error.is_some() {
		ensure!(done.events.is_empty(), "a call that failed has left events: {:?}", done.events);
	}
	let expected = expect(before, ledger, market, action, done);
	let fits = match (expected, done.error) {
		(Success | Margin | Open, None) => true,
		(Error(name), Some(found)) => name == found,
		(Refusal, Some(_)) => true,
		(Margin, Some(found)) => is_margin(found),
		(Open, Some(found)) => is_plausible(before, market, action, found),
		_ => false,
	};
	ensure!(fits, "expected {expected:?}, found {:?}", done.error);
	if done.error.is_none() {
		number_orders(ledger, action, &done.events)?;
		check_fills(before, action, &done.events)?;
		check_makers(before, ledger, market, &done.events, decisions)?;
	}
	check_margin(before, ledger, market, action, done.error, decisions)
}

fn is_margin(error: &str) -> bool {
	matches!(error, "InsufficientMargin" | "PricesStale" | "PricesMissing" | "DebtCapReached")
}

fn expect(
	before: &BTreeMap<Key, Account>,
	ledger: &Ledger,
	market: &Market,
	action: &Action,
	done: &Dispatched,
) -> Expected {
	if let Action::Open(key, kind) = action {
		return match kind {
			_ if before.contains_key(key) => Error("AccountExists"),
			MarginKind::Portfolio(4) => Error("UnknownUnderlying"),
			_ => Success,
		};
	}
	if let Action::Move(key, to, _, amount) = action {
		match amount {
			_ if key.index == *to => return Error("SameAccount"),
			0 => return Error("AmountZero"),
			_ => {},
		}
	}
	let account = action.key().and_then(|key| before.get(key));
	if action.key().is_some() && account.is_none() {
		return Error("AccountNotFound");
	}
	let empty = Account::new(MarginKind::Standard);
	let account = account.unwrap_or(&empty);
	match action {
		Action::Close(_) if account.is_empty() => Success,
		Action::Close(_) => Error("AccountNotEmpty"),
		Action::SetMargin(_, MarginKind::Portfolio(4)) => Error("UnknownUnderlying"),
		Action::SetMargin(_, margin) => {
			let account = Account { margin: *margin, ..account.clone() };
			let fits = account.series().iter().all(|series| account.permits(series.underlying));
			if fits {
				Margin
			} else {
				Error("NotItsUnderlying")
			}
		},
		Action::Cancel(_, id) if account.orders.contains_key(id) => Success,
		Action::Cancel(..) => Error("UnknownOrder"),
		Action::CancelByClientId(_, client_id) => {
			let known = account.orders.values().any(|order| order.client_id == Some(*client_id));
			if known {
				Success
			} else {
				Error("UnknownOrder")
			}
		},
		Action::CancelAll(_) | Action::CancelSeries(..) | Action::SetPaused(..) => Success,
		Action::RemoveExpired(_, _, id) => match account.orders.get(id) {
			None => Error("UnknownOrder"),
			Some(order) if order.good_till.is_some_and(|till| till <= market.now) => Success,
			Some(_) => Error("NotExpired"),
		},
		Action::Place(_, order) => admission(account, market, order).map_or(Open, Error),
		Action::Replace(_, id, price, lots) => expect_replace(account, market, *id, *price, *lots),
		Action::Combo(_, legs, _) if legs.is_empty() => Error("NoLegs"),
		Action::ListStrike(..) => expect_strike(market, action),
		Action::Deposit(..) | Action::Withdraw(..) | Action::Move(..) => {
			expect_money(before, account, ledger, action)
		},
		Action::FundInsurance(..) | Action::CollectFees(..) => expect_fund(ledger, action, done),
		_ => Open,
	}
}

fn expect_money(
	before: &BTreeMap<Key, Account>,
	account: &Account,
	ledger: &Ledger,
	action: &Action,
) -> Expected {
	let held = |asset: &u32| match *asset {
		USDC => account.cash.max(0).unsigned_abs(),
		_ => account.collateral.get(asset).copied().unwrap_or(0),
	};
	match action {
		Action::Deposit(_, _, 0) | Action::Withdraw(_, _, 0) => Error("AmountZero"),
		Action::Deposit(_, asset, _) if *asset > 4 => Error("AssetNotAccepted"),
		Action::Deposit(key, asset, amount) => {
			let wallet = ledger.wallets.get(&(key.owner.clone(), *asset)).copied().unwrap_or(0);
			// A success has taken it out of the wallet already.
			let came = ledger.accounts.get(key).map_or(0, |after| match *asset {
				USDC => (after.cash - account.cash).unsigned_abs(),
				_ => after.collateral.get(asset).copied().unwrap_or(0) - held(asset),
			});
			if wallet + came >= *amount {
				Success
			} else {
				Refusal
			}
		},
		Action::Move(key, to, ..) if !before.contains_key(&Key { index: *to, ..key.clone() }) => {
			Error("AccountNotFound")
		},
		Action::Withdraw(_, USDC, amount) | Action::Move(_, _, USDC, amount)
			if i128::try_from(*amount).is_err() =>
		{
			Error("AmountTooLarge")
		},
		Action::Withdraw(_, asset, amount) | Action::Move(_, _, asset, amount)
			if held(asset) < *amount =>
		{
			Error("InsufficientBalance")
		},
		Action::Withdraw(_, asset, amount) => {
			// Success has taken it out already.
			let there = ledger.held.get(asset).copied().unwrap_or(0);
			if there >= *amount {
				Margin
			} else {
				Open
			}
		},
		_ => Margin,
	}
}

fn expect_fund(ledger: &Ledger, action: &Action, done: &Dispatched) -> Expected {
	let moved = if done.error.is_none() { 1 } else { 0 };
	match action {
		Action::FundInsurance(_, 0) | Action::CollectFees(_, 0) => Error("AmountZero"),
		Action::FundInsurance(who, amount) => {
			let wallet = ledger.wallets.get(&(who.clone(), USDC)).copied().unwrap_or(0);
			if wallet + moved * amount >= *amount {
				Success
			} else {
				Refusal
			}
		},
		Action::CollectFees(_, amount) => {
			let there = ledger.held.get(&USDC).copied().unwrap_or(0) + moved * amount;
			match ledger.fees + moved * amount {
				fees if fees < *amount => Error("InsufficientFees"),
				_ if there < *amount => Error("PoolIlliquid"),
				_ => Success,
			}
		},
		_ => Open,
	}
}

fn expect_strike(market: &Market, action: &Action) -> Expected {
	let Action::ListStrike(_, underlying, expiry, strike) = action else { return Open };
	let Some(of) = market.underlyings.get(underlying) else { return Error("UnknownUnderlying") };
	let listed = of.listed.get(expiry);
	match listed {
		_ if of.paused => Error("UnderlyingPaused"),
		Some(listed) if listed.life == Life::Trading && market.now < *expiry => {
			// The events of a success have been applied.
			let known = listed.strikes.iter().filter(|known| *known == strike).count();
			match known {
				0 if !market.is_spot_fresh(*underlying) => Error("NoFreshSpot"),
				_ => Open,
			}
		},
		_ => Error("ExpiryNotTrading"),
	}
}

fn expect_replace(account: &Account, market: &Market, id: u64, price: u64, lots: i64) -> Expected {
	let Some(order) = account.orders.get(&id) else { return Error("UnknownOrder") };
	if price == order.price && lots <= order.lots {
		return if lots < 1 { Error("TooFewLots") } else { Success };
	}
	let new = NewOrder {
		series: order.series,
		side: order.side,
		price,
		lots,
		kind: OrderKind::Limit,
		reduce_only: order.reduce_only,
		good_till: order.good_till,
		client_id: None,
		self_trade: Default::default(),
	};
	admission(account, market, &new).map_or(Open, Error)
}

/// Why an order is not taken at all.
fn admission(account: &Account, market: &Market, order: &NewOrder) -> Option<&'static str> {
	let Some(life) = market.life(&order.series) else { return Some("UnknownSeries") };
	let underlying = market.underlying(order.series.underlying);
	if life != Life::Trading || order.series.expiry <= market.now {
		return Some("SeriesExpired");
	}
	let checks = [
		(underlying.paused && !order.reduce_only, "OnlyReducing"),
		(order.price == 0 || !order.price.is_multiple_of(underlying.tick), "PriceOffTick"),
		(order.lots < 1, "TooFewLots"),
		(order.lots > MAX_ORDER_LOTS, "TooManyLots"),
		(order.good_till.is_some_and(|till| till <= market.now), "GoodTillPassed"),
		(order.client_id.is_some_and(|id| account.knows(id)), "DuplicateClientOrderId"),
		(order.reduce_only && account.reducible(&order.series, order.side) == 0, "NothingToReduce"),
		(order.price / underlying.tick > MAX_TICKS, "PriceTooHigh"),
	];
	checks.into_iter().find(|(wrong, _)| *wrong).map(|(_, name)| name)
}

/// Orders on the other side that an order would meet, in no order.
fn crossed<'a>(
	before: &'a BTreeMap<Key, Account>,
	order: &'a NewOrder,
) -> impl Iterator<Item = (&'a Key, &'a OpenOrder)> {
	let meets = |other: &OpenOrder| {
		other.series == order.series
			&& other.side != order.side
			&& match order.side {
				Side::Buy => other.price <= order.price,
				Side::Sell => other.price >= order.price,
			}
	};
	before.iter().flat_map(move |(key, account)| {
		account.orders.values().filter(move |other| meets(other)).map(move |other| (key, other))
	})
}

/// Whether an error that depends on the book can be.
fn is_plausible(
	before: &BTreeMap<Key, Account>,
	market: &Market,
	action: &Action,
	error: &str,
) -> bool {
	let account = action.key().and_then(|key| before.get(key));
	match (action, error) {
		(Action::Place(key, order), "WouldCross") => {
			let other = |(owner, _): (&Key, &OpenOrder)| owner.owner != key.owner;
			order.kind == OrderKind::PostOnly && crossed(before, order).any(other)
		},
		(Action::Place(_, order), "NotFilled") => order.kind == OrderKind::FillOrKill,
		(Action::Place(..) | Action::Replace(..), "TooManyOrders") => {
			account.is_some_and(|account| account.orders.len() >= MAX_RESTING)
		},
		(Action::Place(_, order), "NotItsUnderlying") => {
			account.is_some_and(|account| !account.permits(order.series.underlying))
		},
		(Action::Place(..) | Action::Replace(..), "TooManyExpiries" | "OpenInterestReached") => {
			true
		},
		(Action::Withdraw(..), "PoolIlliquid") => true,
		(Action::ListStrike(_, id, expiry, strike), "StrikeAlreadyListed") => {
			market.listed((*id, *expiry)).is_some_and(|listed| listed.strikes.contains(strike))
		},
		(Action::ListStrike(..), "StrikeTooFar" | "StrikeOffGrid" | "TooManyStrikes") => true,
		(Action::Batch(..), "BatchItem") => true,
		// An order of another underlying rests until the check at the end of the batch.
		(Action::Batch(_, operations, _), "NotItsUnderlying") => {
			let is_foreign = |operation: &Operation| match operation {
				Operation::Place(order) => {
					account.is_some_and(|it| !it.permits(order.series.underlying))
				},
				_ => false,
			};
			operations.iter().any(is_foreign)
		},
		(Action::Combo(_, legs, max_cost), "CostAboveLimit") => {
			!legs.is_empty() && *max_cost < i128::MAX
		},
		(Action::Combo(_, legs, _), "NotFilled") => !legs.is_empty(),
		(Action::Combo(_, legs, _), "NotItsUnderlying") => {
			account.is_some_and(|it| legs.iter().any(|leg| !it.permits(leg.series.underlying)))
		},
		(Action::Combo(_, legs, _), found) if !is_margin(found) => account.is_some_and(|account| {
			legs.iter().any(|leg| admission(account, market, &of_leg(leg)) == Some(found))
		}),
		(_, found) => is_margin(found),
	}
}

fn of_leg(leg: &pallet_order_book::types::Leg) -> NewOrder {
	NewOrder {
		series: leg.series,
		side: leg.side,
		price: leg.price,
		lots: leg.lots,
		kind: OrderKind::FillOrKill,
		reduce_only: false,
		good_till: None,
		client_id: None,
		self_trade: Default::default(),
	}
}

/// Gives the orders that came in their numbers.
fn number_orders(ledger: &mut Ledger, action: &Action, events: &[RuntimeEvent]) -> Outcome {
	match action {
		Action::Place(key, order) => ledger.account(key)?.number(order.client_id),
		Action::Combo(key, legs, _) => {
			for _ in legs {
				ledger.account(key)?.number(None);
			}
		},
		Action::Batch(key, operations, _) => {
			let failed: BTreeSet<usize> = events
				.iter()
				.filter_map(|event| match event {
					RuntimeEvent::OrderBook(BookEvent::BatchItemFailed { position, .. }) => {
						Some(usize::from(*position))
					},
					_ => None,
				})
				.collect();
			for (position, operation) in operations.iter().enumerate() {
				if let (Operation::Place(order), false) = (operation, failed.contains(&position)) {
					ledger.account(key)?.number(order.client_id);
				}
			}
		},
		_ => {},
	}
	Ok(())
}

/// What an order came to: nothing of it is lost, and its kind is kept.
fn check_fills(
	before: &BTreeMap<Key, Account>,
	action: &Action,
	events: &[RuntimeEvent],
) -> Outcome {
	let (mut filled, mut rested, mut cancelled, mut premium) = (0, 0, 0, 0i128);
	let Some(account) = action.key().and_then(|key| before.get(key)) else { return Ok(()) };
	let own = |key: &Key, id: u64| Some(key) == action.key() && id >= account.next_order;
	for event in events {
		match event {
			RuntimeEvent::OrderBook(BookEvent::Filled {
				taker,
				taker_order,
				lots,
				price,
				taker_side,
				series,
				..
			}) if own(taker, *taker_order) => {
				let per_contract = [100, 10, 1][usize::from(series.underlying - 1)];
				filled += lots;
				premium += i128::from(taker_side.signed(*lots)) * i128::from(*price) / per_contract;
			},
			RuntimeEvent::OrderBook(BookEvent::OrderPlaced { account, order })
				if own(account, order.id) =>
			{
				rested += order.lots;
			},
			RuntimeEvent::OrderBook(BookEvent::OrderCancelled { account, order, lots, .. })
				if own(account, *order) =>
			{
				cancelled += lots;
			},
			_ => {},
		}
	}
	let came = (filled, rested, cancelled);
	match action {
		Action::Place(_, order) => {
			let most = if order.reduce_only {
				account.reducible(&order.series, order.side)
			} else {
				i64::MAX
			};
			let sum = filled + rested + cancelled;
			ensure!(
				sum == order.lots.min(most),
				"(filled, rested, cancelled) {came:?} of {order:?}"
			);
			let kept = match order.kind {
				OrderKind::Limit => true,
				OrderKind::PostOnly => filled == 0,
				OrderKind::ImmediateOrCancel => rested == 0,
				OrderKind::FillOrKill => rested == 0 && cancelled == 0,
			};
			ensure!(kept, "(filled, rested, cancelled) {came:?} of {order:?}");
		},
		Action::Combo(_, legs, max_cost) => {
			let wanted: i64 = legs.iter().map(|leg| leg.lots).sum();
			ensure!(came == (wanted, 0, 0), "(filled, rested, cancelled) {came:?} of {legs:?}");
			ensure!(premium <= *max_cost, "a combo costs {premium}, at most {max_cost}");
		},
		_ => {},
	}
	Ok(())
}

/// No maker is left below zero, or lower than it was, by fills of the call.
fn check_makers(
	before: &BTreeMap<Key, Account>,
	ledger: &Ledger,
	market: &mut Market,
	events: &[RuntimeEvent],
	decisions: &mut Decisions,
) -> Outcome {
	let makers: BTreeSet<&Key> = events
		.iter()
		.filter_map(|event| match event {
			RuntimeEvent::OrderBook(BookEvent::Filled { maker, .. }) => Some(maker),
			_ => None,
		})
		.collect();
	for key in makers {
		let (Some(was), Some(is)) = (before.get(key), ledger.accounts.get(key)) else { continue };
		let (Some(was), Some(is)) = (margins(market, was), margins(market, is)) else { continue };
		let least = if is.fresh { was.initial.min(0.0) } else { was.initial };
		let slack = was.tolerance() + is.tolerance();
		// The order in which a greedy search fills the others may change with a fill.
		let gap = was.initial - was.initial_worst;
		ensure!(is.initial >= least - slack - gap, "the maker {key:?} goes from {was:?} to {is:?}");
		decisions.makers += 1;
	}
	Ok(())
}

/// Margin decided as the record of prices says.
fn check_margin(
	before: &BTreeMap<Key, Account>,
	ledger: &Ledger,
	market: &mut Market,
	action: &Action,
	error: Option<&'static str>,
	decisions: &mut Decisions,
) -> Outcome {
	let Some(key) = action.key() else { return Ok(()) };
	let Some(was) = before.get(key) else { return Ok(()) };
	let after = match error {
		None => needs_margin(was, action).then(|| ledger.accounts.get(key).cloned()).flatten(),
		Some("InsufficientMargin" | "PricesStale") => hypothetical(before, was, action),
		_ => None,
	};
	let Some(is) = after else { return Ok(()) };
	let old = margins(market, was);
	let Some(new) = margins(market, &is) else {
		return Err(format!("margin decided ({error:?}) without prices for {is:?}"));
	};
	let slack = new.tolerance() + old.map_or(0.0, |old| old.tolerance());
	let reduces = |slack: f64| {
		old.is_some_and(|old| {
			let gap = (old.initial - old.initial_worst) + (new.initial - new.initial_worst);
			let gap = if slack < 0.0 { -gap } else { gap };
			new.initial + slack + gap >= old.initial && new.maintenance + slack >= old.maintenance
		})
	};
	let passes = |slack: f64| new.fresh && new.initial + slack >= 0.0;
	let differs = |what: &str| Err(format!("{what} ({error:?}): from {old:?} to {new:?}"));
	if error.is_none() {
		decisions.accepted += 1;
		return if passes(slack) || reduces(slack) { Ok(()) } else { differs("accepted") };
	}
	decisions.refused += 1;
	let stale = error == Some("PricesStale");
	let agrees = !passes(-slack - worst_gap(&new)) && !reduces(-slack);
	if agrees && stale != new.fresh {
		Ok(())
	} else {
		differs("refused")
	}
}

fn worst_gap(margins: &Margins) -> f64 {
	margins.initial - margins.initial_worst
}

/// Whether a success of the call means that margin was checked.
fn needs_margin(account: &Account, action: &Action) -> bool {
	match action {
		Action::Place(..) | Action::Combo(..) => true,
		Action::SetMargin(..) | Action::Withdraw(..) | Action::Move(..) => true,
		Action::Replace(_, id, price, lots) => {
			account.orders.get(id).is_some_and(|order| *price != order.price || *lots > order.lots)
		},
		_ => false,
	}
}

/// What a refused call would have left, if that does not depend on the book.
fn hypothetical(
	before: &BTreeMap<Key, Account>,
	account: &Account,
	action: &Action,
) -> Option<Account> {
	let mut after = account.clone();
	match action {
		Action::SetMargin(_, margin) => after.margin = *margin,
		Action::Withdraw(_, asset, amount) | Action::Move(_, _, asset, amount) => {
			if *asset == USDC {
				after.cash -= i128::try_from(*amount).ok()?;
			} else {
				let left = after.collateral.get(asset)?.checked_sub(*amount)?;
				after.collateral.insert(*asset, left);
				after.collateral.retain(|_, amount| *amount > 0);
			}
		},
		Action::Place(_, order) => {
			let rests = matches!(order.kind, OrderKind::Limit | OrderKind::PostOnly);
			if !rests || crossed(before, order).next().is_some() {
				return None;
			}
			let NewOrder { series, side, price, lots, reduce_only, good_till, client_id, .. } =
				*order;
			let id = account.next_order;
			let most = account.reducible(&series, side);
			let lots = if reduce_only { lots.min(most) } else { lots };
			let order =
				OpenOrder { id, client_id, series, side, price, lots, reduce_only, good_till };
			after.orders.insert(id, order);
		},
		_ => return None,
	}
	Some(after)
}
