// SPDX-License-Identifier: Apache-2.0
//! A seeded market with its risk arrays and a book on it, in fixed room.

use ballast_pricing::{black76::OptionKind, Price, Real, SviSlice};
use ballast_risk::{
	price_all, Book, Collateral, Expiry, ExpiryContext, ExpiryTerms, Market, Perpetual,
	PortfolioAccount, PortfolioParameters, Position, Ppb, RiskArrays, RiskError, Round, Scenario,
	Series, DEFAULT_SCENARIOS, FIXED_ENTRIES,
};

use crate::inputs::Seeded;

pub const PARAMETERS: PortfolioParameters = PortfolioParameters::DEFAULT;
pub const SCENARIOS: [Scenario; 33] = DEFAULT_SCENARIOS;
/// Entries in an array of the default grid.
pub const WIDTH: usize = FIXED_ENTRIES + SCENARIOS.len();
const LOTS_PER_CONTRACT: u32 = 100;

/// `S` series over `E` expiries, listed by expiry, strike and kind, and a position in each.
pub struct Scene<const E: usize, const S: usize> {
	pub market: Market,
	pub contexts: [ExpiryContext; E],
	pub terms: [ExpiryTerms; E],
	pub series: [Series; S],
	pub entries: [[i64; WIDTH]; S],
	pub options: [Position; S],
	pub perpetual: Perpetual,
	pub collateral: [Collateral; 1],
}

impl<const E: usize, const S: usize> Scene<E, S> {
	/// A market, its arrays and a book.
	pub fn new(seeded: &mut Seeded) -> Result<Self, RiskError> {
		let spot = seeded.within(1_000_000, 150_000_000_000);
		let market = Market {
			spot: Price::from_micro_usd(spot)?,
			spot_confidence: confidence(seeded),
			quote_price: Ppb(seeded.within(960_000_000, 1_010_000_000)),
		};
		let mut contexts = [context(&expiry(seeded, spot)?)?; E];
		for other in contexts.iter_mut().skip(1) {
			*other = context(&expiry(seeded, spot)?)?;
		}
		let series = core::array::from_fn(|index| listed::<E, S>(index, market.spot));
		let mut entries = [[0; WIDTH]; S];
		price_all(&contexts, &series, entries.as_flattened_mut())?;
		let options = core::array::from_fn(|index| Position {
			series: index as u16,
			lots: seeded.within(-2_000, 2_000),
		});
		Ok(Self {
			market,
			terms: core::array::from_fn(|index| contexts[index].terms()),
			contexts,
			series,
			entries,
			options,
			perpetual: perpetual(seeded, market.spot),
			collateral: [collateral(seeded, market.spot)],
		})
	}

	/// The arrays as an account's margin reads them.
	pub fn arrays(&self) -> RiskArrays<'_> {
		RiskArrays::new(self.entries.as_flattened(), SCENARIOS.len())
	}

	/// The book with `cash` micro-USD, on arrays of this scene.
	pub fn account<'a>(&'a self, arrays: &'a RiskArrays<'a>, cash: i128) -> PortfolioAccount<'a> {
		let round =
			Round { market: self.market, expiries: &self.terms, series: &self.series, arrays };
		let book = Book {
			lots_per_contract: LOTS_PER_CONTRACT,
			cash,
			options: &self.options,
			perpetual: self.perpetual,
			collateral: &self.collateral,
		};
		PortfolioAccount::new(round, book)
	}
}

/// Mostly sure, sometimes low enough to be charged for.
fn confidence(seeded: &mut Seeded) -> Ppb {
	Ppb(if seeded.bits().is_multiple_of(4) {
		seeded.within(0, 1_000_000_000)
	} else {
		1_000_000_000
	})
}

/// An expiry between a minute and two years, its forward within 2 % of spot (micro-USD).
fn expiry(seeded: &mut Seeded, spot: i64) -> Result<Expiry, RiskError> {
	let seconds = seeded.within(60, 63_072_000);
	// A spot of at least 1 USD keeps the forward above zero; both fit by far.
	let forward = Price::from_micro_usd(spot / 1_000 * seeded.within(980, 1_020))?;
	let tau = Real::from_ratio(seconds, 31_536_000)?;
	Ok(Expiry {
		seconds: seconds as u32,
		forward,
		forward_confidence: confidence(seeded),
		rate: Ppb(seeded.within(-20_000_000, 150_000_000)),
		rate_confidence: confidence(seeded),
		vol_confidence: confidence(seeded),
		svi: slice(seeded, forward, tau)?,
	})
}

/// A slice of 20 % to 120 % at the money, whose terms scale with time.
pub fn slice(seeded: &mut Seeded, forward: Price, tau: Real) -> Result<SviSlice, RiskError> {
	let ppb = |seeded: &mut Seeded, low: i64, high: i64| Real::from_ppb(seeded.within(low, high));
	let a = ppb(seeded, 40_000_000, 1_440_000_000)?.checked_mul(tau)?;
	let b = ppb(seeded, 0, 500_000_000)?.checked_mul(tau)?;
	let rho = ppb(seeded, -900_000_000, 900_000_000)?;
	let m = ppb(seeded, -200_000_000, 200_000_000)?;
	let sigma = ppb(seeded, 10_000_000, 400_000_000)?;
	Ok(SviSlice::new(a, b, rho, m, sigma, forward, tau)?)
}

pub fn context(expiry: &Expiry) -> Result<ExpiryContext, RiskError> {
	ExpiryContext::new(&PARAMETERS, &SCENARIOS, expiry)
}

/// Calls and puts in turn on strikes from 0.7 to 1.3 of spot.
fn listed<const E: usize, const S: usize>(index: usize, spot: Price) -> Series {
	let per_expiry = S.div_ceil(E.max(1)).max(1);
	let place = (index % per_expiry / 2) as i64;
	let pairs = per_expiry.div_ceil(2).max(2) as i64;
	let factor = 700 + 600 * place / (pairs - 1);
	let strike = Price::from_pico_usd(spot.pico_usd() / 1_000 * factor);
	Series {
		expiry: (index / per_expiry) as u8,
		strike: strike.unwrap_or(spot),
		kind: if index.is_multiple_of(2) { OptionKind::Call } else { OptionKind::Put },
	}
}

fn perpetual(seeded: &mut Seeded, spot: Price) -> Perpetual {
	Perpetual {
		lots: seeded.within(-500, 500),
		price: spot,
		confidence: confidence(seeded),
		unrealised_pnl: seeded.within(-1_000_000_000, 1_000_000_000).into(),
		unrealised_funding: seeded.within(-10_000_000, 10_000_000).into(),
	}
}

fn collateral(seeded: &mut Seeded, spot: Price) -> Collateral {
	Collateral {
		amount: seeded.within(0, 20_000) as u64,
		units_per_token: 1_000,
		price: spot,
		confidence: confidence(seeded),
		hedges_spot: seeded.bits().is_multiple_of(2),
		haircut_initial: Ppb(15_000_000),
		haircut_maintenance: Ppb(30_000_000),
	}
}
