#!/usr/bin/env python3
"""Builds, signs and verifies transactions of the ledger from what schema/ledger.proto says, and nothing else.

    sign_transaction.py transfer TRANSFER.json   prints the signed transaction, its id and the signature
    sign_transaction.py verify PROOF             checks a proof of inclusion, offline

TRANSFER.json says who pays whom what: seed, party, chain, salt, idempotencyKey, fromMs, untilMs, effectiveOnDays, anchor
{height, block}, inputs [{transaction, index}], asset, outputs [{owner, amount}]. Bytes are hexadecimal, and addresses are
their 32 bytes. A real client draws the salt from a random generator. Needs `pip install cryptography`; verifying needs
nothing but Python.

PROOF is a file of bytes or hexadecimal. A proof names its own genesis: compare the chain printed with the one you mean.

Exit code: 0 = done or proved; 2 = refused, with the reason in one line on stderr; 1 = no such command.
"""
import hashlib
import json
import sys

import zip215
from canonical import message, read, records

CHAIN, SUBMITTER, COMMAND_ID, TIME_WINDOW, EFFECTIVE_ON, ANCHOR = SINGLE = 1, 2, 3, 4, 5, 6
INPUT, REFERENCE, OUTPUT, COMMAND, CLAIM, METADATA = 7, 8, 9, 10, 12, 13
# The message in a component's body; the others hold 32 bytes.
BODIES = {
    TIME_WINDOW: "TimeWindow", EFFECTIVE_ON: "Date", ANCHOR: "Anchor", INPUT: "StateRef", REFERENCE: "Reference",
    OUTPUT: "State", COMMAND: "Command", CLAIM: "Claim", METADATA: "Metadata",
}
NO_FIELD = 2**32 - 1
# Bytes of the parts of a proof, at most, and of the file: in hexadecimal, with some white space.
GENESIS_MAX, TRANSACTION_MAX, SIGNED_MAX = 2**18, 2**20, 2**20 + 2**16
PROOF_MAX = GENESIS_MAX + SIGNED_MAX + 2**12
FILE_MAX = 2 * PROOF_MAX + 2**10
COMPONENTS_MAX, SIGNATURES_MAX = 1190, 256


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
    if (count == 1) != (not path):
        raise ValueError("the path has another length than the block's tree")
    if count == 1:
        return own
    middle = split(count)
    if index < middle:
        return sha256(b"\1" + root_of_path(own, index, middle, path[:-1]) + path[-1])
    return sha256(b"\1" + path[-1] + root_of_path(own, index - middle, count - middle, path[:-1]))


# ------------------------------------------------------------------ transactions

def salt_of(salt, component, record=NO_FIELD):
    return f("salt", salt, u32(component), u32(record))


def state_digest(state, salt, component):
    data = read("State", state)[6]
    frame = b"".join(record for number, _, record in records(state) if number != 6)
    leaves = [leaf("field", salt_of(salt, component, j), record) for j, (_, _, record) in enumerate(records(data))]
    return f("state", u32(len(leaves)), root(leaves), frame)


def components_of(transaction):
    """Salt and components, each as kind and body, of a transaction in canonical form."""
    if len(transaction) > TRANSACTION_MAX:
        raise ValueError(f"a transaction has at most {TRANSACTION_MAX} bytes")
    parts = read("Transaction", transaction)
    if len(parts[2]) > COMPONENTS_MAX:
        raise ValueError(f"a transaction has at most {COMPONENTS_MAX} components")
    components = [(part[1], part[2]) for part in (read("Component", component) for component in parts[2])]
    kinds = [kind for kind, _ in components]
    if kinds != sorted(kinds) or tuple(kind for kind in kinds if kind < INPUT) != SINGLE:
        raise ValueError("components do not stand in the order of their kinds, the first six once each")
    for kind, body in components:
        if kind not in BODIES and len(body) != 32:
            raise ValueError(f"a component of kind {kind} has {len(body)} bytes instead of 32")
        content = read(BODIES[kind], body) if kind in BODIES else {}
        if kind == COMMAND:
            records(content[3])  # What the arguments mean is their contract's; they have the one form too.
    return parts[1], components


def id_of(salt, components):
    leaves = []
    for place, (kind, body) in enumerate(components):
        content = state_digest(body, salt, place) if kind == OUTPUT else body
        leaves.append(leaf("component", bytes([kind]), salt_of(salt, place), content))
    return f("transaction", u32(len(leaves)), root(leaves))


