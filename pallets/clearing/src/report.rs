// SPDX-License-Identifier: Apache-2.0
//! Margin of an account with every part that led to it, for wallets and bots.

use alloc::{vec, vec::Vec};
use ballast_exchange::{
	Account, AccountKey, AssetId, Lots, Margin, MarginKind, MicroUsd, OpenOrder, OrderId, Ppb,
	Price, SeriesId, UnderlyingId,
};
use ballast_risk::{Adjustments, Binding, Charges, MarginModel, PortfolioReport, Standard, MARK};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
	cache::PriceCache,
	collateral::{part_up, worth},
	fees,
	inputs::{Legs, MarginError},
	margin::{
		cash_margin, is_cash_only, load_prices, underlyings_of, with_portfolio, with_standard,
	},
	pallet::*,
	settlement::settlement_cash,
};

/// Everything about an account's margin. Money in micro-USD.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AccountReport {
	/// The rules that decide.
	pub kind: MarginKind,
	/// The margin: equity, maintenance, initial.
	pub margin: Margin,
	/// Whether every price under it is young enough to add risk on.
	pub fresh: bool,
	/// Whether a liquidation has taken the account over.
	pub frozen: bool,
	/// Cash; below zero it is owed.
	pub cash: MicroUsd,
	/// Price of the settlement asset in dollars; `None` for an account of cash alone, which needs no price.
	pub quote_price: Option<Ppb>,
	/// Other assets.
	pub collateral: Vec<CollateralReport>,
	/// Positions.
	pub positions: Vec<PositionReport>,
	/// Resting orders.
	pub orders: Vec<OrderReport>,
	/// What the rules say in detail.
	pub detail: MarginReport,
	/// What the chain's conditions add, by underlying, ascending. An account of cash alone has none.
	pub conditions: Vec<ConditionsReport>,
}

/// What the chain's conditions add to the margin on one underlying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ConditionsReport {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// Relative move of spot that cannot be escaped, counted in both margins; zero under standard margin, whose
	/// rules do not know it.
	pub delay_move: Ppb,
	/// Multiplier of the worst case of initial margin; one under standard margin.
	pub multiplier: Ppb,
	/// Charge on initial margin for holding much of a series, micro-USD.
	pub concentration: MicroUsd,
}

/// One collateral asset.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CollateralReport {
	/// The asset.
	pub asset: AssetId,
	/// Amount in its smallest units.
	pub amount: u128,
	/// Price of one token in dollars.
	pub price: Price,
	/// Worth in the settlement asset, rounded down.
	pub worth: MicroUsd,
	/// What maintenance does not count of the worth.
	pub haircut_maintenance: MicroUsd,
	/// What initial margin does not count of the worth.
	pub haircut_initial: MicroUsd,
}

/// One position.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PositionReport {
	/// The series.
	pub series: SeriesId,
	/// Lots; negative is short.
	pub lots: Lots,
	/// Value of one contract as the rules count it: discounted under portfolio margin only.
	pub mark: Price,
	/// Value of the position, rounded down.
	pub value: MicroUsd,
}

/// One resting order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OrderReport {
	/// The order.
	pub order: OpenOrder,
	/// Largest fee of a complete fill.
	pub fee: MicroUsd,
}

/// One underlying under standard margin. Each number rounded down.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct StandardPart {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// Value of options and base asset.
	pub mark: MicroUsd,
	/// Requirement of options for maintenance.
	pub options_maintenance: MicroUsd,
	/// Requirement of options for initial margin, orders included.
	pub options_initial: MicroUsd,
	/// Charges on initial margin for low confidence and a quote price off its peg.
	pub initial_charges: MicroUsd,
	/// Everything the underlying adds to maintenance.
	pub maintenance: MicroUsd,
	/// Everything the underlying adds to initial margin.
	pub initial: MicroUsd,
	/// Orders that initial margin counts as filled.
	pub filled: Vec<OrderId>,
}

