// SPDX-License-Identifier: Apache-2.0
//! Polynomial tables, made by `scripts/coefficients`.

pub mod exponential;
pub mod logarithm;
pub mod normal;
pub mod square_root;
