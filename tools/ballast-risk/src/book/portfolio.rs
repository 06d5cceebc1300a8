// SPDX-License-Identifier: Apache-2.0
//! A book under portfolio margin.

use ballast_pricing::{Error as PricingError, Price, Real, SviSlice};
use ballast_risk::{
	Adjustments, ArraySource, Book, Collateral, Expiry, ExpiryContext, ExpiryTerms,
	LiquidationPrices, MarginModel, Market, Perpetual, Portfolio, PortfolioAccount,
	PortfolioParameters, PortfolioReport, Position, Ppb, PricedMarket, RiskArrays, RiskError,
	Round, Scenario, SearchRange, Series, MAX_COLLATERAL, MAX_EXPIRIES, MAX_LEGS, MAX_SECONDS,
};

use super::parts::{ids, lot_size, moved, moved_perpetual, perpetual, LotSize, Options, Tokens};
use super::{parameters, Shift};
use crate::explain;
use crate::field::{Field, Problem, Read};

/// A book under portfolio margin, checked.
pub struct PortfolioBook {
	parameters: PortfolioParameters,
	scenarios: Vec<Scenario>,
	market: Market,
	expiries: Vec<Expiry>,
	options: Options,
	lot: LotSize,
	perpetual: Perpetual,
	collateral: Vec<Collateral>,
	cash: i128,
}

/// A book with the risk arrays of its options, possibly in a moved market.
pub struct PricedBook<'a> {
	book: &'a PortfolioBook,
	market: Market,
	perpetual: Perpetual,
	collateral: Vec<Collateral>,
	contexts: Vec<ExpiryContext>,
	terms: Vec<ExpiryTerms>,
	entries: Vec<i64>,
}

impl PortfolioBook {
	/// Reads a book.
	pub fn read(book: &Field<'_>) -> Read<Self> {
		let json = book.get("parameters")?;
		let (market, options) = (book.get("market")?, book.get("options")?);
		let expiries = market.get("expiries")?.items(MAX_EXPIRIES)?;
		let lot = lot_size(book)?;
		let collateral = book.get("collateral")?.items(MAX_COLLATERAL)?;
		Ok(Self {
			parameters: parameters::portfolio(&json)?,
			scenarios: parameters::scenarios(&json.get("scenarios")?)?,
			market: Market {
				spot: market.get("spot")?.positive_price()?,
				spot_confidence: market.get("spot_confidence")?.share()?,
				quote_price: market.get("quote_price")?.ppb(10_000_000, 100_000_000_000)?,
			},
			options: Options::read(&options.items(MAX_LEGS)?, &ids(&expiries)?, lot)?,
			expiries: expiries.iter().map(expiry).collect::<Read<_>>()?,
			lot,
			perpetual: perpetual(&book.get("perpetual")?, lot)?,
			collateral: collateral.iter().map(asset).collect::<Read<_>>()?,
			cash: book.get("cash")?.money()?,
		})
	}

	/// The scenario grid.
	pub fn scenarios(&self) -> &[Scenario] {
		&self.scenarios
	}

	/// Prices the options in a moved market; [`Shift::NONE`] leaves it where it is.
	pub fn price(&self, shift: Shift) -> Read<PricedBook<'_>> {
		let mut priced = PricedBook {
			book: self,
			market: Market {
				spot: moved(self.market.spot, shift.spot, "market.spot")?,
				..self.market
			},
			perpetual: moved_perpetual(
				&self.perpetual,
				shift.spot,
				self.lot.per_contract(),
				"perpetual.price",
			)?,
			collateral: self.collateral.clone(),
			contexts: Vec::with_capacity(self.expiries.len()),
			terms: Vec::with_capacity(self.expiries.len()),
			entries: Vec::new(),
		};
		if priced.market.spot.is_zero() {
			return Err(Problem::at("market.spot", "the shifted spot is zero"));
		}
		for (index, asset) in priced.collateral.iter_mut().enumerate() {
			if asset.hedges_spot {
				let path = format!("collateral[{index}].price");
				asset.price = moved(asset.price, shift.spot, &path)?;
			}
		}
		for (index, expiry) in self.expiries.iter().enumerate() {
			let path = format!("market.expiries[{index}]");
			let forward = moved(expiry.forward, shift.spot, &format!("{path}.forward"))?;
			let context = self.context(&Expiry { forward, ..*expiry }, &path)?;
			priced.terms.push(context.terms());
			priced.contexts.push(context);
		}
		priced.fill_arrays(shift.vol)?;
		Ok(priced)
	}

	fn context(&self, expiry: &Expiry, path: &str) -> Read<ExpiryContext> {
		ExpiryContext::new(&self.parameters, &self.scenarios, expiry).map_err(|error| {
			let member = match error {
				RiskError::Pricing(PricingError::PriceOutOfRange) => {
					let reason = "under a scenario it is above 8000000 USD";
					return Problem::at(&format!("{path}.forward"), reason);
				},
				RiskError::Pricing(_) => ".svi",
				_ => "",
			};
			Problem::at(&format!("{path}{member}"), explain::risk(error))
		})
	}

	fn model(&self) -> Read<Portfolio<'_>> {
		Portfolio::new(&self.parameters, &self.scenarios)
			.map_err(|error| Problem::at("parameters", explain::risk(error)))
	}
}

