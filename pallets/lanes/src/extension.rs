// SPDX-License-Identifier: Apache-2.0
//! The transaction extension: classify, admit, price, meter, give back.
//!
//! It wraps [`ChargeTransactionPayment`], under that extension's name and with its data and type, so that
//! every wallet signs for it. It has to come after `CheckWeight`, which books a transaction in FRAME's classes.

use crate::{
	budget::share_of,
	fees::{priced, usual},
	priority::priority,
	refusal::{LANE_CLOSED, TOO_HEAVY},
	weights::WeightInfo,
	Classify, Config, Lane, Multipliers, Pallet, Parameters, Refusal, Usage, WeightsOf,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::fmt::{Debug, Formatter, Result as FmtResult};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo, Pays, PostDispatchInfo},
	traits::Get,
	weights::Weight,
};
use frame_system::calculate_consumed_extrinsic_weight;
use pallet_transaction_payment::{ChargeTransactionPayment, OnChargeTransaction};
use scale_info::{StaticTypeInfo, TypeInfo};
use sp_runtime::{
	traits::{
		DispatchInfoOf, DispatchOriginOf, Dispatchable, Implication, PostDispatchInfoOf,
		TransactionExtension, TransactionExtensionMetadata, UniqueSaturatedInto, ValidateResult,
		Zero,
	},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	DispatchResult, FixedU128,
};

/// The balance that fees are paid in.
pub type FeeOf<T> = <<T as pallet_transaction_payment::Config>::OnChargeTransaction as
	OnChargeTransaction<T>>::Balance;

type Charge<T> = ChargeTransactionPayment<T>;
type CallOf<T> = <T as frame_system::Config>::RuntimeCall;
type ChargeVal<T> = <Charge<T> as TransactionExtension<CallOf<T>>>::Val;
type ChargePre<T> = <Charge<T> as TransactionExtension<CallOf<T>>>::Pre;

/// Pays for a transaction at its lane's price and meters its weight in its lane. Its data is the tip.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, Eq, PartialEq)]
pub struct PayInLane<T: Config>(ChargeTransactionPayment<T>);

impl<T: Config> PayInLane<T>
where
	CallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
{
	/// With a tip, which counts within the lane.
	pub fn from(tip: FeeOf<T>) -> Self {
		Self(Charge::<T>::from(tip))
	}

	/// Refuses, at the pool, what its lane could not take in an empty block.
	fn check_lane(
		lane: Lane,
		weight: Weight,
		class: DispatchClass,
		source: TransactionSource,
	) -> Result<(), TransactionValidityError> {
		let space = Pallet::<T>::space(&Usage::default());
		let refusal = if space.plan.shares.get(lane).ceiling.is_zero() {
			Refusal::Later(LANE_CLOSED)
		} else if source != TransactionSource::InBlock && !space.fits(lane, weight, class) {
			Refusal::Later(TOO_HEAVY)
		} else {
			return Ok(());
		};
		Err(refusal.into_error(source))
	}

	/// The place in the pool. A transaction of an account that has used up its allowance goes behind everything
	/// else: at the head of its lane it would only be skipped, and skips are counted.
	fn priority(
		&self,
		lane: Lane,
		who: Option<&T::AccountId>,
		weight: Weight,
		info: &DispatchInfo,
		len: usize,
	) -> u64 {
		let Some(who) = who else { return 0 };
		if lane.is_limited() && !Pallet::<T>::may_spend(who, weight.ref_time()) {
			return 0;
		}
		// A fee of zero: without the virtual tip that the operational class gets for its fee.
		priority(lane, Charge::<T>::get_priority(info, len, self.0.tip(), Zero::zero()))
	}
}

/// The type is the wrapped one's: metadata shows what it would show without lanes.
impl<T: Config> TypeInfo for PayInLane<T>
where
	Charge<T>: StaticTypeInfo,
{
	type Identity = Charge<T>;

	fn type_info() -> scale_info::Type {
		Charge::<T>::type_info()
	}
}

impl<T: Config> Debug for PayInLane<T> {
	fn fmt(&self, f: &mut Formatter) -> FmtResult {
		self.0.fmt(f)
	}
}

