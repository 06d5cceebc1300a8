// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { findEvent, sendAndWait, signAndWait } from '../lib/transactions.js';
import { useNodes } from '../lib/suite.js';

const BAL = 10n ** 12n;

/** Free balances of `accounts` at a block. */
async function freeAt(api, hash, accounts) {
	const { query } = await api.at(hash);
	const infos = await Promise.all(accounts.map(({ address }) => query.system.account(address)));
	return infos.map(({ data }) => data.free.toBigInt());
}

const parentOf = async (api, hash) => (await api.rpc.chain.getHeader(hash)).parentHash;

describe('transfers signed by polkadot.js', () => {
	const nodes = useNodes();
	const [alice, eve, ferdie] = ['//Alice', '//Eve', '//Ferdie'].map(account);
	let node;
	let api;

	before(async () => {
		node = await nodes.start();
		api = await node.api();
	});

	it('moves the value, and the fee to the author, to the last unit', async () => {
		const value = 3n * BAL + 1n;
		const tip = 7n;
		const transfer = api.tx.balances.transferKeepAlive(ferdie.address, value);
		const { blockHash, events } = await signAndWait(api, transfer, eve, { tip });
		const [who, actualFee, paidTip] = findEvent(events, 'transactionPayment.TransactionFeePaid').data;
		assert.equal(who.toString(), eve.address);
		assert.equal(paidTip.toBigInt(), tip);

		const parent = await parentOf(api, blockHash);
		const accounts = [eve, ferdie, alice];
		const before = await freeAt(api, parent, accounts);
		const after = await freeAt(api, blockHash, accounts);
		const fee = actualFee.toBigInt();
		assert.ok(fee > tip, 'the fee is more than the tip');
		assert.deepEqual(
			after.map((free, index) => free - before[index]),
			[-value - fee, value, fee],
		);
		const issuance = (hash) => api.at(hash).then((at) => at.query.balances.totalIssuance());
		assert.equal(`${await issuance(blockHash)}`, `${await issuance(parent)}`);
	});

	it('costs what the dry run says, less the weight given back', async () => {
		const transfer = api.tx.balances.transferKeepAlive(ferdie.address, BAL);
		const signed = await transfer.signAsync(eve);
		const { blockHash, events } = await sendAndWait(api, signed);
		const parent = await parentOf(api, blockHash);

		const { call } = await api.at(parent);
		const calls = call.transactionPaymentApi;
		const transaction = [signed.toU8a(), signed.encodedLength];
		const { partialFee, weight } = await calls.queryInfo(...transaction);
		const byRpc = await node.rpc('payment_queryInfo', signed.toHex(), parent);
		assert.equal(byRpc.partialFee, partialFee.toString());
		const details = await calls.queryFeeDetails(...transaction);
		const { baseFee, lenFee, adjustedWeightFee } = details.inclusionFee.unwrap();
		const parts = [baseFee, lenFee, adjustedWeightFee].map((part) => part.toBigInt());
		assert.equal(
			parts.reduce((sum, part) => sum + part),
			partialFee.toBigInt(),
		);

		// The event counts the weight of every transaction in, the dry run charges it as `baseFee`.
		const base = api.consts.system.blockWeights.perClass.normal.baseExtrinsic.refTime.toBigInt();
		const { weight: charged } = findEvent(events, 'system.ExtrinsicSuccess').data[0];
		const used = charged.refTime.toBigInt() - base;
		assert.ok(used <= weight.refTime.toBigInt(), `used ${used}, dry run ${weight.refTime}`);
		const paid = findEvent(events, 'transactionPayment.TransactionFeePaid').data[1].toBigInt();
		const returned = partialFee.toBigInt() - paid;
		const unused = (parts[2] * (weight.refTime.toBigInt() - used)) / weight.refTime.toBigInt();
		assert.ok(returned >= 0n, `paid ${paid}, dry run ${partialFee}`);
		// Weight given back after the fee was settled gives no money back; rounding is one unit a part.
		assert.ok(returned <= unused + 2n, `returned ${returned}, unused weight is worth ${unused}`);
	});

	it('charges the fee and moves nothing when the value is not there', async () => {
		const poor = account('//Eve//empty-handed');
		await signAndWait(api, api.tx.balances.transferKeepAlive(poor.address, BAL), eve);
		const transfer = api.tx.balances.transferAllowDeath(ferdie.address, 2n * BAL);
		const failure = await signAndWait(api, transfer, poor).then(assert.fail, (error) => error);
		assert.equal(failure.code, 'Token.FundsUnavailable');

		const { blockHash, events } = failure.outcome;
		const fee = findEvent(events, 'transactionPayment.TransactionFeePaid').data[1].toBigInt();
		const accounts = [poor, ferdie];
		const before = await freeAt(api, await parentOf(api, blockHash), accounts);
		const after = await freeAt(api, blockHash, accounts);
		assert.deepEqual(after, [before[0] - fee, before[1]]);
	});

	it('is final soon after', async () => {
		const transfer = api.tx.balances.transferKeepAlive(ferdie.address, BAL);
		const { blockHash } = await signAndWait(api, transfer, eve, { finalized: true });
		const number = (await api.rpc.chain.getHeader(blockHash)).number.toNumber();
		assert.equal(await node.rpc('chain_getBlockHash', number), blockHash);
	});
});
