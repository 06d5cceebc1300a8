// SPDX-License-Identifier: Apache-2.0

//! What governance may set: every figure has a range and its own error.

use crate::{Config, Error, Pallet, ScheduleError, Symbol};
use ballast_exchange::{MarketTerms, PortfolioModel, Ppb, Price};
use ballast_pricing::{Real, SviSlice};
use ballast_risk::{
	Expiry, ExpiryContext, ParameterError, PortfolioParameter, RiskError, ScenarioError,
	StandardParameter, StandardParameters, MAX_LOTS, MAX_LOTS_PER_CONTRACT,
};
use frame_support::ensure;

/// Largest fee: 10 % of the notional at spot.
pub const MAX_FEE_PPB: i64 = 100_000_000;
/// Largest cap on a fee: the whole premium.
pub const MAX_FEE_CAP_PPB: i64 = 1_000_000_000;
/// Largest tick: a million dollars.
pub const MAX_TICK: u64 = 1_000_000_000_000;

/// Times to expiry a model has to price: none, five minutes, a day, thirty days, two years.
const PROBES: [u32; 5] = [0, 300, 86_400, 30 * 86_400, 2 * 365 * 86_400];

impl<T> From<ScheduleError> for Error<T> {
	fn from(error: ScheduleError) -> Self {
		match error {
			ScheduleError::Period => Self::PeriodInvalid,
			ScheduleError::Expiries => Self::TooManyExpiries,
			ScheduleError::StrikesEachSide => Self::StrikesEachSideOutOfRange,
			ScheduleError::StrikeStep => Self::StrikeStepOutOfRange,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn check_symbol(symbol: &Symbol) -> Result<(), Error<T>> {
		let valid = |letter: &u8| letter.is_ascii_uppercase() || letter.is_ascii_digit();
		ensure!(!symbol.is_empty() && symbol.iter().all(valid), Error::<T>::SymbolInvalid);
		Ok(())
	}

	pub(crate) fn check_terms(terms: &MarketTerms) -> Result<(), Error<T>> {
		let MarketTerms { lots_per_contract, tick, min_order_lots, max_order_lots, .. } = *terms;
		ensure!(
			(1..=MAX_LOTS_PER_CONTRACT).contains(&lots_per_contract),
			Error::<T>::LotsPerContractOutOfRange
		);
		let multiple = tick.checked_rem(u64::from(lots_per_contract)) == Some(0);
		ensure!(multiple && tick > 0, Error::<T>::TickNotMultiple);
		ensure!(tick <= MAX_TICK, Error::<T>::TickTooLarge);
		ensure!(
			0 < min_order_lots && min_order_lots <= max_order_lots && max_order_lots <= MAX_LOTS,
			Error::<T>::OrderSizeOutOfRange
		);
		ensure!(
			(max_order_lots..=MAX_LOTS).contains(&terms.max_open_interest),
			Error::<T>::OpenInterestOutOfRange
		);
		for fee in [terms.maker_fee_ppb, terms.taker_fee_ppb] {
			ensure!((0..=MAX_FEE_PPB).contains(&fee), Error::<T>::FeeOutOfRange);
		}
		ensure!((0..=MAX_FEE_CAP_PPB).contains(&terms.fee_cap_ppb), Error::<T>::FeeCapOutOfRange);
		Ok(())
	}

	pub(crate) fn check_portfolio_model(model: &PortfolioModel) -> Result<(), Error<T>> {
		// Without scenarios margin would see no loss but that of the basis.
		ensure!(!model.scenarios.is_empty(), Error::<T>::NoScenarios);
		model.parameters.validate().map_err(model_error)?;
		ballast_risk::validate_scenarios(&model.scenarios).map_err(|error| match error {
			RiskError::Parameter(parameter) => model_error(parameter),
			_ => Error::<T>::ModelDoesNotPrice,
		})?;
		for seconds in PROBES {
			prices(model, seconds).map_err(|_| Error::<T>::ModelDoesNotPrice)?;
		}
		Ok(())
	}

	pub(crate) fn check_standard(parameters: &StandardParameters) -> Result<(), Error<T>> {
		parameters.validate().map_err(model_error)
	}
}

/// Each parameter can be in range and the whole still not price: a hundred dollars at a volatility of
/// one tells.
fn prices(model: &PortfolioModel, seconds: u32) -> Result<(), RiskError> {
	let svi = flat_slice(Price::from_usd(100)?, Real::ONE)?;
	let forward = svi.forward();
	let expiry = Expiry {
		seconds,
		forward,
		forward_confidence: Ppb::ONE,
		rate: Ppb::ZERO,
		rate_confidence: Ppb::ONE,
		vol_confidence: Ppb::ONE,
		svi,
	};
	let context = ExpiryContext::new(&model.parameters, &model.scenarios, &expiry)?;
	let mut array = [0; ballast_risk::MAX_WIDTH];
	context.price(ballast_exchange::OptionKind::Call, forward, &mut array)
}

/// A slice of the same total variance at every strike, over one year.
pub(crate) fn flat_slice(
	forward: Price,
	variance: Real,
) -> Result<SviSlice, ballast_pricing::Error> {
	SviSlice::new(variance, Real::ZERO, Real::ZERO, Real::ZERO, Real::ONE, forward, Real::ONE)
}

fn model_error<T>(error: ParameterError) -> Error<T> {
	match error {
		ParameterError::Portfolio(parameter) => {
			Error::PortfolioParameterOutOfRange(index_in(PortfolioParameter::ALL, parameter))
		},
		ParameterError::Scenario(
			ScenarioError::Spot { index } | ScenarioError::Weight { index },
		) => Error::ScenarioOutOfRange(index),
		ParameterError::Standard(StandardParameter::Inconsistent) => {
			Error::StandardParametersInconsistent
		},
		ParameterError::Standard(parameter) => {
			Error::StandardParameterOutOfRange(index_in(StandardParameter::ALL, parameter))
		},
		_ => Error::ModelDoesNotPrice,
	}
}

fn index_in<P: PartialEq>(all: &[P], parameter: P) -> u8 {
	let index = all.iter().position(|known| *known == parameter);
	index.and_then(|index| u8::try_from(index).ok()).unwrap_or(u8::MAX)
}
