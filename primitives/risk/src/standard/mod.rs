// SPDX-License-Identifier: Apache-2.0
//! Standard margin: any number of underlyings, rules instead of scenarios.

mod account;
mod expiry;
mod model;
mod orders;
mod parameters;
mod slope;
mod strikes;

pub use account::{StandardAccount, StandardExpiry, StandardReport, Underlying, UnderlyingReport};
pub use model::Standard;
pub use parameters::{StandardParameter, StandardParameters};
pub use slope::{StandardBound, StandardBounds};
