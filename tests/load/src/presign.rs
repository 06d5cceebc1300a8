// SPDX-License-Identifier: Apache-2.0

//! Signs all transactions of a run before its clock starts.

use crate::{
	accounts::sign,
	error::{Failure, Result},
	node::AtBlock,
	workload::{Account, Workload},
};
use std::{fmt::Write, num::NonZero, thread};
use subxt::utils::H256;

/// A transaction ready to be sent.
#[derive(Debug, Clone)]
pub struct Signed {
	pub hash: H256,
	/// As JSON-RPC wants it: `0x` and hexadecimal digits.
	pub hex: String,
}

/// Which account transaction `index` is of, and the how-manieth of that account it is. Accounts
/// take turns, so that every one of them has a transaction in flight as late as possible.
pub fn turn(index: usize, accounts: usize) -> (usize, usize) {
	(index % accounts, index / accounts)
}

/// Signs `total` transactions on all processors, in the order they are to be sent.
pub fn presign(
	at: &AtBlock,
	workload: &dyn Workload,
	accounts: &[Account],
	nonces: &[u64],
	total: usize,
) -> Result<Vec<Signed>> {
	let workers = thread::available_parallelism().map_or(1, NonZero::get);
	let share = total.div_ceil(workers).max(1);
	let sign_one = |index: usize| {
		let (account, of_account) = turn(index, accounts.len().max(1));
		let (Some(sender), Some(first)) = (accounts.get(account), nonces.get(account)) else {
			return Err(Failure::new("an account has no nonce"));
		};
		let nonce = first.saturating_add(of_account as u64);
		let call = workload.call(accounts, account, of_account);
		let signed = sign(at, &sender.keypair, &call, nonce)?;
		Ok(Signed { hash: signed.hash(), hex: hex(signed.encoded()) })
	};
	let sign_share = |worker: usize| {
		let first = worker.saturating_mul(share).min(total);
		(first..first.saturating_add(share).min(total)).map(sign_one).collect::<Result<Vec<_>>>()
	};
	thread::scope(|scope| {
		let sign_share = &sign_share;
		let started: Vec<_> =
			(0..workers).map(|worker| scope.spawn(move || sign_share(worker))).collect();
		let mut all = Vec::with_capacity(total);
		for worker in started {
			let part = worker.join().map_err(|_| Failure::new("a signing thread panicked"))??;
			all.extend(part);
		}
		Ok(all)
	})
}

fn hex(bytes: &[u8]) -> String {
	let mut text = String::with_capacity(2 + 2 * bytes.len());
	text.push_str("0x");
	for byte in bytes {
		// Writing to a string cannot fail.
		let _ = write!(text, "{byte:02x}");
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn accounts_should_take_turns() {
		let turns: Vec<_> = (0..7).map(|index| turn(index, 3)).collect();
		assert_eq!(turns, [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (0, 2)]);
	}

	#[test]
	fn hex_should_keep_leading_zeros() {
		assert_eq!(hex(&[0, 1, 0xab]), "0x0001ab");
		assert_eq!(hex(&[]), "0x");
	}
}
