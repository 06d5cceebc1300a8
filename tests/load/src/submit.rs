// SPDX-License-Identifier: Apache-2.0

//! Sends the signed transactions at the chosen pace and notes what the pool answers.

use crate::{
	clock::{micros, Clock},
	error::{Context, Failure, Result},
	ledger::Ledger,
	node::Node,
	pacing::{due, due_at, Pace},
	presign::{turn, Signed},
};
use futures::{stream::FuturesUnordered, StreamExt};
use std::{
	collections::{hash_map::Entry, HashMap, VecDeque},
	sync::Arc,
	time::Duration,
};
use subxt::{
	rpcs::{client::rpc_params, Error as RpcError, UserError},
	utils::H256,
};
use tokio::{
	sync::{
		mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender},
		Semaphore,
	},
	task::JoinSet,
	time::{sleep, sleep_until, timeout_at, Instant},
};

/// Pause before a transaction that found no room in the pool is sent again: half a block.
const ROOM_PAUSE: Duration = Duration::from_millis(250);
/// The runtime's timers count milliseconds; a finer pace is sent in groups.
const TICK: Duration = Duration::from_millis(1);

/// JSON-RPC error codes of `author_submitExtrinsic`.
mod code {
	/// The pool cannot tell yet.
	pub const UNKNOWN_VALIDITY: i32 = 1011;
	pub const ALREADY_IMPORTED: i32 = 1013;
	/// The pool is full.
	pub const IMMEDIATELY_DROPPED: i32 = 1016;
}

/// What all senders share.
pub struct Offer {
	pub signed: Vec<Signed>,
	pub ledger: Arc<Ledger<H256>>,
	pub accounts: usize,
	pub clock: Clock,
	pub pace: Pace,
	/// No transaction is offered later than this after the start.
	pub stop_after: Option<Duration>,
	/// A transaction the pool has no room for is given up after this long, and so is the run when
	/// nothing moves for this long.
	pub patience: Duration,
	/// Once everything is offered, the rest of the run may take this long.
	pub drain: Duration,
	/// Free places of the closed loop; an included transaction gives its place back.
	pub places: Semaphore,
}

impl Offer {
	fn account_of(&self, index: usize) -> usize {
		turn(index, self.accounts.max(1)).0
	}

	/// Whether no further transaction is going to be offered.
	pub fn is_over(&self) -> bool {
		self.ledger.offered() >= self.ledger.total()
			|| self.stop_after.is_some_and(|after| self.clock.elapsed() > after)
	}

	pub fn free_place(&self) {
		if let Pace::Closed { .. } = self.pace {
			self.places.add_permits(1);
		}
	}
}

/// Offers every transaction over `nodes` and returns once each one is accepted, refused for good or
/// skipped.
pub async fn submit(offer: Arc<Offer>, nodes: Vec<Node>) -> Result<()> {
	let mut connections = JoinSet::new();
	let mut queues = Vec::new();
	for node in nodes {
		let (sender, receiver) = unbounded_channel();
		queues.push(sender);
		connections.spawn(connection(offer.clone(), node, receiver));
	}
	let pacer = async {
		match offer.pace {
			Pace::Open { per_second } => open_loop(&offer, per_second, queues).await,
			Pace::Closed { .. } => closed_loop(&offer, queues).await,
		}
	};
	let answers = async {
		while let Some(ended) = connections.join_next().await {
			ended.context("running a connection")??;
		}
		Ok(())
	};
	futures::try_join!(pacer, answers)?;
	Ok(())
}

/// Hands transactions out when they are due. The queues close when it returns.
async fn open_loop(
	offer: &Offer,
	per_second: f64,
	queues: Vec<UnboundedSender<usize>>,
) -> Result<()> {
	let total = offer.signed.len();
	let mut next = 0;
	while next < total {
		let ready = due(per_second, offer.clock.elapsed(), total);
		for index in next..ready {
			offer.ledger.offer(index, micros(due_at(per_second, index)));
			enqueue(offer, &queues, index)?;
		}
		next = next.max(ready);
		let tick = Instant::now() + TICK;
		let due = offer.clock.moment(due_at(per_second, next)).map_or(tick, Instant::from_std);
		sleep_until(due.max(tick)).await;
	}
	Ok(())
}

/// Hands transactions out as places become free. The queues close when it returns.
async fn closed_loop(offer: &Offer, queues: Vec<UnboundedSender<usize>>) -> Result<()> {
	let end = offer.stop_after.and_then(|after| offer.clock.moment(after)).map(Instant::from_std);
	for index in 0..offer.signed.len() {
		let place = match end {
			Some(end) => match timeout_at(end, offer.places.acquire()).await {
				Ok(place) => place,
				Err(_) => return Ok(()),
			},
			None => offer.places.acquire().await,
		};
		place.context("waiting for a place")?.forget();
		offer.ledger.offer(index, offer.clock.now());
		enqueue(offer, &queues, index)?;
	}
	Ok(())
}

