// SPDX-License-Identifier: Apache-2.0

//! What a proven equivocation leads to.

use crate::{Config, Event, Pallet};
use frame_support::{traits::Get, weights::Weight};
use sp_runtime::Perbill;
use sp_staking::{
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
	SessionIndex,
};

/// An offender as `pallet-session`'s history names it: the account, and nothing more.
type Offender<T> = (<T as frame_system::Config>::AccountId, ());

impl<T> OnOffenceHandler<T::AccountId, Offender<T>, Weight> for Pallet<T>
where
	T: Config + pallet_session::historical::Config,
{
	fn on_offence(
		offenders: &[OffenceDetails<T::AccountId, Offender<T>>],
		slash_fraction: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		let mut weight = Weight::zero();
		for (details, fraction) in offenders.iter().zip(slash_fraction) {
			let (validator, ()) = &details.offender;
			pallet_session::Pallet::<T>::report_offence(
				validator.clone(),
				OffenceSeverity(*fraction),
			);
			Self::deposit_event(Event::OffenderDisabled { validator: validator.clone(), session });
			// The set may be at its minimum: the offender then stays in it, disabled for this session.
			if let Err(error) = Self::do_remove_validator(validator) {
				log::warn!(target: "runtime::validators", "offender stays in the set: {error:?}");
			}
			weight.saturating_accrue(T::DbWeight::get().reads_writes(4, 3));
		}
		weight
	}
}
