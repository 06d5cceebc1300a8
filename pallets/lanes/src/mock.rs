// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet, fees, wrappers (utility, sudo, scheduler) and an exchange whose calls do what they are told. Blocks
//! and transactions go through hooks and extensions as `frame-executive` takes them.

use crate as pallet_lanes;
use crate::{Classify, Lane, LaneParameters, PayInLane, Pressure, Refusal};
use codec::Encode;
use frame_support::{
	derive_impl,
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo},
	parameter_types,
	storage::{with_transaction_unchecked, TransactionOutcome},
	traits::{ConstU128, ConstU32, ConstU8, EqualPrivilegeOnly, OnFinalize, OnIdle, OnInitialize},
	weights::{Weight, WeightMeter, WeightToFee},
};
use frame_system::{limits::BlockWeights, CheckNonce, CheckWeight, EnsureRoot, WeightReclaim};
use pallet_transaction_payment::{ConstFeeMultiplier, FungibleAdapter, Multiplier};
use sp_runtime::{
	traits::{DispatchTransaction, TransactionExtension},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	ApplyExtrinsicResult, BuildStorage, FixedU128, Perbill,
};
use std::cell::RefCell;

pub use exchange::Fate;

pub type AccountId = u64;

/// An exchange of which only the weights and the outcomes matter.
#[frame_support::pallet(dev_mode)]
pub mod exchange {
	use frame_support::{
		dispatch::{DispatchErrorWithPostInfo, DispatchResultWithPostInfo, Pays, PostDispatchInfo},
		pallet_prelude::*,
	};
	use frame_system::pallet_prelude::*;

	/// What becomes of a call.
	#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
	pub struct Fate {
		/// Whether it succeeds.
		pub succeeds: bool,
		/// The weight it says it took.
		pub actual: Option<Weight>,
		/// It says that nobody pays.
		pub claims_free: bool,
		/// In a free lane: it succeeds and did nothing, and says so.
		pub is_idle: bool,
	}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	/// A call of a free lane says that nobody pays if it did something.
	fn end_free(weight: Weight, fate: Fate) -> DispatchResultWithPostInfo {
		let claims_free = fate.claims_free || (fate.succeeds && !fate.is_idle);
		end(weight, Fate { claims_free, ..fate })
	}

	fn end(weight: Weight, fate: Fate) -> DispatchResultWithPostInfo {
		let pays_fee = if fate.claims_free { Pays::No } else { Pays::Yes };
		let post_info =
			PostDispatchInfo { actual_weight: Some(fate.actual.unwrap_or(weight)), pays_fee };
		if fate.succeeds {
			Ok(post_info)
		} else {
			let error = DispatchError::Other("told to fail");
			Err(DispatchErrorWithPostInfo { post_info, error })
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		#[pallet::weight((*weight, DispatchClass::Operational))]
		pub fn bid(_: OriginFor<T>, weight: Weight, fate: Fate) -> DispatchResultWithPostInfo {
			end_free(weight, fate)
		}

		/// Classified as solvency by mistake: its class is normal.
		#[pallet::weight(*weight)]
		pub fn normal_bid(
			_: OriginFor<T>,
			weight: Weight,
			fate: Fate,
		) -> DispatchResultWithPostInfo {
			end(weight, fate)
		}

		#[pallet::weight(*weight)]
		pub fn cancel(_: OriginFor<T>, weight: Weight, fate: Fate) -> DispatchResultWithPostInfo {
			end_free(weight, fate)
		}

		#[pallet::weight(*weight)]
		pub fn quote(_: OriginFor<T>, weight: Weight, fate: Fate) -> DispatchResultWithPostInfo {
			end(weight, fate)
		}

		#[pallet::weight(*weight)]
		pub fn take(_: OriginFor<T>, weight: Weight, fate: Fate) -> DispatchResultWithPostInfo {
			end(weight, fate)
		}

		#[pallet::weight(*weight)]
		pub fn other(_: OriginFor<T>, weight: Weight, fate: Fate) -> DispatchResultWithPostInfo {
			end(weight, fate)
		}
	}
}

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(3)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(4)]
	pub type Sudo = pallet_sudo;
	#[runtime::pallet_index(5)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(6)]
	pub type Exchange = exchange;
	#[runtime::pallet_index(54)]
	pub type Lanes = pallet_lanes;
}

