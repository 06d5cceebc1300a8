// SPDX-License-Identifier: Apache-2.0
//! A book under standard margin.

use ballast_pricing::{black76, Price, Real, Time, Vol};
use ballast_risk::{
	MarginModel, Perpetual, Ppb, Series, Standard, StandardAccount, StandardExpiry,
	StandardParameters, StandardReport, Underlying, MAX_EXPIRIES, MAX_LEGS, MAX_SECONDS,
	MAX_UNDERLYINGS,
};

use super::parts::{ids, lot_size, moved, moved_perpetual, perpetual, LotSize, Options, Tokens};
use super::{parameters, Shift};
use crate::explain;
use crate::field::{Field, Problem, Read};

/// A book under standard margin, checked.
pub struct StandardBook {
	quote_price: Ppb,
	cash: i128,
	holdings: Vec<Holding>,
}

/// What the book holds on one underlying.
struct Holding {
	name: String,
	parameters: StandardParameters,
	spot: Price,
	spot_confidence: Ppb,
	base: Tokens,
	lot: LotSize,
	perpetual: Perpetual,
	expiries: Vec<(Time, StandardExpiry)>,
	options: Options,
	vols: Vec<Vol>,
}

/// A book with the values of its options, possibly in a moved market.
pub struct PricedUnderlyings<'a> {
	book: &'a StandardBook,
	moved: Vec<Moved>,
}

struct Moved {
	spot: Price,
	perpetual: Perpetual,
	expiries: Vec<StandardExpiry>,
	values: Vec<Price>,
}

impl StandardBook {
	/// Reads a book.
	pub fn read(book: &Field<'_>) -> Read<Self> {
		let underlyings = book.get("underlyings")?.items(MAX_UNDERLYINGS)?;
		Ok(Self {
			quote_price: book.get("quote_price")?.ppb(10_000_000, 100_000_000_000)?,
			cash: book.get("cash")?.money()?,
			holdings: underlyings.iter().map(Holding::read).collect::<Read<_>>()?,
		})
	}

	/// Names of the underlyings, in the order of the file.
	pub fn names(&self) -> impl Iterator<Item = &str> {
		self.holdings.iter().map(|holding| holding.name.as_str())
	}

	/// Values the options in a moved market; [`Shift::NONE`] leaves it where it is.
	pub fn price(&self, shift: Shift) -> Read<PricedUnderlyings<'_>> {
		let price = |(index, holding): (usize, &Holding)| {
			holding.price(shift).map_err(|problem| problem.within(&format!("underlyings[{index}]")))
		};
		let moved = self.holdings.iter().enumerate().map(price).collect::<Read<_>>()?;
		Ok(PricedUnderlyings { book: self, moved })
	}
}

impl PricedUnderlyings<'_> {
	/// The margin with every part.
	pub fn report(&self) -> Read<StandardReport> {
		let underlyings: Vec<Underlying<'_>> = self
			.book
			.holdings
			.iter()
			.zip(&self.moved)
			.map(|(holding, moved)| holding.with(moved))
			.collect();
		let account = StandardAccount {
			quote_price: self.book.quote_price,
			cash: self.book.cash,
			underlyings: &underlyings,
		};
		Standard.report(&account).map_err(|error| Problem::at("book", explain::risk(error)))
	}
}

impl Holding {
	fn read(field: &Field<'_>) -> Read<Self> {
		let expiries = field.get("expiries")?.items(MAX_EXPIRIES)?;
		let options = field.get("options")?.items(MAX_LEGS)?;
		let lot = lot_size(field)?;
		Ok(Self {
			// The one member that says nothing about the margin, hence the one that may be missing.
			name: field.get("name").and_then(|name| name.name()).unwrap_or_default(),
			parameters: parameters::standard(&field.get("parameters")?)?,
			spot: field.get("spot")?.positive_price()?,
			spot_confidence: field.get("spot_confidence")?.share()?,
			base: Tokens::read(&field.get("base")?)?,
			lot,
			perpetual: perpetual(&field.get("perpetual")?, lot)?,
			options: Options::read(&options, &ids(&expiries)?, lot)?,
			expiries: expiries.iter().map(expiry).collect::<Read<_>>()?,
			vols: options.iter().map(vol).collect::<Read<_>>()?,
		})
	}

	fn price(&self, shift: Shift) -> Read<Moved> {
		let spot = moved(self.spot, shift.spot, "spot")?;
		let perpetual = moved_perpetual(
			&self.perpetual,
			shift.spot,
			self.lot.per_contract(),
			"perpetual.price",
		)?;
		let mut expiries = Vec::with_capacity(self.expiries.len());
		for (index, (_, expiry)) in self.expiries.iter().enumerate() {
			let path = format!("expiries[{index}].forward");
			let forward = moved(expiry.forward, shift.spot, &path)?;
			expiries.push(StandardExpiry { forward, ..*expiry });
		}
		let mut values = Vec::with_capacity(self.vols.len());
		for (index, (series, vol)) in self.options.series.iter().zip(&self.vols).enumerate() {
			let value = self.value(series, *vol, shift.vol, &expiries);
			values
				.push(value.map_err(|error| Problem::at(&format!("options[{index}].vol"), error))?);
		}
		Ok(Moved { spot, perpetual, expiries, values })
	}

	fn value(
		&self,
		series: &Series,
		vol: Vol,
		factor: Ppb,
		expiries: &[StandardExpiry],
	) -> ballast_pricing::Result<Price> {
		let index = usize::from(series.expiry);
		let time = self.expiries.get(index).map_or(Time::ZERO, |(time, _)| *time);
		let forward = expiries.get(index).map_or(Price::ZERO, |expiry| expiry.forward);
		let total = black76::total_vol(vol.checked_mul(Real::from_ppb(factor.0)?)?, time)?;
		Ok(black76::call_put(forward, series.strike, total)?.side(series.kind))
	}

	fn with<'b>(&'b self, moved: &'b Moved) -> Underlying<'b> {
		Underlying {
			parameters: &self.parameters,
			spot: moved.spot,
			spot_confidence: self.spot_confidence,
			lots_per_contract: self.lot.per_contract(),
			base: self.base.amount,
			base_units_per_token: self.base.units_per_token,
			perpetual: moved.perpetual,
			expiries: &moved.expiries,
			series: &self.options.series,
			values: &moved.values,
			options: &self.options.positions,
			orders: &[],
			charge: 0,
		}
	}
}

fn expiry(field: &Field<'_>) -> Read<(Time, StandardExpiry)> {
	let seconds = field.get("seconds")?.whole(0, MAX_SECONDS.into())?;
	let time = Time::from_seconds(u64::try_from(seconds).unwrap_or(0)).unwrap_or(Time::ZERO);
	let forward_confidence = field.get("forward_confidence")?.share()?;
	let confidence = forward_confidence.min(field.get("vol_confidence")?.share()?);
	Ok((time, StandardExpiry { forward: field.get("forward")?.positive_price()?, confidence }))
}

fn vol(field: &Field<'_>) -> Read<Vol> {
	let most = 50 << 56;
	field.get("vol")?.real("0 to 50", |vol| vol >= Real::ZERO && vol.to_bits() <= most)
}
