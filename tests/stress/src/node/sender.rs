// SPDX-License-Identifier: Apache-2.0
//! One account that sends transactions one after the other, and finds out what became of them.

use crate::{
	book::Party,
	node::{
		rpc::{Answer, Node},
		wire::{look, sign, Signed, TxHash},
	},
};
use ballast_runtime::{Hash, RuntimeCall};
use std::collections::VecDeque;

/// A transaction under way.
#[derive(Clone, Debug)]
pub struct UnderWay<T> {
	/// What it is for; nothing if it only fills a gap.
	pub purpose: Option<T>,
	signed: Signed,
	nonce: u32,
	/// Number of the best block when the pool was last asked about it.
	asked: u32,
}

/// An account that sends.
pub struct Sender<T> {
	/// Who it is.
	pub party: Party,
	genesis: Hash,
	node: Node,
	nonce: u32,
	/// What is under way, in the order of nonces.
	pub queue: VecDeque<UnderWay<T>>,
}

impl<T> Sender<T> {
	/// An account that has sent nothing yet.
	pub fn new(party: Party, genesis: Hash, node: Node) -> Self {
		Self { party, genesis, node, nonce: 0, queue: VecDeque::new() }
	}

	/// Sends a call; whether the pool took it. Otherwise nothing is under way.
	pub async fn send(
		&mut self,
		call: RuntimeCall,
		purpose: Option<T>,
		now: u32,
	) -> Result<Answer, String> {
		let signed = sign(self.genesis, &self.party, self.nonce, call);
		let answer = self.node.submit(&signed.bytes).await?;
		if matches!(answer, Answer::Taken | Answer::Known) {
			let nonce = self.nonce;
			self.nonce = self.nonce.saturating_add(1);
			self.queue.push_back(UnderWay { purpose, signed, nonce, asked: now });
		}
		Ok(answer)
	}

	/// Takes out what a block holds: each purpose with its place in the block.
	pub fn included(&mut self, place: impl Fn(&TxHash) -> Option<u32>) -> Vec<(u32, T)> {
		let mut found = Vec::new();
		while let Some(at) = self.queue.front().and_then(|first| place(&first.signed.hash)) {
			let Some(first) = self.queue.pop_front() else { break };
			found.extend(first.purpose.map(|purpose| (at, purpose)));
		}
		found
	}

	/// Asks the pool about the first transaction if it has been under way for `patience` blocks: one that has become
	/// invalid leaves the pool, and all behind it wait for its nonce. Its place is taken by a call that does nothing.
	///
	/// Returns what it was for if it is gone.
	pub async fn unblock(&mut self, now: u32, patience: u32) -> Result<Option<T>, String> {
		let Some(first) = self.queue.front_mut() else { return Ok(None) };
		if now.saturating_sub(first.asked) < patience {
			return Ok(None);
		}
		first.asked = now;
		let nonce = first.nonce;
		match self.node.submit(&first.signed.bytes).await? {
			Answer::Taken | Answer::Known | Answer::Later(1016) => return Ok(None),
			Answer::Later(_) | Answer::Refused(_) => {},
		}
		let filler = sign(self.genesis, &self.party, nonce, look(&self.party.key));
		let answer = self.node.submit(&filler.bytes).await?;
		if matches!(answer, Answer::Taken | Answer::Known) {
			first.signed = filler;
			return Ok(first.purpose.take());
		}
		Ok(None)
	}

	/// Forgets everything under way if the chain knows another nonce than the first one's; what it was for.
	pub async fn agree(&mut self, at: Hash) -> Result<Vec<T>, String> {
		let next = self.node.nonce(&self.party.key.owner, at).await?;
		let mut lost = Vec::new();
		while self.queue.front().is_some_and(|first| first.nonce < next) {
			lost.extend(self.queue.pop_front().and_then(|first| first.purpose));
		}
		self.nonce = self.nonce.max(next);
		Ok(lost)
	}
}