/// From validation to preparation.
pub struct Val<T: Config>
where
	CallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
{
	charge: ChargeVal<T>,
	lane: Lane,
	who: Option<T::AccountId>,
}

/// From preparation to the end of the transaction.
pub struct Pre<T: Config>
where
	CallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
{
	charge: ChargePre<T>,
	lane: Lane,
	who: Option<T::AccountId>,
	tip: FeeOf<T>,
	/// The price it was taken in at: prices may not change before it is paid.
	multiplier: FixedU128,
	/// What is booked in the lane.
	booked: Weight,
	/// The part of it that is this extension.
	own: Weight,
}

fn booked<T: Config>(info: &DispatchInfo, len: usize) -> Weight
where
	CallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
{
	calculate_consumed_extrinsic_weight::<CallOf<T>>(&T::BlockWeights::get(), info, len)
}

fn is_payment(error: &TransactionValidityError) -> bool {
	matches!(error, TransactionValidityError::Invalid(InvalidTransaction::Payment))
}

/// Who pays in the end: the call's word counts, but in a free lane the sender pays for what fails whatever it says.
fn settle_pays(lane: Lane, post_info: &PostDispatchInfo, result: &DispatchResult) -> Pays {
	match (lane.is_free(), result.is_ok()) {
		(true, false) => Pays::Yes,
		_ => post_info.pays_fee,
	}
}

