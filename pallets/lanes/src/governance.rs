// SPDX-License-Identifier: Apache-2.0
//! What governance may change.

use crate::{BadParameters, Config, Error, Event, LaneParameters, Pallet, Parameters};
use alloc::boxed::Box;
use frame_support::pallet_prelude::DispatchResult;

impl<T: Config> From<BadParameters> for Error<T> {
	fn from(bad: BadParameters) -> Self {
		match bad {
			BadParameters::ReserveOutOfOrder => Error::ReserveOutOfOrder,
			BadParameters::ReserveSteps => Error::ReserveSteps,
			BadParameters::StressWithoutScale => Error::StressWithoutScale,
			BadParameters::TooMuchGuaranteed => Error::TooMuchGuaranteed,
			BadParameters::GuaranteeAboveCeiling => Error::GuaranteeAboveCeiling,
			BadParameters::StressFavoursTrading => Error::StressFavoursTrading,
			BadParameters::LaneMustStayOpen => Error::LaneMustStayOpen,
			BadParameters::FeeRuleOutOfRange => Error::FeeRuleOutOfRange,
			BadParameters::LimitOutOfRange => Error::LimitOutOfRange,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Shares follow with the next block, prices at the end of this one.
	pub(crate) fn do_set_parameters(parameters: LaneParameters) -> DispatchResult {
		parameters.validate().map_err(Error::<T>::from)?;
		Parameters::<T>::put(parameters);
		Self::deposit_event(Event::ParametersSet { parameters: Box::new(parameters) });
		Ok(())
	}
}
