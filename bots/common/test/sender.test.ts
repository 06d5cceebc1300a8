// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { Block, Session } from '../src/chain.js';
import { Sender, type Transaction } from '../src/sender.js';

/** What the metadata says of every error. */
const META = { section: 'liquidation', name: 'ShareTooSmall', docs: ['The share rounds to nothing:', 'ask for more.'] };

/** A node that takes what it is told to take. */
class FakeNode {
	next = 5;
	number = 1;
	readonly nonces: number[] = [];
	refuse: (nonce: number) => string | null = () => null;
	#listener: (block: Block) => void = () => {};

	/** Puts the transactions with these hashes into a block. */
	block(transactions: string[] = [], events: Block['events'] = [], fork = ''): void {
		this.number += 1;
		this.#listener({ number: this.number, hash: `${this.number}${fork}`, transactions, events });
	}

	async sender(limit = 8, isExpected?: (message: string) => boolean): Promise<Sender> {
		const rpc = {
			system: { accountNextIndex: async () => ({ toNumber: () => this.next }) },
			author: {
				submitExtrinsic: async ({ nonce }: { nonce: number }) => {
					this.nonces.push(nonce);
					const refusal = this.refuse(nonce);
					if (refusal !== null) {
						throw new Error(refusal);
					}
				},
			},
		};
		const registry = {
			createType: (_: string, { current }: { current: number }) => current,
			findMetaError: () => META,
		};
		const session = {
			api: { rpc, registry, genesisHash: '', runtimeVersion: {} },
			onBlock: (listener: (block: Block) => void) => (this.#listener = listener),
		};
		const sender = new Sender(session as unknown as Session, { address: 'me' } as KeyringPair, limit, isExpected);
		this.block();
		await sender.prepare();
		return sender;
	}
}

function transaction(hash: string): Transaction {
	const tx = {
		nonce: -1,
		hash: { toHex: () => hash },
		sign: (_: unknown, { nonce }: { nonce: number }) => (tx.nonce = nonce),
	};
	return tx as unknown as Transaction;
}

/** Sends a transaction; the hash and the number of the block that it is born in. */
function birth(sender: Sender): unknown[] {
	const born: unknown[] = [];
	const sign = (_: unknown, { blockHash, era }: Record<string, unknown>): number => born.push(blockHash, era);
	void sender.send({ hash: { toHex: () => 'born' }, sign } as unknown as Transaction);
	return born;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('nonces follow each other and a block settles what is in it', async () => {
	const node = new FakeNode();
	const sender = await node.sender();
	const one = sender.send(transaction('a'));
	const two = sender.send(transaction('b'));
	assert.deepEqual(node.nonces, [5, 6]);
	assert.equal(sender.inFlight, 2);
	node.block(['x', 'a']);
	assert.deepEqual(await one, { error: null, items: [] });
	assert.equal(sender.inFlight, 1);
	node.block(['b']);
	assert.deepEqual(await two, { error: null, items: [] });
});

test('a transaction is born four blocks before the newest, on the fork that won', async () => {
	const node = new FakeNode();
	const sender = await node.sender(100);
	assert.deepEqual(birth(sender), ['2', 2]);
	for (let number = 3; number <= 6; number += 1) {
		node.block();
	}
	assert.deepEqual(birth(sender), ['2', 2]);
	node.block();
	node.block();
	assert.deepEqual(birth(sender), ['4', 4]);
	node.number = 3;
	for (let number = 4; number <= 9; number += 1) {
		node.block([], [], '-other');
	}
	assert.deepEqual(birth(sender), ['5-other', 5]);
});

test('there is room for as many as the limit', async () => {
	const node = new FakeNode();
	const sender = await node.sender(2);
	assert.equal(sender.room, 2);
	void sender.send(transaction('a'));
	void sender.send(transaction('b'));
	assert.equal(sender.room, 0);
	node.block(['a']);
	assert.equal(sender.room, 1);
});

test('the nonce of a refused transaction goes to the next one, as later ones wait for it', async () => {
	const node = new FakeNode();
	const sender = await node.sender();
	node.refuse = (nonce) => (nonce === 5 ? '1010: Invalid Transaction: Exhausts' : null);
	const refused = sender.send(transaction('a'));
	void sender.send(transaction('b'));
	assert.match((await refused).error ?? '', /^refused: 1010/);
	node.refuse = () => null;
	void sender.send(transaction('c'));
	void sender.send(transaction('d'));
	assert.deepEqual(node.nonces, [5, 6, 5, 7]);
});

test('a transaction that the pool says it has is waited for', async () => {
	const node = new FakeNode();
	const sender = await node.sender();
	node.refuse = () => '1013: Transaction Already Imported';
	const sent = sender.send(transaction('a'));
	await turn();
	assert.equal(sender.inFlight, 1);
	node.block(['a']);
	assert.equal((await sent).error, null);
});

test('after the refusal of the last transaction the node is asked for the nonce', async () => {
	const node = new FakeNode();
	const sender = await node.sender();
	node.refuse = () => 'no';
	await sender.send(transaction('a'));
	assert.equal(sender.room, 0);
	node.refuse = () => null;
	node.next = 9;
	await sender.prepare();
	void sender.send(transaction('b'));
	assert.deepEqual(node.nonces, [5, 9]);
});

test('a nonce that another has used makes it count anew and forget what it waits for', async () => {
	const node = new FakeNode();
	const sender = await node.sender();
	const waiting = sender.send(transaction('a'));
	node.refuse = () => '1010: Invalid Transaction: Transaction is outdated';
	await sender.send(transaction('b'));
	assert.deepEqual(await waiting, { error: 'lost', items: [] });
	assert.equal(sender.inFlight, 0);
});

test('what does not get into a block in time is lost', async () => {
	const node = new FakeNode();
	const sender = await node.sender();
	const lost = sender.send(transaction('a'));
	for (let passed = 0; passed < 25; passed += 1) {
		node.block();
	}
	assert.deepEqual(await lost, { error: 'lost', items: [] });
	await turn();
	assert.equal(sender.room, 0);
	await sender.prepare();
	assert.equal(sender.room, 8);
});

test('an error comes with its name and what the metadata says', async () => {
	const node = new FakeNode();
	const sender = await node.sender();
	const sent = sender.send(transaction('a'));
	const fields = { dispatchError: { isModule: true, asModule: {} } };
	node.block(['a'], [{ transaction: 0, name: 'system.ExtrinsicFailed', fields }] as unknown as Block['events']);
	assert.deepEqual(await sent, {
		error: 'liquidation.ShareTooSmall',
		docs: 'The share rounds to nothing: ask for more.',
		items: [],
	});
});

test('a refusal is worth a line, unless it is expected', async (context) => {
	const said = context.mock.method(console, 'error', () => {});
	const node = new FakeNode();
	const sender = await node.sender(8, (message) => /1011/.test(message));
	node.refuse = () => '1011: Unknown Transaction Validity: Custom, 4';
	assert.match((await sender.send(transaction('a'))).error ?? '', /^refused: 1011/);
	assert.equal(said.mock.callCount(), 0);
	await sender.prepare();
	node.refuse = () => '1010: Invalid Transaction: Inability to pay some fees';
	await sender.send(transaction('b'));
	assert.match(String(said.mock.calls[0]?.arguments[0]), /refused a transaction: 1010/);
});
