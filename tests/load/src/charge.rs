// SPDX-License-Identifier: Apache-2.0

//! What a transaction is charged before it runs. What it turns out not to need comes back afterwards.

use crate::{
	capacity::Weight,
	error::{Context, Failure, Result},
	node::{AtBlock, Chain},
};
use subxt::{
	client::OnlineClientAtBlockImpl,
	dynamic::{At, Value},
	ext::codec::{Compact, Decode, Encode},
	tx::SubmittableTransaction,
};

pub type Transaction = SubmittableTransaction<Chain, OnlineClientAtBlockImpl<Chain>>;

/// Worst case of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
	pub weight: Weight,
	/// In the native token's smallest unit.
	pub fee: u128,
}

impl Charge {
	pub async fn of(at: &AtBlock, transaction: &Transaction) -> Result<Self> {
		let encoded = transaction.encoded();
		let length = u32::try_from(encoded.len()).context("measuring a transaction")?;
		let arguments = [encoded, length.encode().as_slice()].concat();
		let doing = "asking for the charge of a transaction";
		let answer = at
			.runtime_apis()
			.call_raw("TransactionPaymentApi_query_info", Some(&arguments))
			.await
			.context(doing)?;
		Self::decode(&answer)
	}

	/// Reads a `RuntimeDispatchInfo`: weight, class, fee.
	fn decode(answer: &[u8]) -> Result<Self> {
		let (ref_time, proof_size, _class, fee) =
			<(Compact<u64>, Compact<u64>, u8, u128)>::decode(&mut &*answer)
				.context("decoding the charge of a transaction")?;
		Ok(Self { weight: Weight { ref_time: ref_time.0, proof_size: proof_size.0 }, fee })
	}
}

/// Least balance that keeps an account alive.
pub fn existential_deposit(at: &AtBlock) -> Result<u128> {
	number_constant(at, "Balances", "ExistentialDeposit")
}

pub fn number_constant(at: &AtBlock, pallet: &str, name: &str) -> Result<u128> {
	let value: Value =
		at.constants().entry((pallet, name)).context(format!("reading {pallet}.{name}"))?;
	// A number of a type of its own is a composite of one field.
	let number = value.as_u128().or_else(|| value.at(0).and_then(Value::as_u128));
	number.ok_or_else(|| Failure::new(format!("{pallet}.{name} is not a number")))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn charges_should_be_read_from_the_runtimes_answer() {
		let answer = (Compact(700u64), Compact(9u64), 0u8, 12_345u128).encode();
		let weight = Weight { ref_time: 700, proof_size: 9 };
		assert_eq!(Charge::decode(&answer), Ok(Charge { weight, fee: 12_345 }));
		assert!(Charge::decode(&answer[..5]).is_err());
	}
}