impl<T: Config> TransactionExtension<CallOf<T>> for PayInLane<T>
where
	CallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
	Charge<T>: TransactionExtension<CallOf<T>, Implicit = ()> + StaticTypeInfo,
{
	const IDENTIFIER: &'static str = <Charge<T> as TransactionExtension<CallOf<T>>>::IDENTIFIER;
	type Implicit = ();
	type Val = Val<T>;
	type Pre = Pre<T>;

	fn metadata() -> Vec<TransactionExtensionMetadata> {
		Charge::<T>::metadata()
	}

	fn weight(&self, call: &CallOf<T>) -> Weight {
		let lane = T::Classify::lane(call);
		let account = if lane.is_limited() || lane == Lane::RiskDown {
			WeightsOf::<T>::meter_account()
		} else {
			Weight::zero()
		};
		let admit = T::Classify::admit_weight(call);
		WeightsOf::<T>::pay_in_lane().saturating_add(account).saturating_add(admit)
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<CallOf<T>>,
		call: &CallOf<T>,
		info: &DispatchInfoOf<CallOf<T>>,
		len: usize,
		_: (),
		implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, CallOf<T>> {
		let who = frame_system::ensure_signed(origin.clone()).ok();
		let lane = match &who {
			Some(_) => Pallet::<T>::lane_of(call, info.class),
			None => Lane::General,
		};
		if let Some(who) = &who {
			T::Classify::admit(who, call).map_err(|refusal| refusal.into_error(source))?;
		}
		let weight = booked::<T>(info, len);
		Self::check_lane(lane, weight, info.class, source)?;
		let validate_at = |multiplier| {
			priced::<T, _>(multiplier, || {
				self.0.validate(origin.clone(), call, info, len, (), implication, source)
			})
		};
		let multiplier = Pallet::<T>::multiplier(lane);
		let (mut valid, charge, origin) = match validate_at(multiplier) {
			Err(error) if is_payment(&error) && multiplier > usual() => {
				// Who could pay the usual price waits behind everybody until this one has come down.
				let (valid, charge, origin) = validate_at(usual())?;
				if source == TransactionSource::InBlock {
					return Err(InvalidTransaction::Future.into());
				}
				let waiting = ValidTransaction { priority: 0, ..valid };
				return Ok((waiting, Val { charge, lane, who }, origin));
			},
			at_price => at_price?,
		};
		valid.priority = self.priority(lane, who.as_ref(), weight, info, len);
		Ok((valid, Val { charge, lane, who }, origin))
	}

	fn prepare(
		self,
		val: Self::Val,
		origin: &DispatchOriginOf<CallOf<T>>,
		call: &CallOf<T>,
		info: &DispatchInfoOf<CallOf<T>>,
		len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		let Val { charge, lane, who } = val;
		let (booked, own, tip) = (booked::<T>(info, len), self.weight(call), self.0.tip());
		let affordable = match &who {
			Some(who) if lane.is_limited() => Pallet::<T>::spend(who, booked.ref_time()),
			_ => true,
		};
		if !affordable || !Pallet::<T>::enter(lane, booked, info.class) {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		let multiplier = Pallet::<T>::multiplier(lane);
		let charge =
			priced::<T, _>(multiplier, || self.0.prepare(charge, origin, call, info, len))?;
		Ok(Pre { charge, lane, who, tip, multiplier, booked, own })
	}

	fn post_dispatch(
		pre: Self::Pre,
		info: &DispatchInfoOf<CallOf<T>>,
		post_info: &mut PostDispatchInfoOf<CallOf<T>>,
		len: usize,
		result: &DispatchResult,
	) -> Result<(), TransactionValidityError> {
		// Before the fee is computed and the event written, so that both tell the truth.
		post_info.pays_fee = settle_pays(pre.lane, post_info, result);
		let unspent = Self::post_dispatch_details(pre, info, post_info, len, result)?;
		if let Some(actual) = &mut post_info.actual_weight {
			// Saturating for show: the extension's weight is part of it.
			actual.saturating_reduce(unspent);
		}
		Ok(())
	}

	fn post_dispatch_details(
		pre: Self::Pre,
		info: &DispatchInfoOf<CallOf<T>>,
		post_info: &PostDispatchInfoOf<CallOf<T>>,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		let Pre { charge, lane, who, tip, multiplier, booked, own } = pre;
		let mut settled = *post_info;
		settled.pays_fee = settle_pays(lane, post_info, result);
		let (fee, unspent) = priced::<T, _>(multiplier, || {
			let fee = pallet_transaction_payment::Pallet::<T>::compute_actual_fee(
				len as u32, info, &settled, tip,
			);
			let unspent = Charge::<T>::post_dispatch_details(charge, info, &settled, len, result);
			(fee, unspent)
		});
		let unspent = unspent?.min(own);
		// Saturating: at most what was booked.
		let back = post_info.calc_unspent(info).saturating_add(unspent).min(booked);
		let fee = if who.is_some() { fee.unique_saturated_into() } else { 0 };
		Pallet::<T>::leave(lane, back, info.class, result.is_ok(), fee);
		if let Some(who) = who {
			Pallet::<T>::return_allowance(&who, lane, booked.saturating_sub(back), back, result);
		}
		Ok(unspent)
	}
}

impl<T: Config> Pallet<T> {
	/// What an account gets back of its allowance: in a limited lane what it did not need, and for a reduction that
	/// succeeded a part of what that weighed.
	fn return_allowance(
		who: &T::AccountId,
		lane: Lane,
		spent: Weight,
		unspent: Weight,
		result: &DispatchResult,
	) {
		if lane.is_limited() {
			Self::give_back(who, unspent.ref_time());
		} else if lane == Lane::RiskDown && result.is_ok() {
			let credit = Parameters::<T>::get().limit.reduction_credit;
			Self::give_back(who, share_of(credit, spent).ref_time());
		}
	}

	/// The lane of a call of this class that an account signed.
	pub fn lane_of(call: &CallOf<T>, class: DispatchClass) -> Lane {
		match T::Classify::lane(call) {
			// Its weight would be taken from the others, and the reserve would not be there for it.
			Lane::Solvency if class != DispatchClass::Operational => Lane::General,
			lane => lane,
		}
	}

	/// What weight costs in a lane now, over the usual price.
	pub fn multiplier(lane: Lane) -> FixedU128 {
		*Multipliers::<T>::get().get(lane)
	}

	/// Runs a query of the fee pallet (`query_info`, `query_fee_details` ...) at the price of the lane of `call`. In a
	/// free lane that is what has to be there; it is given back if the call succeeds.
	pub fn at_price_of<R>(call: &CallOf<T>, class: DispatchClass, query: impl FnOnce() -> R) -> R {
		priced::<T, R>(Self::multiplier(Self::lane_of(call, class)), query)
	}
}
