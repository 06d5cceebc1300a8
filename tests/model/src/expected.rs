// SPDX-License-Identifier: Apache-2.0
//! What a call has to come to, as far as ledger and record can tell before it.

use crate::{
	account::{Account, Key},
	action::Action,
	ledger::{Ledger, USDC},
	market::{Life, Market},
	world::Dispatched,
};
use ballast_exchange::{MarginKind, OpenOrder, Side};
use pallet_order_book::types::{Leg, NewOrder, OrderKind};
use std::collections::BTreeMap;

const MAX_ORDER_LOTS: i64 = 100_000;
const MAX_TICKS: u64 = (1 << 24) - 1;
const MAX_RESTING: usize = 64;

/// What a call has to come to, as far as the ledger can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
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

/// Whether margin refuses by an error.
pub fn is_margin(error: &str) -> bool {
	matches!(
		error,
		"InsufficientMargin"
			| "PricesStale"
			| "PricesMissing"
			| "DebtCapReached"
			| "SweepUnfinished"
	)
}

/// What a call has to come to. `before` is what the accounts were; what the call did is applied already.
pub fn expect(
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
	if matches!(
		action,
		Action::Bid(..) | Action::TopUp(..) | Action::VaultDeposit(..) | Action::VaultLeave(..)
	) {
		return Open;
	}
	let account = action.key().and_then(|key| before.get(key));
	if action.key().is_some() && account.is_none() {
		return Error("AccountNotFound");
	}
	// Deposits are taken, and so is what another account of the owner gives.
	if account.is_some_and(|account| account.frozen) && !matches!(action, Action::Deposit(..)) {
		return Refusal;
	}
	let empty = Account::new(MarginKind::Standard);
	let account = account.unwrap_or(&empty);
	match action {
		Action::Close(_) if account.is_empty() => Success,
		Action::Close(_) => Error("AccountNotEmpty"),
		Action::SetMargin(_, margin) => expect_margin(account, *margin),
		Action::SetPaused(..) => Success,
		Action::ListStrike(..) => expect_strike(market, action),
		Action::Deposit(..) | Action::Withdraw(..) | Action::Move(..) => {
			expect_money(before, account, ledger, action)
		},
		Action::FundInsurance(..) | Action::CollectFees(..) => expect_fund(ledger, action, done),
		_ => expect_order(account, market, action),
	}
}

fn expect_margin(account: &Account, margin: MarginKind) -> Expected {
	if margin == MarginKind::Portfolio(4) {
		return Error("UnknownUnderlying");
	}
	let account = Account { margin, ..account.clone() };
	if account.series().iter().all(|series| account.permits(series.underlying)) {
		Margin
	} else {
		Error("NotItsUnderlying")
	}
}

fn expect_order(account: &Account, market: &Market, action: &Action) -> Expected {
	match action {
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
		Action::CancelAll(_) | Action::CancelSeries(..) => Success,
		Action::RemoveExpired(_, _, id) => match account.orders.get(id) {
			None => Error("UnknownOrder"),
			Some(order) if order.good_till.is_some_and(|till| till <= market.now) => Success,
			Some(_) => Error("NotExpired"),
		},
		Action::Place(_, order) => admission(account, market, order).map_or(Open, Error),
		Action::Replace(_, id, price, lots) => expect_replace(account, market, *id, *price, *lots),
		Action::Combo(_, legs, _) if legs.is_empty() => Error("NoLegs"),
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
			let came = ledger.accounts.get(key).map_or(0, |after| came(account, after, *asset));
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

/// How much more of an asset an account has.
fn came(before: &Account, after: &Account, asset: u32) -> u128 {
	let of = |account: &Account| account.collateral.get(&asset).copied().unwrap_or(0);
	match asset {
		USDC => (after.cash - before.cash).unsigned_abs(),
		_ => of(after) - of(before),
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
		(!account.permits(order.series.underlying), "NotItsUnderlying"),
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
pub fn crossed<'a>(
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
pub fn is_plausible(
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
		(Action::Place(..) | Action::Replace(..), "TooManyExpiries" | "OpenInterestReached") => {
			true
		},
		(Action::Withdraw(..), "PoolIlliquid") => true,
		(Action::ListStrike(_, id, expiry, strike), "StrikeAlreadyListed") => {
			market.listed((*id, *expiry)).is_some_and(|listed| listed.strikes.contains(strike))
		},
		(Action::ListStrike(..), "StrikeTooFar" | "StrikeOffGrid" | "TooManyStrikes") => true,
		(Action::Batch(..), "BatchItem") => true,
		(
			Action::Bid(..),
			"NoAuction" | "AccountNotFound" | "PricesStale" | "SelfLiquidation" | "ShareOutOfRange"
			| "ShareTooSmall" | "LimitExceeded" | "BidderLacksCash" | "SliceDoesNotHelp"
			| "TooManyPositions" | "TooManyExpiries" | "NotItsUnderlying" | "TooManyCollaterals"
			| "AccountFrozen",
		) => true,
		(Action::TopUp(..), "NotInDanger" | "DepositTooSmall" | "InsufficientFunds") => true,
		(
			Action::VaultDeposit(..),
			"DepositTooSmall" | "VaultInsolvent" | "VaultFrozen" | "PricesStale" | "PricesMissing"
			| "InsufficientFunds",
		) => true,
		(Action::VaultLeave(..), "NotEnoughShares" | "SharesZero") => true,
		(Action::Combo(_, legs, max_cost), found) => {
			is_margin(found)
				|| account.is_some_and(|it| fits_combo(it, market, legs, *max_cost, found))
		},
		(_, found) => is_margin(found),
	}
}

fn fits_combo(
	account: &Account,
	market: &Market,
	legs: &[Leg],
	max_cost: i128,
	error: &str,
) -> bool {
	match error {
		"CostAboveLimit" => max_cost < i128::MAX,
		"NotFilled" => true,
		_ => legs.iter().any(|leg| admission(account, market, &of_leg(leg)) == Some(error)),
	}
}

fn of_leg(leg: &Leg) -> NewOrder {
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