/// A picosecond of weight costs one unit: a millisecond this many.
pub const MS: u64 = 1_000_000_000;
/// Execution time of a block.
pub const BLOCK: u64 = 200 * MS;
/// Execution time of the normal class.
pub const NORMAL: u64 = 150 * MS;
/// What the operational class may use in a full block.
pub const SPARE: u64 = 50 * MS;
/// Storage proof of a block.
pub const PROOF: u64 = 100_000_000;
/// Base weight of a transaction.
pub const BASE: u64 = MS / 10;
/// Length of every transaction here.
pub const LEN: usize = 100;
/// What every account begins with.
pub const RICH: u128 = 1_000_000_000_000_000_000;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
/// Accounts with money have numbers up to this one.
pub const LAST_ACCOUNT: AccountId = 200;

fn block_weights() -> BlockWeights {
	let block = Weight::from_parts(BLOCK, PROOF);
	BlockWeights::builder()
		.base_block(Weight::zero())
		.for_class(DispatchClass::all(), |class| {
			class.base_extrinsic = Weight::from_parts(BASE, 0);
		})
		.for_class(DispatchClass::Normal, |class| {
			class.max_total = Some(Perbill::from_percent(75) * block);
		})
		.for_class(DispatchClass::Operational, |class| {
			class.max_total = Some(block);
			class.reserved = Some(Perbill::from_percent(25) * block);
		})
		.avg_block_initialization(Perbill::from_percent(0))
		.build_or_panic()
}

parameter_types! {
	pub Limits: BlockWeights = block_weights();
	pub const One: Multiplier = Multiplier::from_u32(1);
	pub SchedulerWeight: Weight = Weight::from_parts(BLOCK, PROOF);
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u128>;
	type Block = frame_system::mocking::MockBlock<Test>;
	type BlockWeights = Limits;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
}

/// Weight in picoseconds, or bytes, is the fee.
pub struct Linear;

impl WeightToFee for Linear {
	type Balance = u128;

	fn weight_to_fee(weight: &Weight) -> u128 {
		u128::from(weight.ref_time())
	}
}

impl pallet_transaction_payment::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ()>;
	type WeightToFee = Linear;
	type LengthToFee = Linear;
	type FeeMultiplierUpdate = ConstFeeMultiplier<One>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = ();
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_transaction_payment::BenchmarkConfig for Test {}

impl pallet_utility::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = ();
}

impl pallet_sudo::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = ();
}

impl pallet_scheduler::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = SchedulerWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type MaxScheduledPerBlock = ConstU32<10>;
	type WeightInfo = ();
	type Preimages = ();
	type BlockNumberProvider = System;
}

impl exchange::Config for Test {}

impl pallet_lanes::Config for Test {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Classify = ByCall;
	type Pressure = Told;
	type WeightInfo = ();
}

/// What tests decide.
#[derive(Clone)]
pub struct State {
	pub backlog: u32,
	pub capacity: u32,
	pub volatility: FixedU128,
	pub refusal: Option<Refusal>,
	/// Weight of hooks and inherents of each block.
	pub mandatory: Weight,
}

impl Default for State {
	fn default() -> Self {
		let (volatility, mandatory) = (FixedU128::from_u32(1), Weight::zero());
		Self { backlog: 0, capacity: 10, volatility, refusal: None, mandatory }
	}
}

thread_local! {
	static STATE: RefCell<State> = RefCell::default();
}

