// SPDX-License-Identifier: Apache-2.0

//! Weights, measured by `scripts/benchmark` with this runtime in Wasm on ParityDB.
//!
//! Every file but `grandpa_reports.rs` is written by that script: edit the benchmark, not the file.

pub mod block_weights;
pub mod extrinsic_weights;
pub mod frame_system;
pub mod frame_system_extensions;
pub mod grandpa_reports;
pub mod pallet_assets;
pub mod pallet_balances;
pub mod pallet_clearing;
pub mod pallet_grandpa;
pub mod pallet_lanes;
pub mod pallet_liquidation;
pub mod pallet_migrations;
pub mod pallet_multisig;
pub mod pallet_options;
pub mod pallet_order_book;
pub mod pallet_preimage;
pub mod pallet_prices;
pub mod pallet_proxy;
pub mod pallet_safe_mode;
pub mod pallet_scheduler;
pub mod pallet_session;
pub mod pallet_sudo;
pub mod pallet_timestamp;
pub mod pallet_transaction_payment;
pub mod pallet_tx_pause;
pub mod pallet_utility;
pub mod pallet_validators;
// The tool documents the fields of a struct literal.
#[allow(unused_doc_comments)]
pub mod paritydb_weights;

pub use block_weights::BlockExecutionWeight;
pub use extrinsic_weights::ExtrinsicBaseWeight;
pub use paritydb_weights::constants::ParityDbWeight;
