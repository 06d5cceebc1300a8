// SPDX-License-Identifier: Apache-2.0
//! The genesis of the stress book: that of the development preset with one underlying and real expiries.

use crate::Outcome;
use ballast_runtime::{
	constants::assets::USDC, genesis as presets, AccountId, Balance, RuntimeGenesisConfig,
};
use serde_json::{json, Value};
use sp_core::storage::Storage;
use sp_runtime::BuildStorage;

/// Most that spot moves in a block. The preset's 1 % would hold the fastest second of the real crash, 1.4 %, back by a
/// block: who is in danger would be found in time, by a price that is late.
const CLAMP_PPB: u32 = 50_000_000;
/// The seeding makes fewer blocks than that, and sessions are not what is tried here.
const SESSION_BLOCKS: u32 = 7_200;
/// Most lots of an order and of a series: the houses' quotes serve thousands of accounts each.
const MAX_ORDER_LOTS: i64 = 1_000_000_000;
const MAX_OPEN_INTEREST: i64 = 10_000_000_000;
/// A billion dollars: a book of 100,000 accounts has debts that the preset's ten million would not hold.
const DEBT_CAP_MICRO: u64 = 1_000_000_000_000_000;

/// What somebody holds before the first block.
#[derive(Clone, Debug)]
pub struct Funding {
	/// Who.
	pub who: AccountId,
	/// The native token, smallest units.
	pub native: Balance,
	/// The settlement asset, micro-USD.
	pub usdc: Balance,
}

/// The genesis state, without code, with these wallets beside those of the preset.
pub fn genesis(funding: &[Funding]) -> Outcome<Storage> {
	let failed = |error: serde_json::Error| format!("the preset: {error}");
	let preset = presets::preset(&presets::DEV_RUNTIME_PRESET.into()).ok_or("no preset")?;
	let mut patch: Value = serde_json::from_slice(&preset).map_err(failed)?;
	change(&mut patch)?;
	let mut json = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(failed)?;
	merge(&mut json, patch);
	let mut config: RuntimeGenesisConfig = serde_json::from_value(json).map_err(failed)?;
	for Funding { who, native, usdc } in funding {
		config.balances.balances.push((who.clone(), *native));
		config.assets.accounts.push((USDC, who.clone(), *usdc));
	}
	config.build_storage()
}

/// What differs from the preset.
fn change(patch: &mut Value) -> Outcome {
	let underlyings =
		patch["options"]["underlyings"].as_array_mut().ok_or("the preset lists nothing")?;
	underlyings.truncate(1);
	let btc = underlyings.first_mut().ok_or("the preset lists nothing")?;
	btc["terms"]["max_order_lots"] = json!(MAX_ORDER_LOTS);
	btc["terms"]["max_open_interest"] = json!(MAX_OPEN_INTEREST);
	btc["schedule"] = json!({
		"minutes": null,
		"dailies": 1,
		"weeklies": 1,
		"monthlies": 1,
		"quarterlies": 1,
		"strikes_each_side": 8,
		"strike_step_ppb": 50_000_000,
	});
	patch["prices"]["parameters"]["clamp_ppb"] = json!(CLAMP_PPB);
	patch["validators"]["sessionLength"] = json!(SESSION_BLOCKS);
	patch["clearing"]["debtCap"] = json!(DEBT_CAP_MICRO);
	// Filled by the seeding, in proportion to the book.
	if patch["clearing"].get("insurance").is_some() {
		patch["clearing"]["insurance"] = json!(0);
	}
	// Collateral of underlyings that are not listed here.
	let is_listed = |terms: &Value| terms[1]["underlying"] == json!(1);
	if let Some(collaterals) = patch["clearing"]["collaterals"].as_array_mut() {
		collaterals.retain(is_listed);
	}
	Ok(())
}

/// Merges a genesis patch as the chain spec does (RFC 7396).
fn merge(base: &mut Value, patch: Value) {
	match (base, patch) {
		(Value::Object(base), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}
