// SPDX-License-Identifier: Apache-2.0
//! The queue of one price level: first come, first served, each step at constant cost.
//!
//! Most levels hold a handful of orders, and those stand in the level's own record: placing or
//! cancelling them writes nothing else. Orders that find it full form a doubly linked list, one record
//! each, and move up one by one when the front has run out.

use crate::{
	types::{Ends, Level, Links, OrderRef},
	AccountIdOf, Config, Queued,
};
use ballast_exchange::ExpiryId;

/// Appends an order.
pub fn push<T: Config>(
	expiry: ExpiryId,
	level: &mut Level<AccountIdOf<T>>,
	order: OrderRef<AccountIdOf<T>>,
) {
	let Some(ends) = &mut level.back else {
		if let Err(_full) = level.front.try_push(order.clone()) {
			Queued::<T>::insert(expiry, &order, Links { previous: None, next: None });
			level.back = Some(Ends { first: order.clone(), last: order });
		}
		return;
	};
	let previous = core::mem::replace(&mut ends.last, order.clone());
	link::<T>(expiry, &previous, |links| links.next = Some(order.clone()));
	Queued::<T>::insert(expiry, &order, Links { previous: Some(previous), next: None });
}

/// Takes an order out; `false` if the level does not hold it.
pub fn remove<T: Config>(
	expiry: ExpiryId,
	level: &mut Level<AccountIdOf<T>>,
	order: &OrderRef<AccountIdOf<T>>,
) -> bool {
	let Some(place) = level.front.iter().position(|held| held == order) else {
		return unlink::<T>(expiry, level, order);
	};
	level.front.remove(place);
	if level.front.is_empty() {
		advance::<T>(expiry, level);
	}
	true
}

/// Moves the first order of the linked part to the front.
fn advance<T: Config>(expiry: ExpiryId, level: &mut Level<AccountIdOf<T>>) {
	let Some(first) = level.back.as_ref().map(|ends| ends.first.clone()) else { return };
	if unlink::<T>(expiry, level, &first) {
		// The front is empty, so there is room.
		let _ = level.front.try_push(first);
	}
}

fn unlink<T: Config>(
	expiry: ExpiryId,
	level: &mut Level<AccountIdOf<T>>,
	order: &OrderRef<AccountIdOf<T>>,
) -> bool {
	let Some(Links { previous, next }) = Queued::<T>::take(expiry, order) else { return false };
	if let Some(previous) = &previous {
		link::<T>(expiry, previous, |links| links.next = next.clone());
	}
	if let Some(next) = &next {
		link::<T>(expiry, next, |links| links.previous = previous.clone());
	}
	level.back = level.back.take().and_then(|Ends { first, last }| match (previous, next) {
		(None, None) => None,
		(None, Some(next)) => Some(Ends { first: next, last }),
		(Some(previous), None) => Some(Ends { first, last: previous }),
		(Some(_), Some(_)) => Some(Ends { first, last }),
	});
	true
}

fn link<T: Config>(
	expiry: ExpiryId,
	order: &OrderRef<AccountIdOf<T>>,
	change: impl FnOnce(&mut Links<AccountIdOf<T>>),
) {
	Queued::<T>::mutate_exists(expiry, order, |links| {
		if let Some(links) = links {
			change(links);
		}
	});
}
