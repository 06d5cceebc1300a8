// SPDX-License-Identifier: Apache-2.0

//! The configuration of each pallet, by theme.

mod accounts;
mod consensus;
mod emergency;
mod exchange;
pub mod lanes;
mod money;
mod system;

pub use accounts::ProxyType;
pub use exchange::{liquidate, ProtocolBudget};
pub use system::RuntimeBlockWeights;
