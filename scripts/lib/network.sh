# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A network for a measurement: a devnet with a state of its own that ends with the script.
# Sourced after common.sh.

readonly BALLAST_LOAD="$CARGO_TARGET_DIR/release/ballast-load"
NETWORK_PID=""
NETWORK_DATA=""

# network_start VALIDATORS RPC_PORT: returns when the first node answers.
network_start() {
	local validators="$1" port="$2"
	for binary in "$BALLAST_BIN" "$BALLAST_LOAD"; do
		[ -x "$binary" ] || die "$binary is missing: build it with ./scripts/devnet or ./scripts/test"
	done
	NETWORK_DATA="$(mktemp -d)"
	trap network_stop EXIT
	# Its progress is not the measurement's output.
	BALLAST_DATA="$NETWORK_DATA" "$BALLAST_ROOT/scripts/devnet" --no-build --no-bot --fresh \
		--validators "$validators" --port-base "$port" >"$NETWORK_DATA/devnet.log" 2>&1 &
	NETWORK_PID=$!
	local i
	for ((i = 0; i < 300; i++)); do
		kill -0 "$NETWORK_PID" 2>/dev/null ||
			die "the network did not start: $(tail -n 3 "$NETWORK_DATA/devnet.log" | tr '\n' ' ')"
		network_finalizes "$port" && return 0
		sleep 1
	done
	die "the network does not finalize; its output: $NETWORK_DATA/devnet.log"
}

# Whether the node on this port has finalized a block after the genesis.
network_finalizes() {
	local head
	head="$(curl -s -m 2 -H 'Content-Type: application/json' \
		-d '{"jsonrpc":"2.0","id":1,"method":"chain_getFinalizedHead","params":[]}' "http://127.0.0.1:$1")" || return 1
	head="$(printf '%s' "$head" | sed -n 's/.*"result":"\(0x[0-9a-f]*\)".*/\1/p')"
	[ -n "$head" ] || return 1
	curl -s -m 2 -H 'Content-Type: application/json' \
		-d '{"jsonrpc":"2.0","id":1,"method":"chain_getHeader","params":["'"$head"'"]}' "http://127.0.0.1:$1" |
		grep -q '"number":"0x[1-9a-f]'
}

network_stop() {
	[ -z "$NETWORK_PID" ] || { kill -TERM "$NETWORK_PID" 2>/dev/null && wait "$NETWORK_PID" 2>/dev/null; } || true
	[ -z "$NETWORK_DATA" ] || rm -rf "$NETWORK_DATA"
}
