// SPDX-License-Identifier: Apache-2.0
//! The seeded state as the genesis of a chain.

use super::{Seeded, BTC};
use crate::Outcome;
use ballast_runtime::Runtime;
use serde_json::{json, Map, Value};
use sp_core::{
	bytes::to_hex,
	storage::{well_known_keys, Storage},
};
use sp_io::hashing::twox_128;
use sp_state_machine::BasicExternalities;

/// What of the system pallet belongs to accounts and versions; the rest is about blocks.
const KEPT: [&str; 5] = [
	"Account",
	"LastRuntimeUpgrade",
	"UpgradedToTripleRefCount",
	"UpgradedToU32RefCount",
	":__STORAGE_VERSION__:",
];

/// The state without its blocks: what it says of numbers of blocks is what a genesis says. Time stays what it was.
pub(super) fn as_genesis(mut storage: Storage) -> Outcome<Storage> {
	let system = twox_128(b"System");
	let kept: Vec<Vec<u8>> =
		KEPT.iter().map(|item| [system, twox_128(item.as_bytes())].concat()).collect();
	storage.top.retain(|key, _| {
		!key.starts_with(&system) || kept.iter().any(|prefix| key.starts_with(prefix))
	});
	for transient in [well_known_keys::EXTRINSIC_INDEX, well_known_keys::INTRABLOCK_ENTROPY] {
		storage.top.remove(transient);
	}
	let mut state = BasicExternalities::new(storage);
	state.execute_with(|| {
		// A clamp counts blocks since the round.
		pallet_prices::Rounds::<Runtime>::mutate(BTC, |round| {
			let round = round.as_mut().ok_or("the seeded state has no round")?;
			round.block = 0;
			Outcome::Ok(())
		})?;
		pallet_prices::ReportedIn::<Runtime>::kill();
		Outcome::Ok(())
	})?;
	Ok(state.into_storages())
}

/// A chain spec, raw, for a node's `--chain`: one authority, Alice, who is the sudo key as well. `code` is the runtime's
/// Wasm; which runtime it is decides about control, the state is the same.
pub fn raw_chain_spec(seeded: &Seeded, code: &[u8]) -> Value {
	let hex = |bytes: &[u8]| to_hex(bytes, false);
	let mut top: Map<String, Value> = seeded
		.storage
		.top
		.iter()
		.map(|(key, value)| (hex(key), Value::String(hex(value))))
		.collect();
	top.insert(hex(well_known_keys::CODE), Value::String(hex(code)));
	json!({
		"name": "Ballast Stress",
		"id": "ballast_stress",
		"chainType": "Development",
		"bootNodes": [],
		"telemetryEndpoints": null,
		"protocolId": "ballast_stress",
		"properties": { "tokenSymbol": "BAL", "tokenDecimals": 12, "ss58Format": 42 },
		"codeSubstitutes": {},
		"genesis": { "raw": { "top": top, "childrenDefault": {} } },
	})
}
