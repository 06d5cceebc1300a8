// SPDX-License-Identifier: Apache-2.0
//! What events say about listings: each has to fit the life of its expiry.

use crate::{
	ensure,
	ledger::{strike_deposit, Ledger},
	market::{Expiry, Life, Listed, Market},
	Outcome,
};
use ballast_exchange::{Moment, UnderlyingId};
use ballast_runtime::{AccountId, Runtime};
use pallet_options::Event;

impl Ledger {
	/// Applies an event of the listing.
	pub(crate) fn apply_options(&mut self, market: &mut Market, event: &Event<Runtime>) -> Outcome {
		match event {
			Event::ExpiryListed { underlying, expiry } => list(market, *underlying, *expiry),
			Event::StrikesListed { underlying, expiry, strikes, requested_by } => {
				let id = (*underlying, *expiry);
				self.add_strikes(market, id, strikes, requested_by.as_ref())
			},
			Event::Expired { underlying, expiry } => {
				let now = market.now;
				ensure!(*expiry <= now, "{expiry} expires at {now}");
				market.pending.insert((*underlying, *expiry));
				move_on(market, (*underlying, *expiry), Life::Trading, Life::Expired)
			},
			Event::SettlementPriced { underlying, expiry, price } => {
				let (id, price) = ((*underlying, *expiry), i128::from(price.pico_usd()));
				let fixed = market.listed(id).and_then(|listed| listed.fixed);
				ensure!(
					fixed == Some(price),
					"{id:?} settles at {price}, the record says {fixed:?}"
				);
				market.pending.insert(id);
				move_on(market, id, Life::Expired, Life::Settling(price))
			},
			Event::Settled { underlying, expiry } => {
				let id = (*underlying, *expiry);
				let listed = market.listed_mut(id).ok_or("an expiry that is not listed")?;
				let settling = matches!(listed.life, Life::Settling(_));
				ensure!(settling, "{id:?} is settled out of turn: {:?}", listed.life);
				listed.life = Life::Settled;
				Ok(())
			},
			Event::Pruned { underlying, expiry } => self.prune(market, *underlying, *expiry),
			Event::PausedChanged { underlying, paused } => pause(market, *underlying, *paused),
			other => Err(format!("unexpected: {other:?}")),
		}
	}

	fn add_strikes(
		&mut self,
		market: &mut Market,
		id: Expiry,
		strikes: &[u64],
		requested_by: Option<&AccountId>,
	) -> Outcome {
		let listed = market.listed_mut(id).ok_or("strikes of no expiry")?;
		let again = strikes.iter().find(|strike| listed.strikes.contains(strike));
		ensure!(again.is_none(), "strike {again:?} is listed twice");
		listed.strikes.extend(strikes.iter());
		if let Some(who) = requested_by {
			listed.deposits.push(who.clone());
			*self.holds.entry(who.clone()).or_default() += strike_deposit();
			market.pending.insert(id);
		}
		Ok(())
	}

	fn prune(&mut self, market: &mut Market, id: UnderlyingId, expiry: Moment) -> Outcome {
		let of = market.underlyings.get_mut(&id).ok_or("an unknown underlying")?;
		let listed = of.listed.remove(&expiry).ok_or("an expiry that is not listed")?;
		ensure!(listed.life == Life::Settled, "{expiry} is pruned before it is settled");
		for who in listed.deposits {
			*self.holds.entry(who).or_default() -= strike_deposit();
		}
		Ok(())
	}
}

fn list(market: &mut Market, id: UnderlyingId, expiry: Moment) -> Outcome {
	let now = market.now;
	ensure!(expiry > now, "{expiry} is listed at {now}");
	let listed = Listed {
		life: Life::Trading,
		strikes: Vec::new(),
		deposits: Vec::new(),
		priced: None,
		fixed: None,
	};
	let of = market.underlyings.get_mut(&id).ok_or("an unknown underlying")?;
	let before = of.listed.insert(expiry, listed);
	ensure!(before.is_none(), "{expiry} is listed twice");
	market.pending.insert((id, expiry));
	Ok(())
}

fn move_on(market: &mut Market, id: Expiry, from: Life, to: Life) -> Outcome {
	let listed = market.listed_mut(id).ok_or("an expiry that is not listed")?;
	ensure!(listed.life == from, "{id:?} goes from {:?} to {to:?}", listed.life);
	listed.life = to;
	Ok(())
}

fn pause(market: &mut Market, id: UnderlyingId, paused: bool) -> Outcome {
	let of = market.underlyings.get_mut(&id).ok_or("an unknown underlying")?;
	of.paused = paused;
	if !paused {
		market.queue_all(id);
	}
	Ok(())
}
