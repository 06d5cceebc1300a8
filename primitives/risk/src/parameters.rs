// SPDX-License-Identifier: Apache-2.0
//! The one way parameters are declared: value, default, permitted range and its own error, together.

use crate::{
	AuctionParameter, ConcentrationParameter, DelayParameter, MultiplierParameter,
	PortfolioParameter, Ppb, ScenarioError, StandardParameter,
};

/// A parameter outside its range, by model. Ask the inner value for its `name()` and `range()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterError {
	/// Portfolio margin.
	Portfolio(PortfolioParameter),
	/// One scenario of a grid.
	Scenario(ScenarioError),
	/// Standard margin.
	Standard(StandardParameter),
	/// Liquidation auction.
	Auction(AuctionParameter),
	/// Delay buffer.
	Delay(DelayParameter),
	/// Concentration charge.
	Concentration(ConcentrationParameter),
	/// Margin multiplier.
	Multiplier(MultiplierParameter),
}

/// The permitted values of one parameter, both ends included, in the parameter's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterRange {
	/// Smallest permitted value.
	pub lowest: i64,
	/// Largest permitted value.
	pub highest: i64,
}

/// The number behind a parameter, in its own unit.
pub(crate) trait Parameter: Copy {
	fn number(self) -> i64;
}

impl Parameter for Ppb {
	fn number(self) -> i64 {
		self.0
	}
}

impl Parameter for u32 {
	fn number(self) -> i64 {
		i64::from(self)
	}
}

/// Declares a parameter record, its defaults, one error per parameter, and `validate`.
macro_rules! parameters {
	(
		$(#[$struct_doc:meta])*
		$record:ident, $errors:ident, $wrap:ident;
		$(
			$(#[$doc:meta])*
			$field:ident: $type:ty = $default:expr, $variant:ident in $low:expr, $high:expr;
		)*
	) => {
		$(#[$struct_doc])*
		#[derive(Clone, Copy, Debug, PartialEq, Eq)]
		#[cfg_attr(feature = "codec", derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen, scale_info::TypeInfo))]
		pub struct $record {
			$($(#[$doc])* pub $field: $type,)*
		}

		#[doc = concat!("The parameter of [`", stringify!($record), "`] that is outside its range.")]
		#[derive(Clone, Copy, Debug, PartialEq, Eq)]
		pub enum $errors {
			$(
				#[doc = concat!(
					"`", stringify!($field), "` is outside `", stringify!($low), "` to `", stringify!($high), "`."
				)]
				$variant,
			)*
			/// Two parameters that are each in range contradict each other.
			Inconsistent,
		}

		impl $errors {
			/// Every parameter, in the order of the record.
			pub const ALL: &'static [$errors] = &[$($errors::$variant,)*];

			/// Name of the parameter.
			pub const fn name(self) -> &'static str {
				match self {
					$($errors::$variant => stringify!($field),)*
					$errors::Inconsistent => "combination",
				}
			}

			/// The permitted range, in the parameter's own unit.
			pub const fn range(self) -> $crate::ParameterRange {
				match self {
					$($errors::$variant => $crate::ParameterRange { lowest: $low, highest: $high },)*
					$errors::Inconsistent => $crate::ParameterRange { lowest: 0, highest: 0 },
				}
			}
		}

		impl $record {
			/// The values to start from.
			pub const DEFAULT: $record = $record { $($field: $default,)* };

			/// Refuses the first parameter that is outside its range.
			pub(crate) fn check_ranges(&self) -> Result<(), $crate::ParameterError> {
				$(
					let number = $crate::parameters::Parameter::number(self.$field);
					if !($low..=$high).contains(&number) {
						return Err($crate::ParameterError::$wrap($errors::$variant));
					}
				)*
				Ok(())
			}
		}

		impl Default for $record {
			fn default() -> Self {
				Self::DEFAULT
			}
		}
	};
}

pub(crate) use parameters;
