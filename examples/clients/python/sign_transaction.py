#!/usr/bin/env python3
"""Builds, signs and verifies transactions of the ledger from what schema/ledger.proto says, and nothing else.

    sign_transaction.py transfer TRANSFER.json   prints the signed transaction, its id and the signature
    sign_transaction.py verify PROOF             checks a proof of inclusion, offline

TRANSFER.json says who pays whom what: seed, party, chain, salt, idempotencyKey, fromMs, untilMs, effectiveOnDays, anchor
{height, block}, inputs [{transaction, index}], asset, outputs [{owner, amount}]. Bytes are hexadecimal, and addresses are
their 32 bytes. A real client draws the salt from a random generator. Needs `pip install cryptography`.
"""
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

CHAIN, SUBMITTER, COMMAND_ID, TIME_WINDOW, EFFECTIVE_ON, ANCHOR, INPUT, OUTPUT, COMMAND = 1, 2, 3, 4, 5, 6, 7, 9, 10
NO_FIELD = 2**32 - 1


# ------------------------------------------------------------------ canonical protobuf

def varint(number):
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def message(**fields):
    """The fields `f1`, `f2`, … in ascending order, defaults left out; a list repeats its field."""
    out = b""
    for number, value in sorted((int(name[1:]), value) for name, value in fields.items()):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, int):
                out += varint(number << 3) + varint(item) if item else b""
            elif item or isinstance(value, list):
                item = item.encode() if isinstance(item, str) else item
                out += varint(number << 3 | 2) + varint(len(item)) + item
    return out


def read_varint(data, place):
    number = shift = 0
    while True:
        byte, place = data[place], place + 1
        number, shift = number | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            return number, place


def records(data):
    """The fields of a message as (number, value, tag and value as they stand)."""
    place, found = 0, []
    while place < len(data):
        start = place
        tag, place = read_varint(data, place)
        value, place = read_varint(data, place)
        if tag & 7 == 2:
            value, place = data[place:place + value], place + value
        elif tag & 7 != 0:
            raise ValueError("a wire type that the ledger does not use")
        found.append((tag >> 3, value, data[start:place]))
    if place != len(data):
        raise ValueError("a message is cut off")
    return found


def field(data, number, default=b""):
    return next((value for found, value, _ in records(data) if found == number), default)


# ------------------------------------------------------------------ hashes, as the head of schema/ledger.proto has them

def sha256(data):
    return hashlib.sha256(data).digest()


def tagged(domain):
    return b"hivechain/" + domain.encode() + b"\0"


def h(domain, *parts):
    return sha256(tagged(domain) + b"".join(len(part).to_bytes(8, "big") + part for part in parts))


def f(domain, *parts):
    return sha256(tagged(domain) + b"".join(parts))


def leaf(domain, *parts):
    return sha256(b"\0" + tagged(domain) + b"".join(parts))


def u32(number):
    return number.to_bytes(4, "big")


