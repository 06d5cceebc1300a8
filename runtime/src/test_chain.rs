// SPDX-License-Identifier: Apache-2.0

//! What the tests of the runtime begin with: chains, blocks, transactions, orders.

use crate::{
	constants::time::SLOT_MILLIS,
	genesis,
	signing::{self, Terms},
	BlockNumber, Executive, Hash, Header, Options, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, System, UncheckedExtrinsic,
};
use ballast_exchange::{
	ExpiryReport, Markets, Moment, OptionKind, Ppb, Price, PriceReport, SeriesId, Side,
	SviParameters, UnderlyingId, UnderlyingReport,
};
use codec::Encode;
use pallet_order_book::types::{NewOrder, OrderKind, SelfTrade};
use serde_json::{json, Value};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Header as _, BuildStorage, Digest, DigestItem, DispatchOutcome};

/// When a chain of blocks begins, milliseconds since the epoch: hours away from every expiry.
const START: Moment = 1_798_000_000_000;
/// The underlyings of the presets and their spot prices, USD.
const SPOTS: [(UnderlyingId, i64); 3] = [(1, 95_000), (2, 3_400), (3, 7)];

/// The state of a preset before the first block.
pub fn new_chain(preset: &str) -> sp_io::TestExternalities {
	chain_of(patch_of(preset))
}

/// The state of the development preset, with one expiry of four strikes on each underlying: a block takes milliseconds.
pub fn small_chain() -> sp_io::TestExternalities {
	let mut patch = patch_of(genesis::DEV_RUNTIME_PRESET);
	let underlyings = patch["options"]["underlyings"].as_array_mut().expect("the preset has some");
	for underlying in underlyings {
		underlying["schedule"] = json!({
			"minutes": null,
			"dailies": 1,
			"weeklies": 0,
			"monthlies": 0,
			"quarterlies": 0,
			"strikes_each_side": 2,
			"strike_step_ppb": 100_000_000,
		});
	}
	chain_of(patch)
}

/// A preset as a patch over the default genesis.
fn patch_of(preset: &str) -> Value {
	let patch = genesis::preset(&preset.into()).expect("the preset exists");
	serde_json::from_slice(&patch).unwrap()
}

fn chain_of(patch: Value) -> sp_io::TestExternalities {
	let mut json = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
	merge(&mut json, patch);
	let config: RuntimeGenesisConfig = serde_json::from_value(json).unwrap();
	config.build_storage().unwrap().into()
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

/// The head of a chain whose prices stand still.
pub struct Head {
	/// Number of the last block.
	number: BlockNumber,
	/// Its slot, counted from the epoch.
	slot: u64,
	/// Its hash.
	hash: Hash,
}

impl Head {
	/// Before the first block.
	pub fn genesis() -> Self {
		Self { number: 0, slot: START / SLOT_MILLIS, hash: Hash::default() }
	}

	/// Makes the next block: hooks, inherents, the protocol's part, then whatever `transactions` does.
	pub fn block(&mut self, transactions: impl FnOnce()) {
		self.begin();
		transactions();
		self.hash = Executive::finalize_block().hash();
	}

	fn begin(&mut self) {
		self.number += 1;
		self.slot += 1;
		let now = self.slot * SLOT_MILLIS;
		let slot = DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(self.slot).encode());
		let digest = Digest { logs: vec![slot] };
		let header = Header::new(self.number, Hash::default(), Hash::default(), self.hash, digest);
		Executive::initialize_block(&header);
		inherent(pallet_timestamp::Call::<Runtime>::set { now });
		inherent(pallet_prices::Call::<Runtime>::report { report: report(now) });
		Executive::inherents_applied();
	}
}

fn inherent(call: impl Into<RuntimeCall>) {
	let extrinsic = UncheckedExtrinsic::new_bare(call.into());
	assert_eq!(Executive::apply_extrinsic(extrinsic), Ok(Ok(())));
}

/// What the author of a block says at `now`, milliseconds since the epoch: the same prices as ever.
fn report(now: Moment) -> PriceReport {
	let of = |(underlying, dollars): (UnderlyingId, i64)| {
		let spot = Price::from_usd(dollars).expect("it is a price");
		let listed = Options::expiries(underlying).into_iter();
		let expiries: Vec<ExpiryReport> =
			listed.map(|expiry| expiry_of(spot, expiry, now)).collect();
		let expiries = expiries.try_into().expect("one is listed");
		UnderlyingReport { underlying, spot, expiries }
	};
	let underlyings: Vec<UnderlyingReport> = SPOTS.into_iter().map(of).collect();
	let underlyings = underlyings.try_into().expect("there are three");
	PriceReport { quote_price: Ppb::ONE, underlyings }
}

/// A smile of 60 % a year at the money.
fn expiry_of(spot: Price, expiry: Moment, now: Moment) -> ExpiryReport {
	/// One in the fixed point of slices: 56 fraction bits.
	const ONE: i64 = 1 << 56;
	const YEAR_MILLIS: i64 = 365 * 86_400_000;
	let life = i64::try_from(expiry - now).expect("it is a day or two");
	let tau = ONE / YEAR_MILLIS * life;
	let variance = tau / 100 * 36;
	let svi = SviParameters {
		a: variance / 2,
		b: variance,
		rho: -ONE / 4,
		m: 0,
		sigma: ONE / 2,
		forward: spot,
		tau,
	};
	ExpiryReport { expiry, forward: spot, rate: Ppb::percent(4), svi }
}

/// The block's events so far.
pub fn events() -> Vec<RuntimeEvent> {
	System::events().into_iter().map(|record| record.event).collect()
}

/// What came of a transaction in this block, signed by `signer` and next in turn. It passes the extensions as any other.
pub fn transact(signer: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchOutcome {
	let who = signer.to_account_id();
	let terms = Terms::immortal(System::block_hash(0u32), System::account_nonce(&who));
	let payload = terms.payload(call.into());
	let signature = payload.using_encoded(|bytes| signer.sign(bytes));
	let transaction = signing::transaction(payload, who, signature.into());
	Executive::apply_extrinsic(transaction).expect("the transaction gets into the block")
}

/// Governance calls something, and it is done.
pub fn rule(call: impl Into<RuntimeCall>) {
	let call: Box<RuntimeCall> = Box::new(call.into());
	let done = transact(Sr25519Keyring::Alice, pallet_sudo::Call::<Runtime>::sudo { call });
	assert_eq!(done, Ok(()));
	// Sudo is done whatever came of the call.
	for event in events() {
		if let RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) = event {
			assert_eq!(sudo_result, Ok(()));
		}
	}
}

/// A listed call of an underlying, the strike at the money or next below it.
pub fn listed_call(underlying: UnderlyingId) -> SeriesId {
	let expiry = *Options::expiries(underlying).first().expect("an expiry is listed");
	let priced = Options::priced(underlying, expiry).expect("it is priced").regardless_of_age();
	let strike = *priced.strikes.first().expect("it has strikes");
	SeriesId { underlying, expiry, strike, kind: OptionKind::Call }
}

/// An order to buy one lot for a micro-dollar per contract, of a series that no chain lists.
pub fn order(kind: OrderKind, reduce_only: bool) -> NewOrder {
	NewOrder {
		series: SeriesId { underlying: 1, expiry: 0, strike: 1, kind: OptionKind::Call },
		side: Side::Buy,
		price: 1,
		lots: 1,
		kind,
		reduce_only,
		good_till: None,
		client_id: None,
		self_trade: SelfTrade::CancelResting,
	}
}
