// SPDX-License-Identifier: Apache-2.0
//! Bids in auctions from a validator's own account.