/// What the rules say in detail.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum MarginReport {
	/// Cash is all there is, and every figure is the cash.
	CashOnly,
	/// Portfolio margin.
	Portfolio {
		/// Weighted profit of every scenario, in the order of the grid, rounded down.
		scenario_pnl: Vec<MicroUsd>,
		/// Worst basis move, summed over expiries, zero or below.
		basis_contingency: MicroUsd,
		/// What decides maintenance.
		binding: Binding,
		/// What decides initial margin.
		binding_initial: Binding,
		/// Charges.
		charges: Charges,
		/// What open orders take off the scenario that decides initial margin, zero or below.
		orders: MicroUsd,
	},
	/// Standard margin by underlying.
	Standard(Vec<StandardPart>),
}

impl<T: Config> Pallet<T> {
	/// Margin of an account with every part that led to it, prices of any age.
	pub fn margin_report(key: &AccountKey<T::AccountId>) -> Result<AccountReport, Error<T>> {
		let account = Accounts::<T>::get(key).ok_or(Error::<T>::AccountNotFound)?;
		Self::report_of(&mut PriceCache::default(), &account)
	}

	/// The same of any account record.
	pub fn report_of(cache: &mut PriceCache, account: &Account) -> Result<AccountReport, Error<T>> {
		let fresh = is_cash_only(account) || load_prices::<T>(cache, account)?.fresh;
		Ok(loaded_report(cache, account, fresh)?)
	}
}

/// Report of an account whose prices are loaded.
pub(crate) fn loaded_report(
	cache: &PriceCache,
	account: &Account,
	fresh: bool,
) -> Result<AccountReport, MarginError> {
	let mut report = AccountReport {
		kind: account.margin,
		margin: cash_margin(account),
		fresh,
		frozen: account.frozen,
		cash: account.cash,
		quote_price: cache.quote.as_ref().map(|quote| quote.value),
		collateral: collateral(cache, account)?,
		positions: Vec::new(),
		orders: orders(cache, account),
		detail: MarginReport::CashOnly,
		conditions: Vec::new(),
	};
	if is_cash_only(account) {
		return Ok(report);
	}
	report.conditions = conditions(cache, account)?;
	match account.margin {
		MarginKind::Portfolio(underlying) => {
			let (full, positions) =
				with_portfolio(cache, account, underlying, |model, legs, seen| {
					let lots = seen.book.lots_per_contract;
					Ok((model.report(seen)?, positions(account, legs, lots, discounted)))
				})?;
			report.margin = full.margin;
			report.positions = positions;
			report.detail = portfolio(&full);
		},
		MarginKind::Standard => add_standard(cache, account, &mut report)?,
	}
	Ok(report)
}

fn conditions(cache: &PriceCache, account: &Account) -> Result<Vec<ConditionsReport>, MarginError> {
	let of = |underlying, adjustments: Adjustments| ConditionsReport {
		underlying,
		delay_move: adjustments.delay_move,
		multiplier: adjustments.initial_multiplier,
		concentration: adjustments.concentration,
	};
	let ids = match account.margin {
		MarginKind::Portfolio(own) => return Ok(vec![of(own, cache.adjustments(account, own)?)]),
		MarginKind::Standard => underlyings_of(cache, account),
	};
	let charged = |underlying| {
		let concentration = cache.adjustments(account, underlying)?.concentration;
		Ok(of(underlying, Adjustments { concentration, ..Adjustments::NONE }))
	};
	ids.into_iter().map(charged).collect()
}

fn portfolio(report: &PortfolioReport) -> MarginReport {
	MarginReport::Portfolio {
		scenario_pnl: report.scenario_pnl().to_vec(),
		basis_contingency: report.basis_contingency,
		binding: report.binding,
		binding_initial: report.binding_initial,
		charges: report.charges,
		orders: report.orders,
	}
}

