"""What the client proves, and that it takes no message in another form than the one of schema/ledger.proto.

`python -m unittest` in this folder runs it.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import sign_transaction as client
from canonical import FIELDS, LARGEST, ONE_OF, message, read, records, varint

FOLDER = pathlib.Path(__file__).parent
CORPUS = FOLDER.parents[2] / "ledger-core/ledger/corpus"
RECORDER = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
OWNER = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)


# ------------------------------------------------------------------ sound proofs

def as_it_is(_, data):
    return data


def proof(edit=as_it_is):
    """A sound proof of a transfer in a block of three; `edit` changes a message by its name, before it is hashed or sealed."""
    public = RECORDER.public_key().public_bytes_raw()
    genesis = edit("Genesis", message(
        f1="tests", f2=message(f1=OWNER.public_key().public_bytes_raw()), f3=b"n" * 16, f4="ed25519-sha256",
        f5=message(f1=4096, f2=8 << 20, f3=1000, f4=5000), f6=public, f7=["party@1", "token@1"], f8=b"s" * 32, f9=1,
    ))
    chain = client.h("genesis", genesis)
    signed = read("SignedTransaction", bytes.fromhex(client.transfer(wish(chain))["signedTransaction"]))
    salt, components = client.components_of(signed[1])
    own_id = client.id_of(salt, components)
    given = [edit("PartySignature", one) for one in signed[2]]
    own = client.leaf("transaction-leaf", own_id, client.h("signatures", message(f2=given)))
    leaves = [b"a" * 32, own, b"c" * 32]
    header = edit("Header", message(
        f1=chain, f2=2, f3=b"p" * 32, f4=1_500, f5=client.root(leaves), f6=3, f7=client.sha256(b""), f9=b"m" * 32,
        f10=b"c" * 32, f12=bytes(32),
    ))
    written = [edit("Component", message(f1=kind, f2=body)) for kind, body in components]
    transaction = edit("Transaction", message(f1=salt, f2=written))
    return edit("InclusionProof", message(
        f1=genesis, f2=header, f3=RECORDER.sign(client.tagged("finality") + client.h("header", header)),
        f4=edit("SignedTransaction", message(f1=transaction, f2=given)), f5=1, f6=[leaves[0], leaves[2]],
    ))


def wish(chain):
    return {
        "seed": "02" * 32, "party": "aa" * 32, "chain": chain.hex(), "salt": "bb" * 32, "idempotencyKey": "test",
        "fromMs": 1_000, "untilMs": 2_000, "effectiveOnDays": -1, "anchor": {"height": 1, "block": "cc" * 32},
        "inputs": [{"transaction": "dd" * 32, "index": 300}], "asset": "ee" * 32,
        "outputs": [{"owner": "ff" * 32, "amount": 1}, {"owner": "aa" * 32, "amount": 2}],
    }


# ------------------------------------------------------------------ messages, and their other forms

def sample(name, depth=0):
    """A message with every field, of a choice with the first; a list has two entries, the second one empty if it can be."""
    fields = {}
    for number, label in FIELDS[name].items():
        kind, repeats = label.rstrip("*?"), label.endswith("*")
        if depth > 4 and kind in FIELDS or name in ONE_OF and fields:
            continue
        value = 1 if kind in LARGEST else sample(kind, depth + 1) if kind in FIELDS else b"x" * 32
        fields[f"f{number}"] = [value, b"x" * 32 if kind == "hash" else b""] if repeats else value
    return message(**fields)


def other_forms(name, data):
    """What was done, and the bytes, for forms of a message that are not the canonical one."""
    whole = [record for _, _, record in records(data)]
    first, rest = whole[0], b"".join(whole[1:])
    yield "an unknown field after", data + b"\xf8\x07\x01"
    yield "an unknown field before", b"\xf8\x07\x01" + data
    yield "field 0", b"\0\1" + data
    yield "a field past all numbers", data + varint(2**29 << 3) + b"\1"
    yield "a long tag", bytes([first[0] | 0x80, 0]) + first[1:] + rest
    yield "a tag of eleven bytes", b"\xff" * 10 + b"\1" + data
    yield "a tag over 64 bits", b"\xff" * 9 + b"\x02" + data
    yield "another wire type", bytes([first[0] ^ 5]) + first[1:] + rest
    yield "cut off", data[:-1]
    yield "a byte after the end", data + b"\0"
    if len(whole) > 1:
        yield "descending", b"".join(reversed(whole))
    for number, label in FIELDS[name].items():
        present = [place for place, record in enumerate(whole) if number_of(record) == number]
        if present and not label.endswith("*"):
            place = present[0]
            yield f"field {number} twice", b"".join([*whole[:place + 1], *whole[place:]])
        kind = label.rstrip("*?")
        before = [record for record in whole if number_of(record) < number]
        after = [record for record in whole if number_of(record) > number]
        if label == kind and kind not in FIELDS:
            default = varint(number << 3 | (0 if kind in LARGEST else 2)) + b"\0"
            yield f"field {number} as its default", b"".join([*before, default, *after])
        if kind in LARGEST and LARGEST[kind] < 2**64 - 1:
            past = varint(number << 3) + varint(LARGEST[kind] + 1)
            yield f"field {number} out of range", b"".join([*before, past, *after])
        if kind == "hash":
            short = varint(number << 3 | 2) + b"\x1f" + b"x" * 31
            yield f"field {number} with 31 bytes", b"".join([*before, short, *after])
        if kind == "string":
            yield f"field {number} not UTF-8", b"".join([*before, varint(number << 3 | 2) + b"\1\xff", *after])
        if name in ONE_OF and not present:
            yield f"field {number} beside another", b"".join([*before, varint(number << 3 | 2) + b"\0", *after])


def number_of(record):
    return records(record)[0][0]


class Forms(unittest.TestCase):
    def test_every_message_is_read_in_its_one_form_alone(self):
        for name in FIELDS:
            data = sample(name)
            read(name, data)
            for what, other in other_forms(name, data):
                with self.subTest(message=name, what=what), self.assertRaises(ValueError):
                    read(name, other)

    def test_what_may_be_empty_is_read_empty(self):
        self.assertEqual(read("Date", b""), {1: 0})
        self.assertEqual(read("Lock", message(f1=1) + b"\x28\0")[5], 0)
        self.assertEqual(read("Reference", b"\x0a\0")[1], b"")
        self.assertEqual(read("SignedTransaction", b"\x12\0")[2], [b""])
        self.assertEqual(read("Genesis", b"\x3a\0")[7], [b""])

    def test_nesting_is_bounded(self):
        def policy(levels):
            inner = message(f1=b"k" * 32)
            for _ in range(levels - 1):
                inner = message(f2=message(f1=1, f2=[message(f1=1, f3=inner)]))
            return message(f2=inner)
        read("Genesis", policy(4))
        for levels in (8, 10_000):
            with self.assertRaises(ValueError):
                read("Genesis", policy(levels))


# ------------------------------------------------------------------ proofs

class Proofs(unittest.TestCase):
    def refuses(self, data):
        with self.assertRaises(ValueError):
            client.verify(data)

    def test_a_sound_proof_proves(self):
        proved = client.verify(proof())
        self.assertEqual((proved["height"], proved["timeMs"]), (2, 1_500))

    def test_no_other_form_of_any_of_its_messages_proves(self):
        names = "InclusionProof Genesis Header SignedTransaction PartySignature Transaction Component".split()
        for name in names:
            forms = dict(other_forms(name, next_of(name)))
            for what in forms:
                def edit(edited, data):
                    changed = edited == name and dict(other_forms(name, data)).get(what)
                    return changed or data
                with self.subTest(message=name, what=what):
                    self.refuses(proof(edit))

    def test_a_second_body_of_a_component_is_refused(self):
        twice = lambda name, data: data + message(f2=b"z" * 32) if name == "Component" else data
        self.refuses(proof(twice))

    def test_a_body_a_state_and_arguments_have_one_form_too(self):
        signed = read("SignedTransaction", bytes.fromhex(client.transfer(wish(b"h" * 32))["signedTransaction"]))
        salt, components = client.components_of(signed[1])
        state = read("State", components[7][1])
        bad_data = [b"\x12\1a\x08\1", b"\x08\x81\0", b"\x08", b"\x0d\0\0\0\0", b"\xff" * 11]
        for kind, name in client.BODIES.items():
            for what, body in other_forms(name, sample(name)):
                with self.subTest(kind=kind, what=what), self.assertRaises(ValueError):
                    client.components_of(with_body(salt, components, kind, body))
        for data in bad_data:
            body = message(f1="token@1", f2="holding", f3=state[3], f6=data)
            with self.subTest(data=data), self.assertRaises(ValueError):
                client.id_of(*client.components_of(with_body(salt, components, client.OUTPUT, body)))
            body = message(f1="token@1", f2="issue", f3=data)
            with self.subTest(arguments=data), self.assertRaises(ValueError):
                client.components_of(with_body(salt, components, client.COMMAND, body))

    def test_components_stand_in_order_the_single_ones_once(self):
        signed = read("SignedTransaction", bytes.fromhex(client.transfer(wish(b"h" * 32))["signedTransaction"]))
        salt, components = client.components_of(signed[1])
        for listed in (components[::-1], components[1:], components[:1] + components, []):
            with self.assertRaises(ValueError):
                client.components_of(written(salt, listed))

    def test_a_proof_that_is_changed_proves_nothing(self):
        sound = proof()
        for place in range(0, len(sound), 7):
            self.refuses(sound[:place] + bytes([sound[place] ^ 1 << place % 8]) + sound[place + 1:])
        for length in range(0, len(sound), 11):
            self.refuses(sound[:length])

    def test_a_path_of_another_length_is_refused(self):
        parts = records(proof())
        self.refuses(b"".join(record for _, _, record in parts[:-1]))
        self.refuses(b"".join(record for _, _, record in parts) + parts[-1][2])

    def test_bounds_hold_before_the_work(self):
        self.refuses(b"\x32\0" * client.PROOF_MAX)
        self.refuses(b"\xff" * client.PROOF_MAX)
        for count in (client.COMPONENTS_MAX + 1, 2**18):
            self.refuses(message(f4=message(f1=b"\x12\0" * count)))
        with self.assertRaises(ValueError):
            client.components_of(bytes(client.TRANSACTION_MAX + 1))

    def test_every_transaction_of_the_replay_corpus_is_proved(self):
        commands, seen = set(), set()
        for file in sorted(CORPUS.glob("*/*.chain")):
            for genesis, header, finality, transactions in blocks_of(file.read_bytes()):
                leaves = [leaf_of(signed) for signed in transactions]
                for index, signed in enumerate(transactions):
                    if signed in seen:
                        continue
                    seen.add(signed)
                    path = path_of(leaves, index)
                    given = message(f1=genesis, f2=header, f3=finality, f4=signed, f5=index, f6=path)
                    with self.subTest(file=file.name, index=index):
                        client.verify(given)
                    components = client.components_of(read("SignedTransaction", signed)[1])[1]
                    commands.update(read("Command", body)[2] for kind, body in components if kind == client.COMMAND)
        self.assertGreater(len(commands), 30)


def next_of(name):
    """A message of this name as a sound proof holds it."""
    seen = {}
    proof(lambda edited, data: seen.setdefault(edited, data))
    return seen[name]


def written(salt, components):
    return message(f1=salt, f2=[message(f1=kind, f2=body) for kind, body in components])


def with_body(salt, components, kind, body):
    """The transaction with one component of a kind, in its place, with this body."""
    others = [(other, content) for other, content in components if other != kind]
    return written(salt, sorted([*others, (kind, body)], key=lambda component: component[0]))


# ------------------------------------------------------------------ chains of the corpus: parts, each after its length

def blocks_of(content):
    """Genesis, header, finality and transactions of each block; the second part is the claim secret."""
    parts = []
    while content:
        length = int.from_bytes(content[:4], "big")
        parts.append(content[4:4 + length])
        content = content[4 + length:]
    for block in map(records, parts[2:]):
        of = lambda wanted: [value for number, value, _ in block if number == wanted]
        yield parts[0], of(1)[0], of(4)[0], of(2)


def leaf_of(signed):
    transaction, given = read("SignedTransaction", signed).values()
    own_id = client.id_of(*client.components_of(transaction))
    return client.leaf("transaction-leaf", own_id, client.h("signatures", message(f2=given)))


def path_of(leaves, index):
    if len(leaves) == 1:
        return []
    middle = client.split(len(leaves))
    if index < middle:
        return [*path_of(leaves[:middle], index), client.root(leaves[middle:])]
    return [*path_of(leaves[middle:], index - middle), client.root(leaves[:middle])]


# ------------------------------------------------------------------ the command line

class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "input"

    def run_client(self, *arguments):
        command = [sys.executable, str(FOLDER / "sign_transaction.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def refuses(self, command, path):
        done = self.run_client(command, path)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual((done.stderr.count("\n"), done.stderr[:8]), (1, "refused:"), done.stderr)

    def test_it_proves_bytes_and_hexadecimal(self):
        for content in (proof(), proof().hex().encode() + b"\n"):
            self.file.write_bytes(content)
            done = self.run_client("verify", self.file)
            self.assertEqual((done.returncode, json.loads(done.stdout)["height"]), (0, 2), done.stderr)

    def test_bad_proofs_are_refused_in_one_line(self):
        for content in (b"", b"\n", b"00", b"\xff" * 2_000_000, b"ff" * 1_000_000, b"\0" * 100, bytes(client.FILE_MAX + 1)):
            self.file.write_bytes(content)
            self.refuses("verify", self.file)
        self.refuses("verify", self.file.parent)
        self.refuses("verify", self.file.parent / "none")

    def test_bad_transfers_are_refused_in_one_line(self):
        sound = wish(b"h" * 32)
        self.file.write_text(json.dumps(sound))
        self.assertEqual(self.run_client("transfer", self.file).returncode, 0)
        changes = [{"seed": "02"}, {"chain": "zz"}, {"inputs": 5}, {"outputs": [1]}, {"anchor": None}, {"fromMs": -1},
                   {"untilMs": 2**64}, {"salt": None}, {"idempotencyKey": 1}, {"party": "aa"}, {"fromMs": 0.5}]
        bad = [json.dumps({**sound, **change}) for change in changes]
        bad += ["", "[]", "null", "{}", "[" * 100_000, '{"seed": "\\ud800"}', "\xff"]
        for content in bad:
            with self.subTest(content=content[:80]):
                self.file.write_text(content, encoding="latin-1")
                self.refuses("transfer", self.file)

    def test_help_says_the_exit_codes(self):
        done = self.run_client("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Exit code: 0", done.stdout)
        self.assertEqual(self.run_client("prove", "x").returncode, 1)


if __name__ == "__main__":
    unittest.main()