impl PricedBook<'_> {
	fn fill_arrays(&mut self, vol_factor: Ppb) -> Read<()> {
		let series = &self.book.options.series;
		let width = ballast_risk::FIXED_ENTRIES + self.book.scenarios.len();
		self.entries = vec![0; series.len() * width];
		for (index, (listed, out)) in
			series.iter().zip(self.entries.chunks_exact_mut(width)).enumerate()
		{
			array(&self.contexts, listed, vol_factor, out).map_err(|error| {
				Problem::at(&format!("options[{index}].strike"), explain::risk(error))
			})?;
		}
		Ok(())
	}

	fn arrays(&self) -> RiskArrays<'_> {
		RiskArrays::new(&self.entries, self.book.scenarios.len())
	}

	fn holdings(&self) -> Book<'_> {
		Book {
			lots_per_contract: self.book.lot.per_contract(),
			cash: self.book.cash,
			options: &self.book.options.positions,
			perpetual: self.perpetual,
			collateral: &self.collateral,
		}
	}

	fn account<'b>(&'b self, arrays: &'b dyn ArraySource) -> PortfolioAccount<'b> {
		let round = Round {
			market: self.market,
			expiries: &self.terms,
			series: &self.book.options.series,
			arrays,
		};
		PortfolioAccount::new(round, self.holdings())
	}

	/// The margin with every part.
	pub fn report(&self) -> Read<PortfolioReport> {
		let arrays = self.arrays();
		self.book
			.model()?
			.report(&self.account(&arrays))
			.map_err(|error| Problem::at("book", explain::risk(error)))
	}

	/// Spots at which the account becomes liquidatable, volatilities unchanged; `None` where none
	/// can be searched for, such as at the end of the range of prices.
	pub fn liquidation_prices(&self) -> Option<LiquidationPrices> {
		let market = PricedMarket {
			market: self.market,
			contexts: &self.contexts,
			series: &self.book.options.series,
		};
		let range = SearchRange::around(self.market.spot);
		let model = self.book.model().ok()?;
		model.liquidation_prices(&market, &self.holdings(), &Adjustments::NONE, &range).ok()
	}

	/// The crate's own margin at another spot: what a shift of spot alone must equal.
	pub fn margin_at(&self, spot: Price) -> Result<ballast_risk::Margin, RiskError> {
		let market = PricedMarket {
			market: self.market,
			contexts: &self.contexts,
			series: &self.book.options.series,
		};
		Portfolio::new(&self.book.parameters, &self.book.scenarios)?.margin_at(
			&market,
			&self.holdings(),
			&Adjustments::NONE,
			spot,
		)
	}

	/// Positions, by index of the option in the file.
	pub fn positions(&self) -> &[Position] {
		&self.book.options.positions
	}
}

fn array(
	contexts: &[ExpiryContext],
	series: &Series,
	vol_factor: Ppb,
	out: &mut [i64],
) -> Result<(), RiskError> {
	let context = contexts.get(usize::from(series.expiry)).ok_or(RiskError::UnknownExpiry)?;
	if vol_factor == Ppb::ONE {
		return context.price(series.kind, series.strike, out);
	}
	let vol = context.vol(series.strike)?.checked_mul(Real::from_ppb(vol_factor.0)?)?;
	context.price_at_vol(series.kind, series.strike, vol, out)
}

fn expiry(field: &Field<'_>) -> Read<Expiry> {
	let rate = 10_000_000_000;
	let seconds = field.get("seconds")?.whole(0, MAX_SECONDS.into())?;
	Ok(Expiry {
		seconds: u32::try_from(seconds).unwrap_or(MAX_SECONDS),
		forward: field.get("forward")?.positive_price()?,
		forward_confidence: field.get("forward_confidence")?.share()?,
		rate: field.get("rate")?.ppb(-rate, rate)?,
		rate_confidence: field.get("rate_confidence")?.share()?,
		vol_confidence: field.get("vol_confidence")?.share()?,
		svi: svi(&field.get("svi")?)?,
	})
}

fn svi(field: &Field<'_>) -> Read<SviSlice> {
	let most = SviSlice::MAX_PARAMETER << 56;
	let size = |value: Real| value.to_bits().unsigned_abs() <= most.unsigned_abs();
	let years = 100 << 56;
	let slice = SviSlice::new(
		field.get("a")?.real("-16 to 16", size)?,
		field.get("b")?.real("0 to 16", |b| size(b) && b >= Real::ZERO)?,
		field.get("rho")?.real("-1 < rho < 1", |rho| rho.saturating_abs() < Real::ONE)?,
		field.get("m")?.real("-16 to 16", size)?,
		field.get("sigma")?.real("0 < sigma <= 16", |sigma| size(sigma) && sigma > Real::ZERO)?,
		field.get("forward")?.positive_price()?,
		field
			.get("tau")?
			.real("0 < tau <= 100", |tau| tau > Real::ZERO && tau.to_bits() <= years)?,
	);
	slice.map_err(|error| match explain::svi_member(error) {
		Some(member) => Problem::at(&format!("{}.{member}", field.path()), error),
		None => field.problem(error),
	})
}

fn asset(field: &Field<'_>) -> Read<Collateral> {
	let tokens = Tokens::read(&field.get("amount")?)?;
	Ok(Collateral {
		amount: tokens.amount,
		units_per_token: tokens.units_per_token,
		price: field.get("price")?.price()?,
		confidence: field.get("confidence")?.share()?,
		hedges_spot: field.get("hedges_spot")?.flag()?,
		haircut_initial: field.get("haircut_initial")?.share()?,
		haircut_maintenance: field.get("haircut_maintenance")?.share()?,
	})
}
