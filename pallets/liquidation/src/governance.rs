// SPDX-License-Identifier: Apache-2.0
//! Parameters: set at once where that harms nobody, else proposed.

use crate::{pallet::*, Parameters, Proposal};
use frame_support::{ensure, pallet_prelude::*};
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_parameters(parameters: Parameters) -> DispatchResult {
		ensure!(parameters.is_valid(), Error::<T>::ParametersOutOfRange);
		let is_harsher = parameters.is_harsher(&ParametersInForce::<T>::get());
		ensure!(!is_harsher, Error::<T>::NeedsShadow);
		Self::put_in_force(parameters);
		Ok(())
	}

	pub(crate) fn put_in_force(parameters: Parameters) {
		ParametersInForce::<T>::put(parameters);
		Self::deposit_event(Event::ParametersSet { parameters });
	}

	pub(crate) fn do_propose_parameters(parameters: Parameters) -> DispatchResult {
		ensure!(parameters.is_valid(), Error::<T>::ParametersOutOfRange);
		ensure!(Proposed::<T>::get().is_none(), Error::<T>::ProposalRuns);
		let id = NextProposal::<T>::get();
		NextProposal::<T>::put(id.checked_add(1).ok_or(Error::<T>::AmountTooLarge)?);
		// How long is decided by what is in force, not by what is proposed. A block that never comes is harmless.
		let blocks = ParametersInForce::<T>::get().house.shadow_blocks;
		let ends = frame_system::Pallet::<T>::block_number().saturating_add(blocks.into());
		Proposed::<T>::put(Proposal::new(id, parameters, ends));
		Self::deposit_event(Event::ParametersProposed { id, parameters, ends });
		Ok(())
	}

	pub(crate) fn do_cancel_proposal() -> DispatchResult {
		let proposal = Proposed::<T>::take().ok_or(Error::<T>::NoProposal)?;
		let Proposal { id, judged, fallen, .. } = proposal;
		Self::deposit_event(Event::ProposalEnded { id, enacted: false, judged, fallen });
		Ok(())
	}
}
