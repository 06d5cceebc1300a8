// SPDX-License-Identifier: Apache-2.0

//! Genesis presets: what the first block's state holds on a development chain and on a local network.
//!
//! A chain of one's own starts from a file in `chain-specs/` instead; it may name a preset as its base.

mod exchange;
#[cfg(test)]
mod tests;

use crate::{
	constants::{
		assets::{DOT, USDC, WBTC, WETH},
		currency::BAL,
		time,
	},
	opaque::SessionKeys,
	AccountId, AssetId, AssetsConfig, Balance, BalancesConfig, BlockNumber, Clearing,
	RuntimeGenesisConfig, SessionConfig, SudoConfig, ValidatorsConfig,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// Name of the preset of a four-validator network on one machine.
pub const LOCAL_TESTNET_RUNTIME_PRESET: &str = sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
/// Name of the preset of a chain with one validator.
pub const DEV_RUNTIME_PRESET: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;

/// Session keys change hands within seconds on a development chain.
const DEV_SESSION_LENGTH: BlockNumber = time::MINUTES / 6;

/// BAL of each well-known account.
const DEV_ENDOWMENT: Balance = 1_000_000 * BAL;

/// A validator of the presets: the key of its account and of Aura, and the key of GRANDPA.
type DevValidator = (Sr25519Keyring, Ed25519Keyring);

const DEV_VALIDATORS: [DevValidator; 4] = [
	(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
	(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
	(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
	(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
];

/// An asset of the presets.
struct Asset {
	id: AssetId,
	name: &'static str,
	symbol: &'static str,
	decimals: u8,
	/// Whole units that each well-known account holds.
	endowment: Balance,
}

const ASSETS: [Asset; 4] = [
	Asset { id: USDC, name: "USD Coin", symbol: "USDC", decimals: 6, endowment: 10_000_000 },
	Asset { id: WBTC, name: "Wrapped Bitcoin", symbol: "wBTC", decimals: 8, endowment: 100 },
	Asset { id: WETH, name: "Wrapped Ether", symbol: "wETH", decimals: 18, endowment: 1_000 },
	Asset { id: DOT, name: "Polkadot", symbol: "DOT", decimals: 10, endowment: 100_000 },
];

/// The preset of that name, as a JSON patch over the default genesis.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => genesis(&DEV_VALIDATORS[..1]),
		LOCAL_TESTNET_RUNTIME_PRESET => genesis(&DEV_VALIDATORS),
		_ => return None,
	};
	serde_json::to_string(&patch).ok().map(alloc::string::String::into_bytes)
}

/// The presets there are.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}

fn genesis(validators: &[DevValidator]) -> Value {
	let root = Sr25519Keyring::Alice.to_account_id();
	let accounts: Vec<AccountId> =
		Sr25519Keyring::well_known().map(|key| key.to_account_id()).collect();
	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig {
			balances: accounts.iter().cloned().map(|account| (account, DEV_ENDOWMENT)).collect(),
		},
		validators: ValidatorsConfig {
			validators: validators.iter().map(account).collect(),
			session_length: Some(DEV_SESSION_LENGTH),
		},
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|validator| (account(validator), account(validator), session_keys(validator)))
				.collect(),
		},
		assets: AssetsConfig {
			assets: ASSETS.iter().map(|asset| (asset.id, root.clone(), true, 1)).collect(),
			metadata: ASSETS
				.iter()
				.map(|asset| (asset.id, asset.name.into(), asset.symbol.into(), asset.decimals))
				.collect(),
			accounts: asset_balances(&accounts),
		},
		prices: exchange::prices(validators.len()),
		options: exchange::options(),
		clearing: exchange::clearing(),
		lanes: exchange::lanes(),
		liquidation: exchange::liquidation(),
		sudo: SudoConfig { key: Some(root) },
	})
}

fn asset_balances(accounts: &[AccountId]) -> Vec<(AssetId, AccountId, Balance)> {
	let balances = |asset: &'static Asset| {
		let balance = asset.endowment * 10u128.pow(asset.decimals.into());
		accounts.iter().cloned().map(move |account| (asset.id, account, balance))
	};
	let insurance = (USDC, Clearing::account_id(), exchange::INSURANCE);
	ASSETS.iter().flat_map(balances).chain([insurance]).collect()
}

fn account((key, _): &DevValidator) -> AccountId {
	key.to_account_id()
}

/// The session keys that a node started with `--alice`, `--bob` ... holds.
fn session_keys((aura, grandpa): &DevValidator) -> SessionKeys {
	SessionKeys { aura: AuraId::from(aura.public()), grandpa: GrandpaId::from(grandpa.public()) }
}
