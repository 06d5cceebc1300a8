// SPDX-License-Identifier: Apache-2.0
//! Records that both models share.

use ballast_pricing::{black76::OptionKind, Price};
use ballast_risk::{Lots, Perpetual, Position, Ppb, Series, MAX_LEGS, MAX_LOTS};

use crate::decimal::Rounding;
use crate::field::{Field, Problem, Read};

/// Decimals that an amount may have.
const AMOUNT_DECIMALS: u32 = 6;

/// Lots as fine as every amount of a book needs, so that none is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotSize {
	decimals: u32,
}

impl LotSize {
	/// The coarsest decimal lot in which each of `amounts` is whole.
	pub fn of(amounts: &[Field<'_>]) -> Read<Self> {
		let mut decimals = 0;
		for amount in amounts {
			let number = amount.decimal()?;
			if number.decimals() > AMOUNT_DECIMALS {
				let reason = format_args!("{number} has more than {AMOUNT_DECIMALS} decimals");
				return Err(amount.problem(reason));
			}
			decimals = decimals.max(number.decimals());
		}
		Ok(Self { decimals })
	}

	/// Lots in one contract.
	pub const fn per_contract(self) -> u32 {
		10u32.pow(self.decimals)
	}

	/// An amount in lots.
	pub fn lots(self, amount: &Field<'_>) -> Read<Lots> {
		let most = i128::from(MAX_LOTS);
		let lots = amount.scaled(self.decimals, Rounding::Nearest, -most, most)?;
		Ok(i64::try_from(lots).unwrap_or(MAX_LOTS))
	}
}

/// An amount of an asset, in units as fine as it needs, at most 12 decimals.
pub struct Tokens {
	/// Units.
	pub amount: u64,
	/// Units in one token.
	pub units_per_token: u64,
}

impl Tokens {
	/// Reads an amount of zero or more.
	pub fn read(field: &Field<'_>) -> Read<Self> {
		let decimals = field.decimal()?.decimals().min(12);
		let units = field.scaled(decimals, Rounding::Down, 0, u64::MAX.into())?;
		let amount = u64::try_from(units).unwrap_or(u64::MAX);
		Ok(Self { amount, units_per_token: 10u64.pow(decimals) })
	}
}

/// Reads a perpetual position.
pub fn perpetual(field: &Field<'_>, lot: LotSize) -> Read<Perpetual> {
	Ok(Perpetual {
		lots: lot.lots(&field.get("amount")?)?,
		price: field.get("price")?.price()?,
		confidence: field.get("confidence")?.share()?,
		unrealised_pnl: field.get("unrealised_pnl")?.money()?,
		unrealised_funding: field.get("unrealised_funding")?.money()?,
	})
}

/// The amounts of a book that are counted in lots.
pub fn lot_size(book: &Field<'_>) -> Read<LotSize> {
	let mut amounts = vec![book.get("perpetual")?.get("amount")?];
	for option in book.get("options")?.items(MAX_LEGS)? {
		amounts.push(option.get("amount")?);
	}
	LotSize::of(&amounts)
}

/// Names of the expiries, each once.
pub fn ids(expiries: &[Field<'_>]) -> Read<Vec<String>> {
	let mut ids: Vec<String> = Vec::new();
	for expiry in expiries {
		let field = expiry.get("id")?;
		let id = field.name()?;
		if let Some(first) = ids.iter().position(|other| *other == id) {
			return Err(field.problem(format_args!("{id:?} is the id of expiry {first} too")));
		}
		ids.push(id);
	}
	Ok(ids)
}

/// The options of a book, each as a series of its own.
pub struct Options {
	/// Series, in the order of the file.
	pub series: Vec<Series>,
	/// Position in each.
	pub positions: Vec<Position>,
}

impl Options {
	/// Reads the options, which refer to expiries by id.
	pub fn read(options: &[Field<'_>], ids: &[String], lot: LotSize) -> Read<Self> {
		let mut read = Self { series: Vec::new(), positions: Vec::new() };
		for (option, series) in options.iter().zip(0u16..) {
			let field = option.get("expiry")?;
			let id = field.name()?;
			let expiry = ids.iter().position(|other| *other == id);
			let expiry = expiry.and_then(|index| u8::try_from(index).ok());
			read.series.push(Series {
				expiry: expiry
					.ok_or_else(|| field.problem(format_args!("{id:?} is no id of an expiry")))?,
				strike: option.get("strike")?.price()?,
				kind: kind(&option.get("kind")?)?,
			});
			let lots = lot.lots(&option.get("amount")?)?;
			read.positions.push(Position { series, lots });
		}
		Ok(read)
	}
}

/// Call or put.
pub fn kind(field: &Field<'_>) -> Read<OptionKind> {
	field.one_of(&[("call", OptionKind::Call), ("put", OptionKind::Put)])
}

/// `price * factor`, rounded down.
pub fn moved(price: Price, factor: Ppb, path: &str) -> Read<Price> {
	let pico = i128::from(price.pico_usd()) * i128::from(factor.0);
	i64::try_from(pico.div_euclid(i128::from(Ppb::ONE.0)))
		.ok()
		.and_then(|pico| Price::from_pico_usd(pico).ok())
		.ok_or_else(|| Problem::at(path, "the shifted price is outside 0 to 8000000"))
}

/// The perpetual after a move of its price, the profit of the move unrealised.
pub fn moved_perpetual(
	perpetual: &Perpetual,
	factor: Ppb,
	lots_per_contract: u32,
	path: &str,
) -> Read<Perpetual> {
	let price = moved(perpetual.price, factor, path)?;
	let change = i128::from(perpetual.lots) * i128::from(price.minus(perpetual.price));
	let profit = change.div_euclid(1_000_000 * i128::from(lots_per_contract));
	Ok(Perpetual { price, unrealised_pnl: perpetual.unrealised_pnl + profit, ..*perpetual })
}
