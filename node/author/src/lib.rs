// SPDX-License-Identifier: Apache-2.0
//! Offers the author transactions lane by lane.