fn add_standard(
	cache: &PriceCache,
	account: &Account,
	report: &mut AccountReport,
) -> Result<(), MarginError> {
	let ids = underlyings_of(cache, account);
	let (full, positions) = with_standard(cache, account, |seen, legs| {
		let of = |(legs, underlying): (&Legs, &ballast_risk::Underlying)| {
			positions(account, legs, underlying.lots_per_contract, undiscounted)
		};
		let positions = legs.iter().zip(seen.underlyings).flat_map(of).collect();
		Ok((Standard.report(seen)?, positions))
	})?;
	let part = |(underlying, part): (&UnderlyingId, &ballast_risk::UnderlyingReport)| {
		let orders = account.orders.iter().filter(|it| it.series.underlying == *underlying);
		let counted = |(bit, order): (u32, &OpenOrder)| {
			(part.filled.checked_shr(bit).unwrap_or(0) & 1 == 1).then_some(order.id)
		};
		StandardPart {
			underlying: *underlying,
			mark: part.mark,
			options_maintenance: part.options_maintenance,
			options_initial: part.options_initial,
			initial_charges: part.initial_charges,
			maintenance: part.maintenance,
			initial: part.initial,
			filled: (0..).zip(orders).filter_map(counted).collect(),
		}
	};
	report.margin = full.margin;
	report.positions = positions;
	report.detail = MarginReport::Standard(ids.iter().zip(full.underlyings()).map(part).collect());
	Ok(())
}

/// The mark of a series among the legs of its underlying.
type Mark = fn(&Legs<'_>, usize) -> Option<Price>;

fn discounted(legs: &Legs<'_>, index: usize) -> Option<Price> {
	Price::from_pico_usd(*legs.arrays.get(index)?.get(MARK)?).ok()
}

fn undiscounted(legs: &Legs<'_>, index: usize) -> Option<Price> {
	legs.values.get(index).copied()
}

fn positions(account: &Account, legs: &Legs<'_>, lots: u32, mark: Mark) -> Vec<PositionReport> {
	let of = |held: &ballast_exchange::Position| {
		let index = legs.ids.binary_search(&held.series).ok()?;
		let mark = mark(legs, index)?;
		let value = settlement_cash(held.lots, mark, lots)?;
		Some(PositionReport { series: held.series, lots: held.lots, mark, value })
	};
	account.positions.iter().filter_map(of).collect()
}

fn orders(cache: &PriceCache, account: &Account) -> Vec<OrderReport> {
	let fee = |order: &OpenOrder| {
		let terms = cache.terms.get(&order.series.underlying)?;
		let spot = cache.spots.get(&order.series.underlying)?.value.price;
		fees::largest(terms, spot, order.lots, order.price)
	};
	let of = |order: &OpenOrder| OrderReport { order: *order, fee: fee(order).unwrap_or(0) };
	account.orders.iter().map(of).collect()
}

fn collateral(cache: &PriceCache, account: &Account) -> Result<Vec<CollateralReport>, MarginError> {
	let of = |(asset, amount): &(AssetId, u128)| {
		let terms = cache.collaterals.get(asset).ok_or(MarginError::PricesMissing)?;
		let spot = cache.spots.get(&terms.underlying).ok_or(MarginError::PricesMissing)?.value;
		let at = |quote| worth(terms, *amount, spot.price.pico_usd(), quote);
		let in_quote = at(cache.quote_price()?).ok_or(MarginError::TooLarge)?;
		let (haircut_maintenance, haircut_initial) = match account.margin {
			MarginKind::Portfolio(_) => {
				let maintenance = part_up(in_quote, terms.haircut_maintenance_ppb);
				let both = terms.haircut_maintenance_ppb.saturating_add(terms.haircut_initial_ppb);
				(maintenance, part_up(in_quote, both))
			},
			MarginKind::Standard => {
				let rules = cache.standard.get(&terms.underlying);
				let rules = rules.ok_or(MarginError::PricesMissing)?;
				// Standard margin counts base asset in dollars.
				let dollars = at(Ppb::ONE).ok_or(MarginError::TooLarge)?;
				let cut =
					|base: MicroUsd, ppb: Ppb| part_up(base, Ppb::ONE.0.saturating_sub(ppb.0));
				let counted = dollars.saturating_sub(cut(dollars, rules.base_factor));
				let initial = counted.saturating_sub(cut(counted, rules.base_initial_scale));
				(in_quote.saturating_sub(counted), in_quote.saturating_sub(initial))
			},
		};
		Ok(CollateralReport {
			asset: *asset,
			amount: *amount,
			price: spot.price,
			worth: in_quote,
			haircut_maintenance,
			haircut_initial,
		})
	};
	account.collateral.iter().map(of).collect()
}
