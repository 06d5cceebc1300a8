// SPDX-License-Identifier: Apache-2.0

//! The task: a look at each new best block, bids sent, what became of them.

use crate::{
	caution::Millis,
	failure::{Failure, Reason},
	keeper::{Chosen, Exchange, Keeper, Look, BID_LIFE},
	outcome::Outcome,
	signing::At,
	types::{Key, Rules},
	warnings::Warnings,
	LOG_TARGET,
};
use ballast_exchange::{MicroUsd, Ppb};
use ballast_runtime::BlockNumber;
use futures::{
	future::{AbortHandle, Abortable, Aborted, BoxFuture},
	stream::FuturesUnordered,
	FutureExt, Stream, StreamExt,
};
use std::collections::BTreeMap;

/// What will have become of a bid.
pub type Fate = BoxFuture<'static, Outcome>;

/// What the keeper needs of its node.
#[async_trait::async_trait]
pub trait Node: Send + Sync {
	/// Whether the node is far behind the others: what it knows is old.
	fn is_syncing(&self) -> bool;
	/// The exchange at a block.
	fn exchange_at(&self, at: At) -> Box<dyn Exchange + '_>;
	/// Signs bids at a block and gives them to the pool, in this order; as many fates as bids.
	async fn send(&self, at: At, bids: &[Chosen]) -> Vec<Fate>;
	/// The bid of that ticket can no longer succeed: another one may take its nonce.
	fn give_up(&self, ticket: u64);
}

type Watched = Abortable<BoxFuture<'static, (Chosen, Outcome)>>;

/// Looks at blocks and bids until there are no more of them.
pub async fn run(
	node: impl Node,
	blocks: impl Stream<Item = At> + Unpin,
	rules: Rules,
	clock: impl Fn() -> Millis,
) {
	let mut blocks = blocks.fuse();
	let mut task = Task {
		node,
		keeper: Keeper::new(rules),
		warnings: Warnings::default(),
		fates: FuturesUnordered::new(),
		handles: BTreeMap::new(),
	};
	loop {
		futures::select_biased! {
			ended = task.fates.select_next_some() => task.ended(ended, clock()),
			at = blocks.next() => {
				let Some(mut at) = at else { break };
				// What has been overtaken is not worth a look.
				while let Some(Some(newer)) = blocks.next().now_or_never() {
					at = newer;
				}
				task.look(at, &clock).await;
			},
		}
	}
}

struct Task<N> {
	node: N,
	keeper: Keeper,
	warnings: Warnings,
	fates: FuturesUnordered<Watched>,
	/// By ticket: since when a bid is watched, and what ends that.
	handles: BTreeMap<u64, (BlockNumber, AbortHandle)>,
}

impl<N: Node> Task<N> {
	async fn look(&mut self, at: At, clock: &impl Fn() -> Millis) {
		if self.node.is_syncing() {
			return;
		}
		self.stop_watching(at.number);
		let Look { chosen, dead, troubles } =
			self.keeper.look(self.node.exchange_at(at).as_ref(), at.number, clock());
		for ticket in dead {
			self.node.give_up(ticket);
		}
		for trouble in troubles {
			self.warnings.warn(&trouble, clock());
		}
		if chosen.is_empty() {
			return;
		}
		let fates = self.node.send(at, &chosen).await;
		for (chosen, fate) in chosen.into_iter().zip(fates) {
			tell_bid(&chosen);
			let (handle, registration) = AbortHandle::new_pair();
			self.handles.insert(chosen.ticket, (at.number, handle));
			let watched = fate.map(|outcome| (chosen, outcome)).boxed();
			self.fates.push(Abortable::new(watched, registration));
		}
	}

	/// No block can include a bid that is so old: the pool may never say what became of it.
	fn stop_watching(&mut self, number: BlockNumber) {
		self.handles.retain(|_, (since, handle)| {
			let is_alive = number.saturating_sub(*since) <= BID_LIFE;
			if !is_alive {
				handle.abort();
			}
			is_alive
		});
	}

	fn ended(&mut self, ended: Result<(Chosen, Outcome), Aborted>, now: Millis) {
		let Ok((chosen, outcome)) = ended else { return };
		self.handles.remove(&chosen.ticket);
		let key = named(&chosen.bid.account);
		match &outcome {
			Ok(Some(taken)) => log::info!(
				target: LOG_TARGET,
				"took {} of {key}, worth {} USD, for {} USD",
				percent(taken.share),
				usd(taken.equity),
				usd(taken.price),
			),
			Ok(None) => log::debug!(target: LOG_TARGET, "{key} was back at its target already"),
			Err(failure) => log::debug!(target: LOG_TARGET, "bid on {key}: {}", failure.text),
		}
		let failure = outcome.err().map(|failure| Failure {
			text: match failure.reason {
				Reason::Unexpected => format!("on {key}: {}", failure.text),
				_ => failure.text,
			},
			..failure
		});
		if let Some(trouble) = self.keeper.ended(&chosen, failure.as_ref(), now) {
			self.warnings.warn(&trouble, now);
		}
	}
}

fn tell_bid(chosen: &Chosen) {
	let Chosen { bid, slice, .. } = chosen;
	log::info!(
		target: LOG_TARGET,
		"bids at most {} USD for {} of {}, worth {} USD",
		usd(bid.limit),
		percent(bid.max_share),
		named(&bid.account),
		usd(slice.equity),
	);
}

fn named(key: &Key) -> String {
	format!("{}/{}", key.owner, key.index)
}

/// Dollars and cents, for people.
pub fn usd(money: MicroUsd) -> String {
	let cents = money.unsigned_abs() / 10_000;
	let sign = if money < 0 { "-" } else { "" };
	format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// A share in percent, for people.
pub fn percent(share: Ppb) -> String {
	let hundredths = share.0 / 100_000;
	format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
