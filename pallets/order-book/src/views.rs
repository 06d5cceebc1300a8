// SPDX-License-Identifier: Apache-2.0
//! What readers see of a book.

use crate::{
	book::OpenBook,
	types::{DepthLevel, MAX_DEPTH},
	Config, Pallet,
};
use alloc::vec::Vec;
use ballast_exchange::{SeriesId, Side};

impl<T: Config> Pallet<T> {
	/// The best `levels` price levels of both sides, bids then asks, best first; at most [`MAX_DEPTH`].
	pub fn depth(series: &SeriesId, levels: u32) -> (Vec<DepthLevel>, Vec<DepthLevel>) {
		let Some(book) = OpenBook::<T>::existing(series) else { return Default::default() };
		(book.levels(Side::Buy, levels), book.levels(Side::Sell, levels))
	}

	/// The best bid and the best ask.
	pub fn best(series: &SeriesId) -> (Option<DepthLevel>, Option<DepthLevel>) {
		let (bids, asks) = Self::depth(series, 1);
		(bids.first().copied(), asks.first().copied())
	}
}

impl<T: Config> OpenBook<T> {
	fn levels(&self, side: Side, levels: u32) -> Vec<DepthLevel> {
		core::iter::successors(self.best(side), |tick| self.after(side, *tick))
			.take(levels.min(MAX_DEPTH) as usize)
			.filter_map(|tick| {
				let level = self.level(side, tick)?;
				Some((self.price(tick), level.lots, level.count))
			})
			.collect()
	}
}