pub fn state<R>(f: impl FnOnce(&mut State) -> R) -> R {
	STATE.with(|state| f(&mut state.borrow_mut()))
}

/// Looks at the call and not inside it.
pub struct ByCall;

impl Classify<RuntimeCall, AccountId> for ByCall {
	fn lane(call: &RuntimeCall) -> Lane {
		use exchange::Call;
		match call {
			RuntimeCall::Exchange(Call::bid { .. } | Call::normal_bid { .. }) => Lane::Solvency,
			RuntimeCall::Exchange(Call::cancel { .. }) => Lane::RiskDown,
			RuntimeCall::Exchange(Call::quote { .. }) => Lane::Makers,
			RuntimeCall::Exchange(Call::take { .. }) => Lane::Takers,
			_ => Lane::General,
		}
	}

	fn admit(_: &AccountId, _: &RuntimeCall) -> Result<(), Refusal> {
		state(|state| state.refusal.map_or(Ok(()), Err))
	}

	fn admit_weight(_: &RuntimeCall) -> Weight {
		Weight::from_parts(1_000_000, 100)
	}
}

pub struct Told;

impl Pressure for Told {
	fn backlog() -> u32 {
		state(|state| state.backlog)
	}

	fn capacity() -> u32 {
		state(|state| state.capacity)
	}

	fn realised_vol_ratio() -> FixedU128 {
		state(|state| state.volatility)
	}
}

/// What surrounds a transaction, in the order of the runtime.
pub type Extension = (CheckNonce<Test>, CheckWeight<Test>, PayInLane<Test>, WeightReclaim<Test>);

/// A transaction that somebody signed.
#[derive(Clone, Debug)]
pub struct Tx {
	pub who: AccountId,
	pub call: RuntimeCall,
	pub tip: u128,
}

pub fn extension(who: AccountId, tip: u128) -> Extension {
	let nonce = System::account_nonce(who);
	(CheckNonce::from(nonce), CheckWeight::new(), PayInLane::from(tip), WeightReclaim::new())
}

/// What a call that succeeds, of that weight in milliseconds, is.
pub fn call_of(lane: Lane, millis: u64) -> RuntimeCall {
	call(lane, Weight::from_parts(millis * MS, 0), done())
}

pub fn done() -> Fate {
	Fate { succeeds: true, actual: None, claims_free: false, is_idle: false }
}

pub fn failed() -> Fate {
	Fate { succeeds: false, ..done() }
}

pub fn call(lane: Lane, weight: Weight, fate: Fate) -> RuntimeCall {
	use exchange::Call;
	RuntimeCall::Exchange(match lane {
		Lane::Solvency => Call::bid { weight, fate },
		Lane::RiskDown => Call::cancel { weight, fate },
		Lane::Makers => Call::quote { weight, fate },
		Lane::Takers => Call::take { weight, fate },
		Lane::General => Call::other { weight, fate },
	})
}

impl Tx {
	pub fn new(who: AccountId, call: RuntimeCall) -> Self {
		Self { who, call, tip: 0 }
	}

	pub fn tip(self, tip: u128) -> Self {
		Self { tip, ..self }
	}

	pub fn info(&self) -> DispatchInfo {
		let mut info = self.call.get_dispatch_info();
		info.extension_weight = extension(self.who, self.tip).weight(&self.call);
		info
	}

	/// What it books.
	pub fn booked(&self) -> Weight {
		self.info().total_weight() + Weight::from_parts(BASE, LEN as u64)
	}

	/// As the pool sees it.
	pub fn validate(&self) -> Result<ValidTransaction, TransactionValidityError> {
		let (origin, info) = (Some(self.who).into(), self.info());
		let source = TransactionSource::External;
		let outcome = extension(self.who, self.tip)
			.validate_only(origin, &self.call, &info, LEN, source, 0)?;
		Ok(outcome.0)
	}

