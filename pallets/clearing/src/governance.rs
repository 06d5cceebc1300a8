// SPDX-License-Identifier: Apache-2.0
//! What governance decides: which assets are collateral.

use crate::{pallet::*, CollateralTerms};
use ballast_exchange::{AssetId, Markets, RiskWatch};
use frame_support::{ensure, pallet_prelude::*, traits::fungibles::Inspect};

impl<T: Config> Pallet<T> {
	pub(crate) fn accept_at_genesis(asset: AssetId, terms: &CollateralTerms) {
		assert!(
			asset != T::SettlementAsset::get() && !Collaterals::<T>::contains_key(asset),
			"genesis: collateral {asset} is the settlement asset or listed twice"
		);
		assert!(terms.validate::<T>().is_ok(), "genesis: terms of collateral {asset}");
		Collaterals::<T>::insert(asset, terms);
	}

	pub(crate) fn do_set_collateral(
		asset: AssetId,
		terms: Option<CollateralTerms>,
	) -> DispatchResult {
		ensure!(asset != T::SettlementAsset::get(), Error::<T>::IsSettlementAsset);
		let known = Collaterals::<T>::get(asset);
		if let Some(terms) = &terms {
			terms.validate::<T>()?;
			ensure!(T::Assets::asset_exists(asset), Error::<T>::AssetNotAccepted);
			ensure!(T::Markets::terms(terms.underlying).is_some(), Error::<T>::UnknownUnderlying);
		} else {
			ensure!(known.is_some(), Error::<T>::AssetNotAccepted);
		}
		let meaning = |terms: CollateralTerms| (terms.units_per_token, terms.underlying);
		let redefined = known.map(meaning) != terms.map(meaning);
		ensure!(!redefined || Held::<T>::get(asset) == 0, Error::<T>::CollateralInUse);
		Collaterals::<T>::set(asset, terms);
		if let (Some(known), Some(terms)) = (known, terms) {
			if known.haircut_maintenance_ppb < terms.haircut_maintenance_ppb {
				// No price moves, and yet maintenance falls.
				T::Watch::rules_changed(terms.underlying);
			}
		}
		Self::deposit_event(Event::CollateralSet { asset, terms });
		Ok(())
	}
}
