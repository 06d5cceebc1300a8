// SPDX-License-Identifier: Apache-2.0

//! The chains the binary knows by name, and chains that a file of `chain-specs/` describes.

use ballast_runtime::{AccountId, WASM_BINARY};
use sc_network::config::MultiaddrWithPeerId;
use sc_service::{ChainType, NoExtension};
use sc_telemetry::TelemetryEndpoints;
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use std::path::Path;

/// A chain spec of Ballast.
pub type ChainSpec = sc_service::GenericChainSpec<NoExtension>;

const TOKEN_SYMBOL: &str = "BAL";
const TOKEN_DECIMALS: u8 = 12;
const SS58_FORMAT: u16 = 42;

fn wasm() -> Result<&'static [u8], String> {
	WASM_BINARY.ok_or_else(|| {
		"this binary was built without the runtime (SKIP_WASM_BUILD): build it again, or name a raw \
		 chain spec file with --chain"
			.to_string()
	})
}

/// One validator, Alice, on this machine.
pub fn development() -> Result<ChainSpec, String> {
	let preset = ballast_runtime::genesis::DEV_RUNTIME_PRESET;
	known("Ballast Development", "ballast_dev", ChainType::Development, preset)
}

/// Four validators, Alice to Dave, on this machine.
pub fn local() -> Result<ChainSpec, String> {
	let preset = ballast_runtime::genesis::LOCAL_TESTNET_RUNTIME_PRESET;
	known("Ballast Local", "ballast_local", ChainType::Local, preset)
}

fn known(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
	Ok(ChainSpec::builder(wasm()?, None)
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id(id)
		.with_properties(Properties::default().into_map())
		.with_genesis_config_preset_name(preset)
		.build())
}

/// A chain as a person describes it, in a file of `chain-specs/`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Description {
	name: String,
	id: String,
	chain_type: ChainType,
	/// Part of the names of the network protocols, so that nodes of two chains do not mix; without it,
	/// `id`.
	#[serde(default)]
	protocol_id: Option<String>,
	#[serde(default)]
	properties: Properties,
	#[serde(default)]
	boot_nodes: Vec<MultiaddrWithPeerId>,
	/// Telemetry servers and the verbosity for each, as `["wss://...", 0]`.
	#[serde(default)]
	telemetry: Vec<(String, u8)>,
	/// The preset that `genesis` is merged over; without one, the runtime's defaults.
	#[serde(default)]
	preset: Option<String>,
	/// The first validators. They replace those of the preset.
	#[serde(default)]
	authorities: Vec<Authority>,
	/// The rest of the genesis state, as a patch: balances, assets, the sudo key ...
	#[serde(default)]
	genesis: Map<String, Value>,
}

/// What wallets show of the token.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Properties {
	token_symbol: String,
	token_decimals: u8,
	ss58_format: u16,
}

impl Default for Properties {
	fn default() -> Self {
		Properties {
			token_symbol: TOKEN_SYMBOL.into(),
			token_decimals: TOKEN_DECIMALS,
			ss58_format: SS58_FORMAT,
		}
	}
}

impl Properties {
	fn into_map(self) -> Map<String, Value> {
		let mut map = Map::new();
		map.insert("tokenSymbol".into(), self.token_symbol.into());
		map.insert("tokenDecimals".into(), self.token_decimals.into());
		map.insert("ss58Format".into(), self.ss58_format.into());
		map
	}
}

/// A validator and its session keys, as SS58 addresses.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Authority {
	account: AccountId,
	aura: AuraId,
	grandpa: GrandpaId,
}

impl Description {
	/// Reads a description; says which field is wrong, and where.
	pub fn read(path: &Path) -> Result<Self, String> {
		let shown = path.display();
		let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
		let description: Description =
			serde_json::from_str(&text).map_err(|error| format!("{shown}: {error}"))?;
		description.check().map_err(|error| format!("{shown}: {error}"))?;
		Ok(description)
	}

