// SPDX-License-Identifier: Apache-2.0

//! What governance sets. Each setter checks everything before it writes anything.

use crate::{
	enqueue, Agenda, AgendaEntry, BaseAssets, Config, Drifts, Error, Event, Expiries, Pallet,
	PendingRepricing, PortfolioModels, Schedule, StandardModels, Symbol, Underlying, Underlyings,
	DRIFT_JUMP, LOG_TARGET,
};
use ballast_exchange::{MarketTerms, PortfolioModel, Scenarios, UnderlyingId};
use ballast_risk::{PortfolioParameters, StandardParameters, DEFAULT_SCENARIOS};
use frame_support::{dispatch::DispatchResult, ensure};

/// The portfolio model of a new underlying.
pub fn default_portfolio_model() -> PortfolioModel {
	PortfolioModel {
		parameters: PortfolioParameters::DEFAULT,
		scenarios: Scenarios::truncate_from(DEFAULT_SCENARIOS.to_vec()),
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_create_underlying(
		id: UnderlyingId,
		symbol: Symbol,
		terms: MarketTerms,
		schedule: Schedule,
	) -> DispatchResult {
		ensure!(!Underlyings::<T>::contains_key(id), Error::<T>::UnderlyingExists);
		Self::check_symbol(&symbol)?;
		Self::check_terms(&terms)?;
		schedule.validate().map_err(Error::<T>::from)?;
		ensure!(Self::by_symbol(&symbol).is_none(), Error::<T>::SymbolTaken);
		ensure!(!BaseAssets::<T>::contains_key(terms.base_asset), Error::<T>::BaseAssetTaken);
		Agenda::<T>::try_mutate(|agenda| {
			let index = agenda.partition_point(|entry| entry.underlying < id);
			let entry = AgendaEntry { underlying: id, round: None, due: 0 };
			agenda.try_insert(index, entry).map_err(|_| Error::<T>::TooManyUnderlyings)
		})?;
		BaseAssets::<T>::insert(terms.base_asset, id);
		PortfolioModels::<T>::insert(id, default_portfolio_model());
		StandardModels::<T>::insert(id, StandardParameters::DEFAULT);
		let record = Underlying { symbol: symbol.clone(), terms, schedule, paused: false };
		Underlyings::<T>::insert(id, record);
		Drifts::<T>::insert(id, 0);
		Self::deposit_event(Event::UnderlyingCreated { underlying: id, symbol, terms, schedule });
		Ok(())
	}

	pub(crate) fn do_set_terms(id: UnderlyingId, terms: MarketTerms) -> DispatchResult {
		let record = Self::underlying(id)?;
		Self::check_terms(&terms)?;
		let (old, new) = (record.terms, terms);
		// Positions, orders and books count in these units.
		let units_stay = old.lots_per_contract == new.lots_per_contract
			&& old.tick == new.tick
			&& old.base_asset == new.base_asset;
		ensure!(units_stay || Expiries::<T>::get(id).is_empty(), Error::<T>::UnitsInUse);
		if old.base_asset != new.base_asset {
			ensure!(!BaseAssets::<T>::contains_key(new.base_asset), Error::<T>::BaseAssetTaken);
			BaseAssets::<T>::remove(old.base_asset);
			BaseAssets::<T>::insert(new.base_asset, id);
		}
		Underlyings::<T>::insert(id, Underlying { terms, ..record });
		Self::deposit_event(Event::TermsChanged { underlying: id, terms });
		Ok(())
	}

	pub(crate) fn do_set_schedule(id: UnderlyingId, schedule: Schedule) -> DispatchResult {
		let record = Self::underlying(id)?;
		schedule.validate().map_err(Error::<T>::from)?;
		Underlyings::<T>::insert(id, Underlying { schedule, ..record });
		Self::look_again(id);
		Self::queue_all(id);
		Self::deposit_event(Event::ScheduleChanged { underlying: id, schedule });
		Ok(())
	}

	pub(crate) fn do_set_portfolio_model(
		id: UnderlyingId,
		model: PortfolioModel,
	) -> DispatchResult {
		Self::underlying(id)?;
		Self::check_portfolio_model(&model)?;
		PortfolioModels::<T>::insert(id, &model);
		Self::forget_surfaces(id);
		// Arrays carry their own width: those not repriced yet stay readable.
		Self::queue_all(id);
		let PortfolioModel { parameters, scenarios } = model;
		Self::deposit_event(Event::PortfolioModelChanged { underlying: id, parameters, scenarios });
		Ok(())
	}

	pub(crate) fn do_set_standard_parameters(
		id: UnderlyingId,
		parameters: StandardParameters,
	) -> DispatchResult {
		Self::underlying(id)?;
		Self::check_standard(&parameters)?;
		StandardModels::<T>::insert(id, parameters);
		Self::advance(id, DRIFT_JUMP);
		Self::deposit_event(Event::StandardParametersChanged { underlying: id, parameters });
		Ok(())
	}

	pub(crate) fn do_set_paused(id: UnderlyingId, paused: bool) -> DispatchResult {
		let record = Self::underlying(id)?;
		Underlyings::<T>::insert(id, Underlying { paused, ..record });
		if !paused {
			Self::look_again(id);
			Self::queue_all(id);
		}
		Self::deposit_event(Event::PausedChanged { underlying: id, paused });
		Ok(())
	}

	/// Pauses an underlying about which something is not as it has to be; whether it was not.
	pub(crate) fn do_freeze(id: UnderlyingId) -> bool {
		let Some(record) = Underlyings::<T>::get(id).filter(|record| !record.paused) else {
			return false;
		};
		log::error!(target: LOG_TARGET, "underlying {id} is frozen");
		Underlyings::<T>::insert(id, Underlying { paused: true, ..record });
		Self::deposit_event(Event::Frozen { underlying: id });
		true
	}

	pub(crate) fn underlying(id: UnderlyingId) -> Result<Underlying, Error<T>> {
		Underlyings::<T>::get(id).ok_or(Error::<T>::UnknownUnderlying)
	}

	/// The underlying of a symbol; there are at most [`crate::MAX_UNDERLYINGS`] to look through.
	pub(crate) fn by_symbol(symbol: &[u8]) -> Option<UnderlyingId> {
		let is_it = |id: &UnderlyingId| {
			Underlyings::<T>::get(id).is_some_and(|record| record.symbol.as_slice() == symbol)
		};
		Agenda::<T>::get().iter().map(|entry| entry.underlying).find(is_it)
	}

	/// Has the next block look at what is to be listed.
	fn look_again(id: UnderlyingId) {
		Agenda::<T>::mutate(|agenda| {
			if let Some(entry) = agenda.iter_mut().find(|entry| entry.underlying == id) {
				entry.due = 0;
			}
		});
	}

	/// Queues all live expiries of an underlying for repricing.
	fn queue_all(id: UnderlyingId) {
		PendingRepricing::<T>::mutate(|queue| {
			for entry in Expiries::<T>::get(id).iter().filter(|entry| entry.state.is_live()) {
				enqueue(queue, (id, entry.expiry));
			}
		});
	}
}
