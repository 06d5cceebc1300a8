// SPDX-License-Identifier: Apache-2.0
//! Calls of governance: parameters within and outside their ranges, pauses, and what it schedules.

use super::{filter::is_harmless, raw};
use crate::{bytes::Bytes, feed::mutated, market::keys, people};
use ballast_exchange::Markets;
use ballast_runtime::{Options, Runtime, RuntimeCall};
use pallet_clearing::Call as Clearing;
use pallet_liquidation::Call as Liquidation;
use pallet_options::Call as OptionsCall;

/// The next one; `None` if there is nothing to change or it is filtered.
pub fn call(bytes: &mut Bytes) -> Option<RuntimeCall> {
	match bytes.below(8) {
		0..=2 => options_call(bytes),
		3..=4 => clearing_call(bytes),
		5 => liquidation_call(bytes),
		6 => others(bytes),
		_ => raw::call(bytes).filter(is_for_root),
	}
}

/// Whether root may give a raw call: governance of the exchange, the brakes, and what it schedules.
///
/// Beside [`is_harmless`]: minting, burning and moving what others own is legitimate and breaks the sums that are
/// checked; validators that are no nodes end the chain.
fn is_for_root(call: &RuntimeCall) -> bool {
	let is_governance = matches!(
		call,
		RuntimeCall::Options(..)
			| RuntimeCall::Clearing(..)
			| RuntimeCall::Prices(..)
			| RuntimeCall::Lanes(..)
			| RuntimeCall::Liquidation(..)
			| RuntimeCall::TxPause(..)
			| RuntimeCall::SafeMode(..)
			| RuntimeCall::Preimage(..)
			| RuntimeCall::Grandpa(..)
			| RuntimeCall::Session(..)
	);
	is_governance && is_harmless(call)
}

fn options_call(bytes: &mut Bytes) -> Option<RuntimeCall> {
	let underlying = 1 + bytes.below(3) as u16;
	let call = match bytes.below(8) {
		0..=1 => OptionsCall::set_paused { underlying, paused: bytes.chance(128) },
		2 => {
			let terms = mutated(&Options::terms(underlying)?, bytes)?;
			OptionsCall::set_terms { underlying, terms }
		},
		3..=4 => {
			let schedule = pallet_options::Underlyings::<Runtime>::get(underlying)?.schedule;
			OptionsCall::set_schedule { underlying, schedule: mutated(&schedule, bytes)? }
		},
		5 => {
			let model = mutated(&Options::portfolio_model(underlying)?, bytes)?;
			OptionsCall::set_portfolio_model { underlying, model }
		},
		6 => {
			let parameters = mutated(&Options::standard_parameters(underlying)?, bytes)?;
			OptionsCall::set_standard_parameters { underlying, parameters }
		},
		_ => {
			let model = pallet_options::Underlyings::<Runtime>::get(underlying)?;
			let mut terms = model.terms;
			terms.base_asset = u32::from(bytes.byte());
			let symbol = vec![b'A' + bytes.byte() % 26; 3].try_into().ok()?;
			let underlying = 4 + u16::from(bytes.byte() % 4);
			OptionsCall::create_underlying { underlying, symbol, terms, schedule: model.schedule }
		},
	};
	Some(call.into())
}

fn clearing_call(bytes: &mut Bytes) -> Option<RuntimeCall> {
	let call = match bytes.below(6) {
		0..=1 => {
			let asset = 1 + bytes.below(5) as u32;
			let terms = pallet_clearing::Collaterals::<Runtime>::get(asset);
			let terms = terms.and_then(|terms| mutated(&terms, bytes));
			Clearing::set_collateral { asset, terms }
		},
		2 => Clearing::set_debt_cap { cap: bytes.number() },
		3..=4 => {
			let there = pallet_clearing::FeesCollected::<Runtime>::get();
			let amount = if bytes.chance(64) { bytes.number() } else { there };
			Clearing::collect_fees { to: people::person(bytes.below(6)), amount }
		},
		_ => {
			let key = bytes.pick(&keys())?;
			let underlying = 1 + bytes.below(3) as u16;
			let expiry = bytes.pick(&Options::expiries(underlying))?;
			Clearing::retry_settlement { owner: key.owner, index: key.index, underlying, expiry }
		},
	};
	Some(call.into())
}

fn liquidation_call(bytes: &mut Bytes) -> Option<RuntimeCall> {
	let parameters = pallet_liquidation::ParametersInForce::<Runtime>::get();
	let call = match bytes.below(4) {
		0 => Liquidation::set_parameters { parameters: mutated(&parameters, bytes)? },
		1..=2 => Liquidation::propose_parameters { parameters: mutated(&parameters, bytes)? },
		_ => Liquidation::cancel_proposal {},
	};
	Some(call.into())
}

fn others(bytes: &mut Bytes) -> Option<RuntimeCall> {
	let call = match bytes.below(4) {
		0 => {
			let parameters = pallet_prices::Parameters::<Runtime>::get();
			pallet_prices::Call::set_parameters { parameters: mutated(&parameters, bytes)? }.into()
		},
		1 => {
			let parameters = pallet_lanes::Parameters::<Runtime>::get();
			let parameters = Box::new(mutated(&parameters, bytes)?);
			pallet_lanes::Call::set_parameters { parameters }.into()
		},
		2 => {
			let call = Box::new(call(bytes)?);
			let when = ballast_runtime::System::block_number() + 1 + u32::from(bytes.byte() % 4);
			pallet_scheduler::Call::schedule { when, maybe_periodic: None, priority: 0, call }
				.into()
		},
		_ if bytes.chance(16) => pallet_safe_mode::Call::force_enter {}.into(),
		_ => {
			let name = |text: &[u8]| text.to_vec().try_into().ok();
			let full_name = (name(b"OrderBook")?, name(b"place")?);
			pallet_tx_pause::Call::pause { full_name }.into()
		},
	};
	Some(call)
}
