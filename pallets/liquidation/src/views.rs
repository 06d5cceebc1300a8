// SPDX-License-Identifier: Apache-2.0
//! What readers want to see: for view functions and runtime APIs.

use crate::{auction::OnSale, look::Eyes, pallet::*, AuctionReport, Figures};
use alloc::vec::Vec;
use ballast_exchange::{Custody, MicroUsd, Ppb, RiskWatch, UnderlyingId};
use ballast_risk::AuctionPhase;

/// Most auctions that one question is answered with.
const MOST_LISTED: u32 = 1_000;

impl<T: Config> Pallet<T> {
	/// The auction of an account with what it sells and the price of it now.
	pub fn auction_report(key: &KeyOf<T>) -> Option<AuctionReport<T::AccountId>> {
		let mut eyes = Eyes::<T>::new();
		let sale = Self::on_sale(&mut eyes, key).ok()?;
		let target = sale.target(&eyes).ok()?;
		let (discount, max_share, price) = Self::offer(&eyes, &sale)?;
		Some(AuctionReport {
			account: sale.key,
			auction: sale.auction,
			book: sale.account,
			equity: sale.margin.equity,
			maintenance: sale.margin.maintenance,
			target,
			discount,
			max_share,
			price,
			is_open: sale.is_fresh,
		})
	}

	/// Discount, largest share and the price of that share.
	fn offer(eyes: &Eyes<T>, sale: &OnSale<T>) -> Option<(Ppb, Ppb, MicroUsd)> {
		if !sale.is_fresh {
			return Some((Ppb::ZERO, Ppb::ZERO, 0));
		}
		let rules = &eyes.parameters.auction;
		match sale.phase(eyes).ok()? {
			AuctionPhase::Complete => Some((Ppb::ZERO, Ppb::ZERO, 0)),
			AuctionPhase::Solvent(quote) => {
				let price = rules.price(&sale.state(), quote.discount, quote.max_share).ok()?;
				Some((quote.discount, quote.max_share, price))
			},
			AuctionPhase::Insolvent => {
				let elapsed = sale.auction.insolvent_millis;
				let paid = rules.insolvent_payment(&sale.state(), elapsed, Ppb::ONE).ok()?;
				let fund = MicroUsd::try_from(T::Custody::insurance()).unwrap_or(MicroUsd::MAX);
				Some((Ppb::ZERO, Ppb::ONE, paid.clamp(0, fund).saturating_neg()))
			},
		}
	}

	/// Accounts on auction, at most `limit` and a thousand, those after `after` in the order of storage.
	pub fn auctions_after(after: Option<KeyOf<T>>, limit: u32) -> Vec<KeyOf<T>> {
		let most = limit.min(MOST_LISTED) as usize;
		match after {
			None => Auctions::<T>::iter_keys().take(most).collect(),
			Some(key) => {
				let from = Auctions::<T>::hashed_key_for(key);
				Auctions::<T>::iter_from(from).map(|(key, _)| key).take(most).collect()
			},
		}
	}

	/// How the search, the auctions and the vault stand.
	pub fn read_figures() -> Figures {
		let of = |underlying: UnderlyingId| {
			let is_swept = <Self as RiskWatch<T::AccountId>>::is_swept(underlying);
			(underlying, Measured::<T>::get(underlying), is_swept)
		};
		Figures {
			sweep: Sweep::<T>::get(),
			registered: Registrations::<T>::count(),
			backlog: Self::backlog(),
			capacity_per_second: Self::capacity(),
			insurance: T::Custody::insurance(),
			bad_debt: TotalBadDebt::<T>::get(),
			vault_shares: TotalShares::<T>::get(),
			underlyings: Known::<T>::get().into_iter().map(of).collect(),
			parameters: ParametersInForce::<T>::get(),
		}
	}
}
