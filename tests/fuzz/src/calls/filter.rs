// SPDX-License-Identifier: Apache-2.0
//! Calls that are left out, as the damage they do is what they are for.

use ballast_runtime::{Runtime, RuntimeCall};

/// Most calls inside calls.
pub const MAX_DEPTH: u32 = 8;

/// Whether a call that anybody signs, or root gives, is to be tried.
///
/// Without root none of these does anything; they are left out so that nothing gets at them by a way around.
/// - `System`: all but remarks: code, storage and heap pages are root's to break.
/// - `Sudo`: what root calls comes from [`super::root`].
/// - `MultiBlockMigrations`: a cursor that is forced stops the chain, as it should.
/// - `Timestamp`, `Prices::report`: inherents; they come from the block.
pub fn is_harmless(call: &RuntimeCall) -> bool {
	is_harmless_at(call, MAX_DEPTH)
}

fn is_harmless_at(call: &RuntimeCall, depth: u32) -> bool {
	let Some(left) = depth.checked_sub(1) else { return false };
	let inner = |call: &RuntimeCall| is_harmless_at(call, left);
	match call {
		RuntimeCall::System(call) => matches!(
			call,
			frame_system::Call::remark { .. } | frame_system::Call::remark_with_event { .. }
		),
		RuntimeCall::Sudo(..)
		| RuntimeCall::MultiBlockMigrations(..)
		| RuntimeCall::Timestamp(..) => false,
		RuntimeCall::Prices(pallet_prices::Call::report { .. }) => false,
		RuntimeCall::Utility(call) => utility(call, inner),
		RuntimeCall::Proxy(
			pallet_proxy::Call::proxy { call, .. }
			| pallet_proxy::Call::proxy_announced { call, .. },
		) => inner(call),
		RuntimeCall::Multisig(
			pallet_multisig::Call::as_multi { call, .. }
			| pallet_multisig::Call::as_multi_threshold_1 { call, .. },
		) => inner(call),
		RuntimeCall::Scheduler(
			pallet_scheduler::Call::schedule { call, .. }
			| pallet_scheduler::Call::schedule_named { call, .. }
			| pallet_scheduler::Call::schedule_after { call, .. }
			| pallet_scheduler::Call::schedule_named_after { call, .. },
		) => inner(call),
		_ => true,
	}
}

fn utility(call: &pallet_utility::Call<Runtime>, inner: impl Fn(&RuntimeCall) -> bool) -> bool {
	use pallet_utility::Call;
	match call {
		Call::batch { calls } | Call::batch_all { calls } | Call::force_batch { calls } => {
			calls.iter().all(inner)
		},
		Call::as_derivative { call, .. }
		| Call::dispatch_as { call, .. }
		| Call::dispatch_as_fallible { call, .. }
		| Call::with_weight { call, .. } => inner(call),
		Call::if_else { main, fallback } => inner(main) && inner(fallback),
		_ => true,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_keyring::Sr25519Keyring::Bob;

	#[test]
	fn set_code_should_be_filtered_when_it_is_wrapped() {
		let code: RuntimeCall = frame_system::Call::set_code { code: vec![] }.into();
		assert!(!is_harmless(&code));
		let batch = pallet_utility::Call::batch_all { calls: vec![code] }.into();
		let real = Bob.to_account_id().into();
		let proxied =
			pallet_proxy::Call::proxy { real, force_proxy_type: None, call: Box::new(batch) };
		assert!(!is_harmless(&proxied.into()));
	}

	#[test]
	fn calls_should_be_filtered_when_they_are_nested_too_deep() {
		let mut call: RuntimeCall = frame_system::Call::remark { remark: vec![] }.into();
		assert!(is_harmless(&call));
		for _ in 0..MAX_DEPTH {
			call = pallet_utility::Call::batch { calls: vec![call] }.into();
		}
		assert!(!is_harmless(&call));
	}
}
