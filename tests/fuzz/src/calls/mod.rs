// SPDX-License-Identifier: Apache-2.0
//! What is called: mostly what a trader could mean, some of it raw bytes, some of it by root.

mod exchange;
mod filter;
mod orders;
mod raw;
pub mod root;

pub use filter::{is_harmless, MAX_DEPTH};

use crate::{bytes::Bytes, chain::Transaction, people};
use ballast_runtime::RuntimeCall;

/// The next transaction; `None` if the bytes name a call that is filtered or cannot be decoded.
pub fn next(bytes: &mut Bytes) -> Option<Transaction> {
	let index = bytes.below(people::PEOPLE.len());
	let who = people::person(index);
	let selector = bytes.byte();
	let (who, call) = match selector {
		0..=159 => {
			let call = exchange::call(&who, bytes);
			(who, call)
		},
		160..=175 => (who, wrapped(index, bytes)),
		176..=235 => (who, raw::call(bytes).filter(is_harmless)?),
		_ => {
			let call = root::call(bytes)?;
			(people::governance(), pallet_sudo::Call::sudo { call: Box::new(call) }.into())
		},
	};
	let mut transaction = Transaction::new(who, call);
	if selector % 8 == 7 {
		transaction.tip = bytes.number();
		transaction.ahead = u32::from(bytes.chance(32));
	}
	Some(transaction)
}

/// A call inside another, mostly of an account that it can be made for. In the warm state everybody is a proxy of the
/// person before, and some have a derivative account and one with the person behind.
fn wrapped(index: usize, bytes: &mut Bytes) -> RuntimeCall {
	let who = people::person(index);
	let count = people::PEOPLE.len();
	let is_fitting = !bytes.chance(64);
	let any = people::person(bytes.below(count));
	match bytes.below(5) {
		0 => {
			let call = exchange::call(&who, bytes);
			pallet_utility::Call::batch_all { calls: vec![call.clone(), call] }.into()
		},
		1 => {
			let call = exchange::call(&who, bytes);
			pallet_utility::Call::force_batch { calls: vec![call.clone(), call] }.into()
		},
		2 => {
			let real = if is_fitting { people::person(index + count - 1) } else { any };
			let call = Box::new(exchange::call(&real, bytes));
			pallet_proxy::Call::proxy { real: real.into(), force_proxy_type: None, call }.into()
		},
		3 => {
			let index = if is_fitting { 0 } else { bytes.word() };
			let call = Box::new(exchange::call(&people::derivative(&who, index), bytes));
			pallet_utility::Call::as_derivative { index, call }.into()
		},
		_ => {
			let other = if is_fitting { people::person(index + 1) } else { any };
			let call = Box::new(exchange::call(&people::shared(&who, &other), bytes));
			let other_signatories = vec![other];
			pallet_multisig::Call::as_multi_threshold_1 { other_signatories, call }.into()
		},
	}
}
