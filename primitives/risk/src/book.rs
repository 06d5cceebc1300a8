// SPDX-License-Identifier: Apache-2.0
//! What an account holds on one underlying, and its open orders.

use ballast_pricing::Price;

use crate::units::{
	fine_from_micro, lots_in_range, lots_per_contract_in_range, Fine, MAX_COLLATERAL, MAX_LEGS,
	MAX_ORDERS, MAX_SUBTOTAL,
};
use crate::{ArgumentError, List, Lots, MicroUsd, Ppb, RiskError};

/// An amount of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
	/// Index into the round's series.
	pub series: u16,
	/// Positive is long.
	pub lots: Lots,
}

/// A perpetual position. `lots` of zero means none, whatever the other fields say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Perpetual {
	/// Positive is long.
	pub lots: Lots,
	/// Price of the perpetual, per contract.
	pub price: Price,
	/// Confidence of that price.
	pub confidence: Ppb,
	/// Profit since entry not yet paid.
	pub unrealised_pnl: MicroUsd,
	/// Funding not yet paid; positive is owed to the account.
	pub unrealised_funding: MicroUsd,
}

impl Perpetual {
	/// No perpetual.
	pub const NONE: Perpetual = Perpetual {
		lots: 0,
		price: Price::ZERO,
		confidence: Ppb::ONE,
		unrealised_pnl: 0,
		unrealised_funding: 0,
	};

	/// Unrealised profit and funding.
	pub(crate) fn unrealised(&self, lots_per_contract: u32) -> Result<Fine, RiskError> {
		if self.lots == 0 {
			return Ok(0);
		}
		Ok(fine_from_micro(self.unrealised_pnl, lots_per_contract)?
			+ fine_from_micro(self.unrealised_funding, lots_per_contract)?)
	}

	pub(crate) fn check(&self) -> Result<(), RiskError> {
		lots_in_range(self.lots)?;
		check_confidence(self.confidence)
	}
}

/// An amount of an asset that is not cash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collateral {
	/// Amount in `1 / units_per_token` of a token. An asset of finer units is rounded down to these.
	pub amount: u64,
	/// Units in one token, at most `10^12`.
	pub units_per_token: u64,
	/// Price of one token.
	pub price: Price,
	/// Confidence of that price.
	pub confidence: Ppb,
	/// Whether its price follows spot, so that it offsets short deltas.
	pub hedges_spot: bool,
	/// Initial haircut, added to the one of maintenance.
	pub haircut_initial: Ppb,
	/// Maintenance haircut.
	pub haircut_maintenance: Ppb,
}

impl Collateral {
	/// `amount * price / quote_price`, rounded down to pico-USD per lot and never above what the formula says.
	pub(crate) fn worth(
		&self,
		quote_price: Ppb,
		lots_per_contract: u32,
	) -> Result<Fine, RiskError> {
		self.check()?;
		worth(self.amount, self.units_per_token, self.price, quote_price, lots_per_contract)
	}

	fn check(&self) -> Result<(), RiskError> {
		check_confidence(self.confidence)?;
		for haircut in [self.haircut_initial, self.haircut_maintenance] {
			if !(Ppb::ZERO..=Ppb::ONE).contains(&haircut) {
				return Err(ArgumentError::Haircut.into());
			}
		}
		Ok(())
	}
}

/// `amount * price / quote_price` in pico-USD times lots, rounded down.
///
/// `amount < 2^64` and `price < 2^63` keep the first product under `2^127`; the check after it
/// keeps the second under `2^90 * 2^30`.
pub(crate) fn worth(
	amount: u64,
	units_per_token: u64,
	price: Price,
	quote_price: Ppb,
	lots_per_contract: u32,
) -> Result<Fine, RiskError> {
	if !(1..=1_000_000_000_000).contains(&units_per_token) {
		return Err(ArgumentError::UnitsPerToken.into());
	}
	let units = i128::from(amount) * i128::from(price.pico_usd());
	let pico = units.div_euclid(i128::from(units_per_token));
	let lots = i128::from(lots_per_contract);
	if pico > MAX_SUBTOTAL / lots {
		return Err(RiskError::BookTooLarge);
	}
	let fine = (pico * lots * Ppb::ONE.wide()).div_euclid(quote_price.wide().max(1));
	crate::units::subtotal(fine)
}

/// What an account holds on one underlying, with its cash.
#[derive(Clone, Copy, Debug)]
pub struct Book<'a> {
	/// Lots in one contract, for options and perpetual alike.
	pub lots_per_contract: u32,
	/// Cash in the settlement asset; negative is owed.
	pub cash: MicroUsd,
	/// Option positions in any order; a series may occur more than once. Ordered by expiry,
	/// strike and kind they are grouped without sorting.
	pub options: &'a [Position],
	/// Perpetual position.
	pub perpetual: Perpetual,
	/// Other assets.
	pub collateral: &'a [Collateral],
}

impl<'a> Book<'a> {
	/// A book of options and cash alone.
	pub const fn new(lots_per_contract: u32, cash: MicroUsd, options: &'a [Position]) -> Self {
		Self { lots_per_contract, cash, options, perpetual: Perpetual::NONE, collateral: &[] }
	}

	/// Checks what does not depend on the market: lengths and lots.
	pub(crate) fn check(&self) -> Result<(), RiskError> {
		lots_per_contract_in_range(self.lots_per_contract)?;
		if self.options.len() > MAX_LEGS {
			return Err(RiskError::TooMany(List::Legs));
		}
		if self.collateral.len() > MAX_COLLATERAL {
			return Err(RiskError::TooMany(List::Collateral));
		}
		self.perpetual.check()
	}
}

/// Which way an order trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub enum Side {
	/// Adds lots.
	Buy,
	/// Takes lots away.
	Sell,
}

impl Side {
	/// The other side.
	pub const fn opposite(self) -> Side {
		match self {
			Side::Buy => Side::Sell,
			Side::Sell => Side::Buy,
		}
	}

	/// `lots` with the sign of the side.
	pub const fn signed(self, lots: Lots) -> Lots {
		match self {
			Side::Buy => lots,
			Side::Sell => -lots,
		}
	}
}

/// An open order, or a trade that is being considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
	/// Index into the round's series.
	pub series: u16,
	/// Buy or sell.
	pub side: Side,
	/// Open size, above zero.
	pub lots: Lots,
	/// Limit price of one contract.
	pub price: Price,
	/// Fee of a complete fill, in total.
	pub fee: MicroUsd,
}

impl Order {
	/// Cash that a complete fill pays (buy) or brings (sell), after the fee.
	pub(crate) fn cash(&self, lots_per_contract: u32) -> Result<Fine, RiskError> {
		let lots = lots_in_range(self.side.signed(self.lots))?;
		let fee = fine_from_micro(self.fee, lots_per_contract)?;
		Ok(-lots * i128::from(self.price.pico_usd()) - fee)
	}

	pub(crate) fn check(&self) -> Result<(), RiskError> {
		lots_in_range(self.lots)?;
		if self.lots < 1 || self.fee < 0 {
			return Err(ArgumentError::Order.into());
		}
		Ok(())
	}
}

pub(crate) fn check_orders(orders: &[Order]) -> Result<(), RiskError> {
	if orders.len() > MAX_ORDERS {
		return Err(RiskError::TooMany(List::Orders));
	}
	orders.iter().try_for_each(Order::check)
}

pub(crate) fn check_confidence(confidence: Ppb) -> Result<(), RiskError> {
	if (Ppb::ZERO..=Ppb::ONE).contains(&confidence) {
		Ok(())
	} else {
		Err(ArgumentError::Confidence.into())
	}
}
