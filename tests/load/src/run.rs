// SPDX-License-Identifier: Apache-2.0

//! One run of a workload: set-up, signing, submission, tracking, figures.

use crate::{
	accounts::{budget, charge, derive, fund, keypair, nonces},
	capacity::Weight,
	clock::Clock,
	endpoint::Endpoint,
	error::{within, Failure, Result},
	ledger::Ledger,
	node::{AtBlock, Node},
	outcome::{outcome, Outcome},
	pacing::{offered, Pace},
	presign::{presign, Signed},
	submit::{submit, Offer},
	track::{Reader, Tracker},
	workload::{Account, Setting, Workload},
};
use futures::{stream, StreamExt, TryStreamExt};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Connections opened at once.
const CONNECTS_AT_ONCE: usize = 8;

/// How long a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
	Transactions(usize),
	Seconds(u64),
}

/// Everything the user chose.
#[derive(Debug, Clone)]
pub struct Plan {
	/// Transactions are spread over all of them; the first is followed.
	pub endpoints: Vec<Endpoint>,
	pub accounts: usize,
	pub length: Length,
	pub pace: Pace,
	pub connections: usize,
	/// Transactions signed per second of a closed loop of given duration.
	pub presign_rate: usize,
	pub seed: String,
	pub funder: String,
	pub limit: Duration,
	/// See [`Offer::drain`].
	pub drain: Duration,
}

impl Plan {
	/// Transactions to sign.
	pub fn total(&self) -> usize {
		match (self.length, self.pace) {
			(Length::Transactions(count), _) => count,
			(Length::Seconds(seconds), Pace::Open { per_second }) => offered(per_second, seconds),
			(Length::Seconds(seconds), Pace::Closed { .. }) => {
				self.presign_rate.saturating_mul(usize::try_from(seconds).unwrap_or(usize::MAX))
			},
		}
	}

	fn stop_after(&self) -> Option<Duration> {
		match self.length {
			Length::Transactions(_) => None,
			Length::Seconds(seconds) => Some(Duration::from_secs(seconds)),
		}
	}
}

pub async fn run(plan: &Plan, workload: &dyn Workload) -> Result<Outcome> {
	let first = plan.endpoints.first().ok_or_else(|| Failure::new("no node to load"))?;
	let follower = Node::connect(first, plan.limit).await?;
	let reader = Node::connect(first, plan.limit).await?;
	let Prepared { at, signed, weight } = prepare(plan, workload, &follower).await?;
	let senders = connect_all(plan).await?;
	let notices =
		within(plan.limit, "subscribing to blocks", follower.follow(*at.hasher())).await?;
	let offer = Arc::new(Offer {
		ledger: Arc::new(Ledger::new(signed.iter().map(|one| one.hash), plan.accounts)),
		signed,
		accounts: plan.accounts,
		clock: Clock::start(),
		pace: plan.pace,
		stop_after: plan.stop_after(),
		patience: plan.limit,
		drain: plan.drain,
		places: Semaphore::new(match plan.pace {
			Pace::Closed { in_flight } => in_flight.min(Semaphore::MAX_PERMITS),
			Pace::Open { .. } => 0,
		}),
	});
	let submission = tokio::spawn(submit(offer.clone(), senders));
	let reader = Reader::new(reader, Arc::new(at))?;
	let charged_ppm = weight.share_of(reader.limits().normal);
	let tracked = Tracker::new(offer.clone(), reader).run(notices, submission).await?;
	outcome(workload, charged_ppm, &offer, &tracked)
}

/// What a run needs before its clock starts.
struct Prepared {
	at: AtBlock,
	signed: Vec<Signed>,
	/// Charged for one transaction before it runs.
	weight: Weight,
}

/// Funds the accounts, runs the workload's set-up and signs everything.
async fn prepare(plan: &Plan, workload: &dyn Workload, node: &Node) -> Result<Prepared> {
	let total = plan.total();
	let accounts = derive(&plan.seed, plan.accounts)?;
	let calls = total.div_ceil(plan.accounts.max(1));
	let funder = keypair(&plan.funder)?;
	let limit = plan.limit;
	let at = node.at_best().await?;
	let charge = charge(&at, &accounts, workload).await?;
	let needed = budget(&at, workload, &charge, calls)?;
	let funded = fund(node, &funder, &accounts, needed, limit).await?;
	eprintln!("{} accounts, {funded} of them newly funded", accounts.len());
	let setting =
		Setting { node, accounts: &accounts, calls, funder: &funder, seed: &plan.seed, limit };
	workload.set_up(setting).await?;
	let nonces = nonces(node, &accounts).await?;
	let at = node.at_best().await?;
	let signed = sign_all(&at, workload, &accounts, &nonces, total)?;
	Ok(Prepared { at, signed, weight: charge.weight })
}

fn sign_all(
	at: &AtBlock,
	workload: &dyn Workload,
	accounts: &[Account],
	nonces: &[u64],
	total: usize,
) -> Result<Vec<Signed>> {
	let clock = Clock::start();
	// Signing takes every processor for seconds; the runtime is told that this thread is busy.
	let signed = tokio::task::block_in_place(|| presign(at, workload, accounts, nonces, total))?;
	eprintln!("signed {} transactions in {:.1} s", total, clock.elapsed().as_secs_f64());
	Ok(signed)
}

async fn connect_all(plan: &Plan) -> Result<Vec<Node>> {
	stream::iter(plan.endpoints.iter().cycle().take(plan.connections))
		.map(|endpoint| Node::connect(endpoint, plan.limit))
		.buffered(CONNECTS_AT_ONCE)
		.try_collect()
		.await
}