	fn check(&self) -> Result<(), String> {
		if self.name.is_empty() || self.id.is_empty() {
			return Err("`name` and `id` must not be empty".into());
		}
		// The id becomes a folder of the database and a part of the network protocol's name.
		if !self.id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
			return Err("`id` may hold letters, digits, `_` and `-` only".into());
		}
		let known = ballast_runtime::genesis::preset_names();
		if let Some(preset) = &self.preset {
			if !known.iter().any(|name| AsRef::<str>::as_ref(name) == preset) {
				return Err(format!("`preset`: there is no `{preset}`; there are {known:?}"));
			}
		}
		if self.preset.is_none() && self.authorities.is_empty() {
			return Err(
				"`authorities` is empty: without a preset, a chain needs at least one".into()
			);
		}
		let mut accounts: Vec<_> = self.authorities.iter().map(|each| &each.account).collect();
		accounts.sort();
		if accounts.windows(2).any(|pair| pair[0] == pair[1]) {
			return Err("`authorities`: an account is listed twice".into());
		}
		for (pallet, field) in [("validators", "validators"), ("session", "keys")] {
			let both = self.genesis.get(pallet).is_some_and(|value| value.get(field).is_some());
			if both && !self.authorities.is_empty() {
				return Err(format!(
					"`genesis.{pallet}.{field}` and `authorities` exclude each other"
				));
			}
		}
		Ok(())
	}

	/// The chain spec that nodes run.
	pub fn into_spec(self) -> Result<ChainSpec, String> {
		let patch = self.genesis_patch();
		let mut builder = ChainSpec::builder(wasm()?, None)
			.with_name(&self.name)
			.with_id(&self.id)
			.with_chain_type(self.chain_type)
			.with_protocol_id(self.protocol_id.as_deref().unwrap_or(&self.id))
			.with_properties(self.properties.into_map())
			.with_boot_nodes(self.boot_nodes);
		if !self.telemetry.is_empty() {
			let endpoints = TelemetryEndpoints::new(self.telemetry)
				.map_err(|error| format!("`telemetry`: {error}"))?;
			builder = builder.with_telemetry_endpoints(endpoints);
		}
		Ok(match &self.preset {
			Some(preset) => {
				builder.with_genesis_config_preset_name(preset).with_genesis_config_patch(patch)
			},
			None => builder.with_genesis_config_patch(patch),
		}
		.build())
	}

	/// `genesis`, with the authorities put where the runtime looks for them.
	fn genesis_patch(&self) -> Value {
		let mut patch = Value::Object(self.genesis.clone());
		if !self.authorities.is_empty() {
			let accounts: Vec<_> = self.authorities.iter().map(|each| &each.account).collect();
			let keys: Vec<_> = self
				.authorities
				.iter()
				.map(|each| {
					let keys = json!({ "aura": each.aura, "grandpa": each.grandpa });
					json!([each.account, each.account, keys])
				})
				.collect();
			patch["validators"]["validators"] = json!(accounts);
			patch["session"]["keys"] = json!(keys);
		}
		patch
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn description(change: impl FnOnce(&mut Value)) -> Result<Description, String> {
		let alice = sp_keyring::Sr25519Keyring::Alice.to_account_id();
		let grandpa = GrandpaId::from(sp_keyring::Ed25519Keyring::Alice.public());
		let mut json = json!({
			"name": "Example", "id": "example", "chainType": "Local",
			"properties": { "tokenSymbol": "EXA", "tokenDecimals": 10, "ss58Format": 7 },
			"authorities": [{ "account": alice, "aura": alice, "grandpa": grandpa }],
			"genesis": { "balances": { "balances": [[alice, 1_000_000_000_000_000u64]] } },
		});
		change(&mut json);
		let description: Description =
			serde_json::from_value(json).map_err(|error| error.to_string())?;
		description.check()?;
		Ok(description)
	}

	#[test]
	fn authorities_become_validators_and_session_keys() {
		let patch = description(|_| ()).unwrap().genesis_patch();
		assert_eq!(patch["validators"]["validators"].as_array().unwrap().len(), 1);
		assert_eq!(patch["session"]["keys"][0].as_array().unwrap().len(), 3);
		assert!(patch["balances"]["balances"].is_array());
	}

	#[test]
	fn the_session_length_of_the_genesis_is_kept() {
		let patch = description(|json| json["genesis"]["validators"] = json!({"sessionLength": 7}))
			.unwrap()
			.genesis_patch();
		assert_eq!(patch["validators"]["sessionLength"], 7);
		assert_eq!(patch["validators"]["validators"].as_array().unwrap().len(), 1);
	}

	#[test]
	fn a_misspelt_field_is_named() {
		let error = description(|json| json["tokenSymbl"] = json!("X")).unwrap_err();
		assert!(error.contains("tokenSymbl"), "{error}");
	}

	#[test]
	fn a_chain_without_authorities_is_refused() {
		let error = description(|json| json["authorities"] = json!([])).unwrap_err();
		assert!(error.contains("authorities"), "{error}");
	}

	#[test]
	fn an_authority_listed_twice_is_refused() {
		let error = description(|json| {
			let first = json["authorities"][0].clone();
			json["authorities"].as_array_mut().unwrap().push(first);
		})
		.unwrap_err();
		assert!(error.contains("twice"), "{error}");
	}

	#[test]
	fn an_unknown_preset_is_refused_and_the_known_ones_are_named() {
		let error = description(|json| json["preset"] = json!("mainnet")).unwrap_err();
		assert!(error.contains("mainnet") && error.contains("development"), "{error}");
	}

	#[test]
	fn an_id_that_is_no_folder_name_is_refused() {
		assert!(description(|json| json["id"] = json!("../x")).is_err());
	}
}
