// SPDX-License-Identifier: Apache-2.0
//! Option pricing in integers: Black-76, greeks, implied volatility, SVI, arbitrage checks.
//!
//! Every function gives the same bits natively and in WebAssembly, on every machine. Prices are
//! decimal ([`Price`], pico-USD), dimensionless numbers binary ([`Fixed`], the scale in the type).
//! Outside its stated range a function returns an [`Error`] or a documented saturation.
//!
//! ```
//! use ballast_pricing::{black76, Price, Time, Vol};
//!
//! # fn main() -> ballast_pricing::Result<()> {
//! let forward = Price::from_usd(95_000)?;
//! let strike = Price::from_usd(100_000)?;
//! let vol = Vol::from_ppb(620_000_000)?;
//! let total_vol = black76::total_vol(vol, Time::from_seconds(30 * 86_400)?)?;
//! let value = black76::call_put(forward, strike, total_vol)?;
//! assert_eq!(value.call.to_micro_usd_floor(), 4_689_455_253);
//! # Ok(())
//! # }
//! ```
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod arbitrage;
pub mod black76;
mod error;
mod exp;
mod fixed;
mod greeks;
pub mod implied;
mod ln;
pub mod normal;
mod price;
mod scaled;
mod sigma;
mod sqrt;
mod svi;
mod tables;
mod time;
mod wide;

pub use error::{Error, Result};
pub use exp::{discount_factor, exp, exp_negative, pow};
pub use fixed::{
	Discount, Fixed, LogMoneyness, Probability, Ratio, Real, TotalVol, Unit, Variance, Vol,
};
pub use greeks::{greeks, Greeks, GREEK_UNIT};
pub use ln::ln;
pub use price::{ln_ratio, Price};
pub use sigma::Sigma;
pub use sqrt::{hypotenuse, sqrt};
pub use svi::{PreparedSlice, SviSlice};
pub use time::{Time, YEAR_MILLIS};
