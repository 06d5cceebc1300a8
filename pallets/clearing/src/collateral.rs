// SPDX-License-Identifier: Apache-2.0
//! What collateral is worth, and how standard margin counts it.

use ballast_exchange::{Account, MicroUsd, Ppb, UnderlyingId};

use crate::{cache::PriceCache, inputs::MarginError, types::CollateralTerms};

const BILLION: i128 = 1_000_000_000;
const PICO_PER_MICRO: i128 = 1_000_000;

/// Base asset of an underlying: the sum of the assets that follow it, in the coarsest of their units.
pub(crate) fn base_amount(
	cache: &PriceCache,
	account: &Account,
	underlying: UnderlyingId,
) -> Result<(u64, u64), MarginError> {
	let mut base = (0u64, 0u64);
	for (asset, amount) in &account.collateral {
		let terms = cache.collaterals.get(asset).ok_or(MarginError::PricesMissing)?;
		if terms.underlying == underlying {
			let added = (terms.model_amount(*amount), terms.model_units());
			base = if base.1 == 0 { added } else { sum(base, added) };
		}
	}
	Ok((base.0, base.1.max(1)))
}

/// The sum of two amounts of `(amount, units per token)`, rounded down to the coarser units.
fn sum(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
	let units = a.1.min(b.1);
	let of = |(amount, per_token): (u64, u64)| {
		// 2^64 * 2^40 fits; not more than `amount`, as `units <= per_token`.
		let scaled = u128::from(amount) * u128::from(units) / u128::from(per_token.max(1));
		u64::try_from(scaled).unwrap_or(u64::MAX)
	};
	// Beyond the type an amount counts as the largest: less than it is worth.
	(of(a).saturating_add(of(b)), units)
}

/// Worth in the settlement asset, micro-USD, rounded down.
pub(crate) fn worth(
	terms: &CollateralTerms,
	amount: u128,
	price_pico: i64,
	quote_price: Ppb,
) -> Option<MicroUsd> {
	let units = i128::from(terms.model_amount(amount)).checked_mul(i128::from(price_pico))?;
	let pico = units.checked_div(i128::from(terms.model_units()))?;
	let scaled = pico.checked_mul(BILLION)?;
	scaled.checked_div(i128::from(quote_price.0).checked_mul(PICO_PER_MICRO)?)
}

/// A part of an amount that is zero or above, rounded up.
pub(crate) fn part_up(amount: MicroUsd, part_ppb: i64) -> MicroUsd {
	// A worth is within 2^90 and a haircut within 2^30; reports alone use it.
	let product = amount.saturating_mul(i128::from(part_ppb));
	product.div_euclid(BILLION).saturating_add(i128::from(product.rem_euclid(BILLION) != 0))
}
