// SPDX-License-Identifier: Apache-2.0
//! Several series bought and sold at once: all legs fill, or none.

use crate::{
	session::Session,
	types::{Leg, NewOrder, OrderKind, SelfTrade},
	Config, Error, Event, Pallet,
};
use ballast_exchange::MicroUsd;
use frame_support::ensure;
use sp_runtime::DispatchResult;

impl<T: Config> Session<T> {
	/// Fills every leg within its own limit, and all of them for at most `max_cost` of premium.
	pub fn combo(&mut self, legs: &[Leg], max_cost: MicroUsd) -> DispatchResult {
		ensure!(!legs.is_empty(), Error::<T>::NoLegs);
		let first_order = self.account.next_order;
		for leg in legs {
			self.place(&order_of(leg))?;
		}
		let premium = self.premium;
		ensure!(premium <= max_cost, Error::<T>::CostAboveLimit);
		Pallet::<T>::deposit_event(Event::ComboFilled {
			account: self.key.clone(),
			first_order,
			// At most `MAX_LEGS`.
			legs: legs.len() as u8,
			premium,
		});
		Ok(())
	}
}

fn order_of(leg: &Leg) -> NewOrder {
	let Leg { series, side, price, lots } = *leg;
	NewOrder {
		series,
		side,
		price,
		lots,
		kind: OrderKind::FillOrKill,
		reduce_only: false,
		good_till: None,
		client_id: None,
		self_trade: SelfTrade::CancelResting,
	}
}