	pub fn priority(&self) -> u64 {
		self.validate().unwrap().priority
	}

	/// As an author puts it into a block: what is refused leaves no trace.
	pub fn apply(&self) -> ApplyExtrinsicResult {
		with_transaction_unchecked(|| {
			let (origin, info) = (Some(self.who).into(), self.info());
			let extension = extension(self.who, self.tip);
			match extension.dispatch_transaction(origin, self.call.clone(), &info, LEN, 0) {
				Ok(result) => {
					System::note_applied_extrinsic(&result, info);
					TransactionOutcome::Commit(Ok(result.map(|_| ()).map_err(|it| it.error)))
				},
				Err(error) => TransactionOutcome::Rollback(Err(error)),
			}
		})
	}
}

/// Sends a call that succeeds, of that weight in milliseconds.
pub fn send(who: AccountId, lane: Lane, millis: u64) -> ApplyExtrinsicResult {
	Tx::new(who, call_of(lane, millis)).apply()
}

/// Fills a lane with transactions of `millis` of ever other accounts, and says how many it took.
pub fn fill(lane: Lane, millis: u64) -> u32 {
	let taken = (10..=LAST_ACCOUNT).take_while(|who| send(*who, lane, millis).is_ok());
	taken.count() as u32
}

pub fn used(lane: Lane) -> Weight {
	crate::CurrentUse::<Test>::get().lanes.get(lane).used
}

pub fn end_block() {
	let now = System::block_number();
	let left = Limits::get().max_block.saturating_sub(System::block_weight().total());
	if left.all_gt(Weight::zero()) {
		let idle = AllPalletsWithSystem::on_idle(now, left);
		System::register_extra_weight_unchecked(idle, DispatchClass::Mandatory);
	}
	AllPalletsWithSystem::on_finalize(now);
	System::finalize();
}

pub fn begin_block() {
	let next = System::block_number() + 1;
	System::initialize(&next, &Default::default(), &Default::default());
	let weight = AllPalletsWithSystem::on_initialize(next);
	System::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
	let mandatory = state(|state| state.mandatory);
	System::register_extra_weight_unchecked(mandatory, DispatchClass::Mandatory);
}

pub fn next_block() {
	end_block();
	begin_block();
}

pub fn blocks(n: u32) {
	(0..n).for_each(|_| next_block());
}

/// A meter for all the weight in the world.
pub fn unlimited() -> WeightMeter {
	WeightMeter::new()
}

pub fn balance(who: AccountId) -> u128 {
	Balances::free_balance(who)
}

pub fn encoded<E: Encode>(value: E) -> Vec<u8> {
	value.encode()
}

#[derive(Default)]
pub struct Builder {
	parameters: LaneParameters,
}

impl Builder {
	pub fn with(mut self, change: impl FnOnce(&mut LaneParameters)) -> Self {
		change(&mut self.parameters);
		self
	}

	/// Everybody may spend all the normal class has in every block.
	pub fn without_limit(self) -> Self {
		self.with(|parameters| {
			parameters.limit.cap = Perbill::one();
			parameters.limit.refill = Perbill::one();
		})
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		let balances = (1..=LAST_ACCOUNT).map(|who| (who, RICH)).collect();
		pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
			.assimilate_storage(&mut storage)
			.unwrap();
		pallet_sudo::GenesisConfig::<Test> { key: Some(ALICE) }
			.assimilate_storage(&mut storage)
			.unwrap();
		pallet_lanes::GenesisConfig::<Test> {
			parameters: self.parameters,
			_config: Default::default(),
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		let mut ext: sp_io::TestExternalities = storage.into();
		ext.execute_with(|| {
			state(|state| *state = State::default());
			begin_block();
		});
		ext
	}

	/// Runs a test and checks the invariants in the last block and after it.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Lanes::do_try_state().unwrap();
			next_block();
			Lanes::do_try_state().unwrap();
		});
	}
}
