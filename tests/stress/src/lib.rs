// SPDX-License-Identifier: Apache-2.0
//! A crash under load: a real node, or the runtime in process, with and without lanes.