def split(count):
    """The largest power of two below a count of at least 2."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return sha256(b"\1" + root(leaves[:middle]) + root(leaves[middle:]))


def root_of_path(own, index, count, path):
    if not 0 <= index < count:
        raise ValueError("no such leaf")
    if count == 1:
        if path:
            raise ValueError("the path is too long")
        return own
    middle = split(count)
    if index < middle:
        return sha256(b"\1" + root_of_path(own, index, middle, path[:-1]) + path[-1])
    return sha256(b"\1" + path[-1] + root_of_path(own, index - middle, count - middle, path[:-1]))


# ------------------------------------------------------------------ transactions

def salt_of(salt, component, record=NO_FIELD):
    return f("salt", salt, u32(component), u32(record))


def state_digest(state, salt, component):
    data = field(state, 6)
    frame = b"".join(record for number, _, record in records(state) if number != 6)
    leaves = [leaf("field", salt_of(salt, component, j), record) for j, (_, _, record) in enumerate(records(data))]
    return f("state", u32(len(leaves)), root(leaves), frame)


def transaction_id(transaction):
    salt, leaves = field(transaction, 1), []
    for place, component in enumerate(value for number, value, _ in records(transaction) if number == 2):
        kind, body = field(component, 1), field(component, 2)
        content = state_digest(body, salt, place) if kind == OUTPUT else body
        leaves.append(leaf("component", bytes([kind]), salt_of(salt, place), content))
    return f("transaction", u32(len(leaves)), root(leaves))


def transfer(wish):
    """A transfer of tokens, signed by the party that owns them."""
    text = lambda name: bytes.fromhex(wish[name])
    chain, party, asset = text("chain"), text("party"), text("asset")
    inputs = [message(f1=bytes.fromhex(held["transaction"]), f2=held["index"]) for held in wish["inputs"]]
    outputs = [
        message(f1="token@1", f2="holding", f3=bytes.fromhex(to["owner"]), f6=message(f1=asset, f2=to["amount"]))
        for to in wish["outputs"]
    ]
    days, anchor = wish["effectiveOnDays"], wish["anchor"]
    components = [
        (CHAIN, chain),
        (SUBMITTER, party),
        (COMMAND_ID, h("command", chain, party, wish["idempotencyKey"].encode())),
        (TIME_WINDOW, message(f1=wish["fromMs"], f2=wish["untilMs"])),
        (EFFECTIVE_ON, message(f1=days * 2 if days >= 0 else -days * 2 - 1)),
        (ANCHOR, message(f1=anchor["height"], f2=bytes.fromhex(anchor["block"]))),
        *((INPUT, body) for body in inputs),
        *((OUTPUT, body) for body in outputs),
        (COMMAND, message(f1="token@1", f2="transfer")),
    ]
    transaction = message(f1=text("salt"), f2=[message(f1=kind, f2=body) for kind, body in components])
    own_id, key = transaction_id(transaction), Ed25519PrivateKey.from_private_bytes(text("seed"))
    signature = key.sign(signing_bytes(chain, own_id, party))
    given = message(f1=party, f2=key.public_key().public_bytes_raw(), f3=signature)
    signed = message(f1=transaction, f2=[given])
    return {"id": own_id.hex(), "signature": signature.hex(), "signedTransaction": signed.hex()}


def signing_bytes(chain, own_id, party):
    return tagged("signature") + chain + own_id + party


# ------------------------------------------------------------------ proofs

def verify(proof):
    """What a proof of inclusion proves; raises where it proves nothing."""
    genesis, header, finality, signed = (field(proof, number) for number in (1, 2, 3, 4))
    index, path = field(proof, 5, 0), [value for number, value, _ in records(proof) if number == 6]
    chain, transaction = h("genesis", genesis), field(signed, 1)
    components = [value for number, value, _ in records(transaction) if number == 2]
    if field(header, 1) != chain or field(components[0], 2) != chain:
        raise ValueError("header or transaction is of another chain than the genesis")
    Ed25519PublicKey.from_public_bytes(field(genesis, 6)).verify(finality, tagged("finality") + h("header", header))
    own_id = transaction_id(transaction)
    given = [value for number, value, _ in records(signed) if number == 2]
    own = leaf("transaction-leaf", own_id, h("signatures", message(f2=given)))
    if root_of_path(own, index, field(header, 6, 0), path) != field(header, 5):
        raise ValueError("the path does not lead to the block's root")
    for one in given:
        key = Ed25519PublicKey.from_public_bytes(field(one, 2))
        key.verify(field(one, 3), signing_bytes(chain, own_id, field(one, 1)))
    return {"chain": chain.hex(), "id": own_id.hex(), "height": field(header, 2, 0), "timeMs": field(header, 4, 0)}


def main():
    match sys.argv[1:]:
        case ["transfer", path]:
            with open(path, encoding="utf-8") as file:
                print(json.dumps(transfer(json.load(file))))
        case ["verify", path]:
            with open(path, "rb") as file:
                content = file.read()
            try:
                content = bytes.fromhex(content.decode("ascii"))
            except ValueError:
                pass  # Bytes as they are.
            print(json.dumps(verify(content)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