/// All transactions of one account go over one connection.
fn enqueue(offer: &Offer, queues: &[UnboundedSender<usize>], index: usize) -> Result<()> {
	let queue = offer.account_of(index) % queues.len().max(1);
	queues
		.get(queue)
		.and_then(|queue| queue.send(index).ok())
		.ok_or_else(|| Failure::new("a connection ended before its transactions were sent"))
}

/// Sends the transactions of its accounts, each account's one after the other: the pool checks
/// several at once, may finish them in another order, and forgets a transaction that had to wait
/// for its predecessor when the block it was checked against is replaced.
async fn connection(
	offer: Arc<Offer>,
	node: Node,
	mut queue: UnboundedReceiver<usize>,
) -> Result<()> {
	let mut sending = FuturesUnordered::new();
	let mut waiting: HashMap<usize, VecDeque<usize>> = HashMap::new();
	let mut open = true;
	while open || !sending.is_empty() {
		tokio::select! {
			next = queue.recv(), if open => match next {
				Some(index) => match waiting.entry(offer.account_of(index)) {
					Entry::Occupied(mut busy) => busy.get_mut().push_back(index),
					Entry::Vacant(idle) => {
						idle.insert(VecDeque::new());
						sending.push(send(&offer, &node, index));
					},
				},
				None => open = false,
			},
			Some(sent) = sending.next(), if !sending.is_empty() => {
				let account = offer.account_of(sent?);
				match waiting.get_mut(&account).and_then(VecDeque::pop_front) {
					Some(index) => sending.push(send(&offer, &node, index)),
					None => drop(waiting.remove(&account)),
				}
			},
		}
	}
	Ok(())
}

/// Sends one transaction until the pool takes it or refuses it for good. Only a broken connection
/// is an error.
///
/// Returns the number of the transaction.
async fn send(offer: &Offer, node: &Node, index: usize) -> Result<usize> {
	let Some(signed) = offer.signed.get(index) else {
		return Ok(index);
	};
	let account = offer.account_of(index);
	let first_try = Instant::now();
	loop {
		if offer.ledger.is_stopped(account) {
			offer.ledger.skip();
			offer.free_place();
			return Ok(index);
		}
		let answer: std::result::Result<H256, RpcError> =
			node.rpc.request("author_submitExtrinsic", rpc_params![&signed.hex]).await;
		match answer.map_err(refusal) {
			Ok(_) | Err(Ok(Refusal { code: code::ALREADY_IMPORTED, .. })) => {
				offer.ledger.accept(index, offer.clock.now());
				return Ok(index);
			},
			Err(Ok(refusal)) => {
				offer.ledger.refuse(&refusal.text);
				if !refusal.is_passing() || first_try.elapsed() > offer.patience {
					offer.ledger.stop(account);
					offer.free_place();
					return Ok(index);
				}
			},
			Err(Err(lost)) => return Err(lost),
		}
		sleep(ROOM_PAUSE).await;
	}
}

/// A pool's no.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
	code: i32,
	text: String,
}

impl Refusal {
	/// Whether the same transaction may be taken later.
	fn is_passing(&self) -> bool {
		matches!(self.code, code::IMMEDIATELY_DROPPED | code::UNKNOWN_VALIDITY)
	}
}

/// Tells an answer of the node from a broken connection.
fn refusal(error: RpcError) -> std::result::Result<Refusal, Failure> {
	match error {
		RpcError::User(UserError { code, message, data }) => {
			let detail = data.map(|data| data.get().trim_matches('"').to_string());
			let text = detail.map_or(message.clone(), |detail| format!("{message}: {detail}"));
			Ok(Refusal { code, text })
		},
		other => Err(Failure::new(format!("sending a transaction: {other}"))),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn answer(code: i32, message: &str) -> RpcError {
		RpcError::User(UserError { code, message: message.into(), data: None })
	}

	#[test]
	fn a_full_pool_should_be_a_passing_refusal() {
		let full = refusal(answer(1016, "Immediately Dropped")).expect("the node answered");
		assert_eq!(full.text, "Immediately Dropped");
		assert!(full.is_passing());
	}

	#[test]
	fn an_invalid_transaction_should_be_refused_for_good() {
		for code in [1010, 1012, 1014] {
			let invalid = refusal(answer(code, "Invalid Transaction")).expect("the node answered");
			assert!(!invalid.is_passing());
		}
	}

	#[test]
	fn a_broken_connection_should_not_be_a_refusal() {
		assert!(refusal(RpcError::Client("connection closed".into())).is_err());
	}
}
