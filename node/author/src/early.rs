// SPDX-License-Identifier: Apache-2.0
//! Leaves a block time to be finished.
//!
//! The SDK's author puts transactions into a block until a tenth of its time is left. Then the block's hooks run, the state root is
//! computed and the seal is made, which takes a twentieth of the time on a quiet machine, and several times as much when the machine stands
//! still for a moment. What comes too late is thrown away with everything in it: bids too. So the author is told of less than there
//! is, which costs a few orders where a block is ended by time; what is left is also the time in which others import the block.
//! Of the time it is told of, ordinary transactions have a part alone ([`Cutoff`]).

use crate::cutoff::Cutoff;
use futures::{
	future::{BoxFuture, FutureExt},
	TryFutureExt,
};
use sp_consensus::{Environment, ProposeArgs, Proposer};
use sp_runtime::traits::Block;

/// Percent of the time for a block that the author is told of: 0.27 s of the 0.45 s in which a block of half a second is not given up.
const TOLD: u32 = 60;

/// Percent of the time for a block after which ordinary transactions are left out: 0.18 s of it.
const ORDINARY: u32 = 40;

/// An author that is told of less time than there is.
pub struct Early<Author> {
	author: Author,
	cutoff: Cutoff,
}

impl<Author> Early<Author> {
	/// `cutoff` tells the pool of this author when ordinary transactions end.
	pub fn new(author: Author, cutoff: Cutoff) -> Self {
		Self { author, cutoff }
	}
}

impl<B: Block, Author: Environment<B>> Environment<B> for Early<Author> {
	type Proposer = Early<Author::Proposer>;
	type CreateProposer = BoxFuture<'static, Result<Self::Proposer, Self::Error>>;
	type Error = Author::Error;

	fn init(&mut self, parent: &B::Header) -> Self::CreateProposer {
		let cutoff = self.cutoff.clone();
		self.author.init(parent).map_ok(|author| Early { author, cutoff }).boxed()
	}
}

impl<B: Block, Author: Proposer<B>> Proposer<B> for Early<Author> {
	type Error = Author::Error;
	type Proposal = Author::Proposal;

	fn propose(self, args: ProposeArgs<B>) -> Self::Proposal {
		// Less than a slot: far from the largest duration.
		self.cutoff.begin(args.max_duration * ORDINARY / 100);
		let max_duration = args.max_duration * TOLD / 100;
		self.author.propose(ProposeArgs { max_duration, ..args })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::{
		executor::block_on,
		future::{ready, Ready},
	};
	use sp_consensus::{Error, Proposal};
	use sp_runtime::{generic, traits::BlakeTwo256, OpaqueExtrinsic};
	use std::{
		sync::{Arc, Mutex},
		time::Duration,
	};

	type Header = generic::Header<u32, BlakeTwo256>;
	type TestBlock = generic::Block<Header, OpaqueExtrinsic>;

	/// Notes how much time it is given.
	#[derive(Clone, Default)]
	struct Told(Arc<Mutex<Duration>>);

	impl Environment<TestBlock> for Told {
		type Proposer = Self;
		type CreateProposer = Ready<Result<Self, Error>>;
		type Error = Error;

		fn init(&mut self, _: &Header) -> Self::CreateProposer {
			ready(Ok(self.clone()))
		}
	}

	impl Proposer<TestBlock> for Told {
		type Error = Error;
		type Proposal = Ready<Result<Proposal<TestBlock>, Error>>;

		fn propose(self, args: ProposeArgs<TestBlock>) -> Self::Proposal {
			*self.0.lock().expect("nobody panics") = args.max_duration;
			ready(Err(Error::NoIntermediate))
		}
	}

	#[test]
	fn author_should_be_told_of_less_time_than_there_is() {
		let told = Told::default();
		let parent = Header {
			parent_hash: Default::default(),
			number: 0,
			state_root: Default::default(),
			extrinsics_root: Default::default(),
			digest: Default::default(),
		};
		let cutoff = Cutoff::default();
		let mut early = Early::new(told.clone(), cutoff.clone());
		for (time, is_over) in [(Duration::from_millis(450_000), false), (Duration::ZERO, true)] {
			let proposer = block_on(early.init(&parent)).expect("a proposer");
			let args = ProposeArgs { max_duration: time, ..Default::default() };
			let _ = block_on(proposer.propose(args));
			assert_eq!(*told.0.lock().expect("nobody panics"), time * 3 / 5);
			assert_eq!(cutoff.has_passed(), is_over, "begins with the block");
		}
	}
}
