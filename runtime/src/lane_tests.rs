// SPDX-License-Identifier: Apache-2.0

//! No call gets into a better lane by being wrapped in another.

use crate::{test_chain::order, AccountId, Address, Lanes, OriginCaller, Runtime, RuntimeCall};
use ballast_exchange::Ppb;
use frame_support::{
	dispatch::{GetDispatchInfo, RawOrigin},
	traits::GetCallMetadata,
	weights::Weight,
};
use pallet_lanes::Lane;
use pallet_order_book::types::OrderKind;
use scale_info::{MetaType, PortableRegistry, Registry, TypeDef};
use sp_keyring::Sr25519Keyring;
use std::collections::BTreeSet;

type Book = pallet_order_book::Call<Runtime>;
type Danger = pallet_liquidation::Call<Runtime>;
type Multisig = pallet_multisig::Call<Runtime>;
type Proxy = pallet_proxy::Call<Runtime>;
type Scheduler = pallet_scheduler::Call<Runtime>;
type Sudo = pallet_sudo::Call<Runtime>;
type Utility = pallet_utility::Call<Runtime>;

fn eve() -> AccountId {
	Sr25519Keyring::Eve.to_account_id()
}

/// A call of each lane that goes before the general one.
fn bare() -> [(RuntimeCall, Lane); 4] {
	let place = |kind| RuntimeCall::OrderBook(Book::place { index: 0, order: order(kind, false) });
	let bid = RuntimeCall::Liquidation(Danger::bid {
		owner: eve(),
		index: 0,
		max_share: Ppb::ONE,
		limit: 1,
		bidder_index: 0,
	});
	[
		(bid, Lane::Solvency),
		(RuntimeCall::OrderBook(Book::cancel { index: 0, order: 1 }), Lane::RiskDown),
		(place(OrderKind::PostOnly), Lane::Makers),
		(place(OrderKind::Limit), Lane::Takers),
	]
}

/// A call in everything that can carry one.
fn wrapped(call: &RuntimeCall) -> Vec<RuntimeCall> {
	let by_pallet =
		[in_utility(call), in_proxy(call), in_multisig(call), in_scheduler(call), in_sudo(call)];
	by_pallet.concat()
}

fn in_utility(call: &RuntimeCall) -> Vec<RuntimeCall> {
	let calls = || vec![call.clone()];
	let call = || Box::new(call.clone());
	let as_origin = || Box::new(OriginCaller::system(RawOrigin::Signed(eve())));
	let wrappers = [
		Utility::batch { calls: calls() },
		Utility::batch_all { calls: calls() },
		Utility::force_batch { calls: calls() },
		Utility::as_derivative { index: 0, call: call() },
		Utility::dispatch_as { as_origin: as_origin(), call: call() },
		Utility::dispatch_as_fallible { as_origin: as_origin(), call: call() },
		Utility::with_weight { call: call(), weight: Weight::zero() },
		Utility::if_else { main: call(), fallback: call() },
	];
	wrappers.map(RuntimeCall::Utility).into()
}

fn in_proxy(call: &RuntimeCall) -> Vec<RuntimeCall> {
	let call = || Box::new(call.clone());
	let (real, force_proxy_type) = (|| Address::from(eve()), None);
	let wrappers = [
		Proxy::proxy { real: real(), force_proxy_type, call: call() },
		Proxy::proxy_announced { delegate: real(), real: real(), force_proxy_type, call: call() },
	];
	wrappers.map(RuntimeCall::Proxy).into()
}

fn in_multisig(call: &RuntimeCall) -> Vec<RuntimeCall> {
	let call = || Box::new(call.clone());
	let other_signatories = || vec![eve()];
	let wrappers = [
		Multisig::as_multi_threshold_1 { other_signatories: other_signatories(), call: call() },
		Multisig::as_multi {
			threshold: 2,
			other_signatories: other_signatories(),
			maybe_timepoint: None,
			call: call(),
			max_weight: Weight::zero(),
		},
	];
	wrappers.map(RuntimeCall::Multisig).into()
}

fn in_scheduler(call: &RuntimeCall) -> Vec<RuntimeCall> {
	let call = || Box::new(call.clone());
	let (id, when, maybe_periodic, priority) = ([0; 32], 1, None, 0);
	let wrappers = [
		Scheduler::schedule { when, maybe_periodic, priority, call: call() },
		Scheduler::schedule_named { id, when, maybe_periodic, priority, call: call() },
		Scheduler::schedule_after { after: when, maybe_periodic, priority, call: call() },
		Scheduler::schedule_named_after { id, after: when, maybe_periodic, priority, call: call() },
	];
	wrappers.map(RuntimeCall::Scheduler).into()
}

fn in_sudo(call: &RuntimeCall) -> Vec<RuntimeCall> {
	let call = || Box::new(call.clone());
	let wrappers = [
		Sudo::sudo { call: call() },
		Sudo::sudo_unchecked_weight { call: call(), weight: Weight::zero() },
		Sudo::sudo_as { who: Address::from(eve()), call: call() },
	];
	wrappers.map(RuntimeCall::Sudo).into()
}

/// The lane that a signed call is metered in.
fn lane(call: &RuntimeCall) -> Lane {
	Lanes::lane_of(call, call.get_dispatch_info().class)
}

/// Names of the calls that take a call, as the types of the runtime have it.
fn carriers() -> BTreeSet<String> {
	let mut registry = Registry::new();
	let any_call = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
	let types = PortableRegistry::from(registry);
	let variants = |id: u32| match types.resolve(id).map(|found| &found.type_def) {
		Some(TypeDef::Variant(found)) => found.variants.as_slice(),
		_ => &[],
	};
	let is_call = |id: u32| match types.resolve(id).map(|found| &found.type_def) {
		Some(TypeDef::Sequence(found)) => found.type_param.id == any_call,
		_ => id == any_call,
	};
	let mut names = BTreeSet::new();
	for pallet in variants(any_call) {
		for call in pallet.fields.iter().flat_map(|field| variants(field.ty.id)) {
			if call.fields.iter().any(|field| is_call(field.ty.id)) {
				names.insert(format!("{}.{}", pallet.name, call.name));
			}
		}
	}
	names
}

#[test]
fn call_should_be_general_when_another_carries_it() {
	sp_io::TestExternalities::default().execute_with(|| {
		for (call, own) in bare() {
			assert_eq!(lane(&call), own, "{call:?}");
			for wrapper in wrapped(&call) {
				assert_eq!(lane(&wrapper), Lane::General, "{wrapper:?}");
			}
		}
	});
}

#[test]
fn wrappers_should_be_all_there_are_when_the_runtime_lists_its_calls() {
	let name = |call: &RuntimeCall| {
		let of = call.get_call_metadata();
		format!("{}.{}", of.pallet_name, of.function_name)
	};
	let [(call, _), ..] = bare();
	assert_eq!(wrapped(&call).iter().map(name).collect::<BTreeSet<_>>(), carriers());
}
