// SPDX-License-Identifier: Apache-2.0
//! The genesis that inputs start from: the development preset with fewer expiries and strikes, so that a block is
//! executed in about a millisecond, and with what takes hours in it brought down to seconds.

use ballast_runtime::{genesis, RuntimeGenesisConfig};
use serde_json::{json, Value};
use sp_core::storage::Storage;
use sp_runtime::BuildStorage;

/// Expiries of each underlying: minutes, dailies, weeklies, quarterlies.
const SCHEDULES: [(u8, u8, u8, u8); 3] = [(2, 1, 0, 1), (1, 1, 0, 0), (1, 0, 1, 0)];

/// Micro-USD in the insurance fund: few enough to be spent.
const INSURANCE: u64 = 2_000_000_000;
/// Most that spot moves per block, parts per billion.
const CLAMP: u32 = 40_000_000;

/// The state before the first block.
pub fn storage() -> Storage {
	let patch = genesis::preset(&genesis::DEV_RUNTIME_PRESET.into()).expect("the preset exists");
	let mut patch: Value = serde_json::from_slice(&patch).expect("it is JSON");
	for (index, (minutes, dailies, weeklies, quarterlies)) in SCHEDULES.into_iter().enumerate() {
		patch["options"]["underlyings"][index]["schedule"] = json!({
			"minutes": { "period_minutes": 2, "count": minutes },
			"dailies": dailies,
			"weeklies": weeklies,
			"monthlies": 0,
			"quarterlies": quarterlies,
			"strikes_each_side": 2,
			"strike_step_ppb": 100_000_000,
		});
	}
	patch["prices"]["parameters"]["clamp_ppb"] = json!(CLAMP);
	patch["clearing"]["insurance"] = json!(INSURANCE);
	let auction = &mut patch["liquidation"]["parameters"]["auction"];
	auction["fast_millis"] = json!(4_000);
	auction["slow_millis"] = json!(4_000);
	auction["insolvent_millis"] = json!(3_000);
	let mut json = serde_json::to_value(RuntimeGenesisConfig::default()).expect("it is JSON");
	merge(&mut json, patch);
	let config: RuntimeGenesisConfig = serde_json::from_value(json).expect("the patch fits");
	config.build_storage().expect("the genesis is sound")
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
