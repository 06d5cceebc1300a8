// SPDX-License-Identifier: Apache-2.0

//! Which nonce the next bid has.

use ballast_runtime::Nonce;
use std::collections::BTreeSet;

/// Nonces of bids under way.
///
/// A bid that can no longer succeed gives its nonce to the next one: those behind it would wait for ever, and of two
/// transactions with one nonce only one gets into a block.
#[derive(Debug, Default)]
pub struct Nonces {
	live: BTreeSet<Nonce>,
	/// Given back, whatever the pool still holds.
	free: BTreeSet<Nonce>,
}

impl Nonces {
	/// Takes the lowest nonce that nothing uses. `next` is the state's, `pooled` those of the key in the pool.
	pub fn take(&mut self, next: Nonce, pooled: &BTreeSet<Nonce>) -> Nonce {
		self.live.retain(|nonce| *nonce >= next);
		self.free.retain(|nonce| *nonce >= next);
		let is_used = |nonce: &Nonce| {
			self.live.contains(nonce) || (pooled.contains(nonce) && !self.free.contains(nonce))
		};
		let nonce = (next..Nonce::MAX).find(|nonce| !is_used(nonce)).unwrap_or(next);
		self.free.remove(&nonce);
		self.live.insert(nonce);
		nonce
	}

	/// The bid with it can no longer succeed.
	pub fn give_back(&mut self, nonce: Nonce) {
		if self.live.remove(&nonce) {
			self.free.insert(nonce);
		}
	}

	/// The bid with it is in a block.
	pub fn spent(&mut self, nonce: Nonce) {
		self.live.remove(&nonce);
	}
}