def transfer(wish):
    """A transfer of tokens, signed by the party that owns them."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # Who verifies does without it.

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
        (COMMAND_ID, h("command", chain, party, wish["idempotencyKey"].encode())[:24] + party[24:]),
        (TIME_WINDOW, message(f1=wish["fromMs"], f2=wish["untilMs"])),
        (EFFECTIVE_ON, message(f1=days * 2 if days >= 0 else -days * 2 - 1)),
        (ANCHOR, message(f1=anchor["height"], f2=bytes.fromhex(anchor["block"]))),
        *((INPUT, body) for body in inputs),
        *((OUTPUT, body) for body in outputs),
        (COMMAND, message(f1="token@1", f2="transfer")),
    ]
    transaction = message(f1=text("salt"), f2=[message(f1=kind, f2=body) for kind, body in components])
    own_id, key = id_of(*components_of(transaction)), Ed25519PrivateKey.from_private_bytes(text("seed"))
    signature = key.sign(signing_bytes(chain, own_id, party))
    given = message(f1=party, f2=key.public_key().public_bytes_raw(), f3=signature)
    signed = message(f1=transaction, f2=[given])
    return {"id": own_id.hex(), "signature": signature.hex(), "signedTransaction": signed.hex()}


def signing_bytes(chain, own_id, party):
    return tagged("signature") + chain + own_id + party


# ------------------------------------------------------------------ proofs

def verify(proof):
    """What a proof of inclusion proves; raises ValueError where it proves nothing."""
    if len(proof) > PROOF_MAX:
        raise ValueError(f"a proof has at most {PROOF_MAX} bytes")
    parts = read("InclusionProof", proof)
    genesis, header, finality, signed, index, path = (parts[number] for number in range(1, 7))
    if len(genesis) > GENESIS_MAX or len(signed) > SIGNED_MAX:
        raise ValueError("the genesis or the signed transaction is longer than any is")
    block, recorder = read("Header", header), read("Genesis", genesis)[6]
    chain, (transaction, given) = h("genesis", genesis), read("SignedTransaction", signed).values()
    salt, components = components_of(transaction)
    own_id = id_of(salt, components)
    if block[1] != chain or components[0] != (CHAIN, chain):
        raise ValueError("header or transaction is of another chain than the genesis")
    if not zip215.verifies(recorder, tagged("finality") + h("header", header), finality):
        raise ValueError("the recorder's signature over the block is not valid")
    own = leaf("transaction-leaf", own_id, h("signatures", message(f2=given)))
    if root_of_path(own, index, block[6], path) != block[5]:
        raise ValueError("the path does not lead to the block's root")
    signatures_hold(chain, own_id, [read("PartySignature", one) for one in given])
    return {"chain": chain.hex(), "id": own_id.hex(), "height": block[2], "timeMs": block[4]}


def signatures_hold(chain, own_id, given):
    order = [(one[1], one[2]) for one in given]
    if len(order) > SIGNATURES_MAX or order != sorted(set(order)):
        raise ValueError("the signatures do not ascend by party and key, or are too many")
    for one in given:
        if not zip215.verifies(one[2], signing_bytes(chain, own_id, one[1]), one[3]):
            raise ValueError(f"the signature given for {one[1].hex()} is not valid")


# ------------------------------------------------------------------ the command line

def content_of(path):
    """The bytes of a file, which no proof and no transfer makes longer."""
    with open(path, "rb") as file:
        content = file.read(FILE_MAX + 1)
    if len(content) > FILE_MAX:
        raise ValueError(f"the file has more than {FILE_MAX} bytes")
    return content


def proof_of(content):
    try:
        return bytes.fromhex(content.decode("ascii"))
    except ValueError:
        return content  # Bytes as they are.


def main():
    match sys.argv[1:]:
        case ["-h" | "--help"]:
            print(__doc__)
            return
        case ["transfer", path]:
            answer = lambda content: transfer(json.loads(content))
        case ["verify", path]:
            answer = lambda content: verify(proof_of(content))
        case _:
            sys.exit(__doc__)
    try:
        print(json.dumps(answer(content_of(path))))
    # What else the JSON of a transfer may hold shows where it is used: another type, or a field that is not there.
    except (AttributeError, KeyError, OSError, RecursionError, TypeError, ValueError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        print(" ".join(f"refused: {path}: {reason}".split()), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
