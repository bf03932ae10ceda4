"""Messages in their one byte form, as the head of schema/ledger.proto has it: writes it, and reads nothing else."""

# The fields of every message that the client reads, by number. "*": it may repeat. "?": optional, so its default is written.
# A hash has 32 bytes, a string is UTF-8. Messages that stand in fields of type bytes are read where they are used.
FIELDS = {
    "InclusionProof": {1: "bytes", 2: "Header", 3: "bytes", 4: "bytes", 5: "uint32", 6: "hash*"},
    "Genesis": {1: "string", 2: "Policy", 3: "bytes", 4: "string", 5: "BlockBounds", 6: "hash", 7: "string*", 8: "hash",
                9: "uint64", 10: "Directory"},
    "Policy": {1: "bytes?", 2: "Threshold"},
    "Threshold": {1: "uint32", 2: "Member*"},
    "Member": {1: "uint32", 2: "uint32", 3: "Policy"},
    "BlockBounds": {1: "uint32", 2: "uint32", 3: "uint32", 4: "uint32"},
    "Directory": {1: "hash", 2: "hash"},
    "Header": {1: "hash", 2: "uint64", 3: "hash", 4: "uint64", 5: "hash", 6: "uint32", 7: "hash", 8: "uint32", 9: "hash",
               10: "hash", 11: "uint64", 12: "hash"},
    "SignedTransaction": {1: "bytes", 2: "PartySignature*"},
    "PartySignature": {1: "hash", 2: "hash", 3: "bytes"},
    "Transaction": {1: "hash", 2: "Component*"},
    "Component": {1: "ComponentKind", 2: "bytes"},
    "TimeWindow": {1: "uint64", 2: "uint64"},
    "Date": {1: "sint32"},
    "Anchor": {1: "uint64", 2: "hash"},
    "StateRef": {1: "hash", 2: "uint32"},
    "Reference": {1: "StateRef", 2: "ReferenceKind"},
    "State": {1: "string", 2: "string", 3: "hash", 4: "hash*", 5: "Lock*", 6: "bytes"},
    "Lock": {1: "LockKind", 2: "hash", 3: "hash", 4: "uint32", 5: "uint64?", 6: "uint64?"},
    "Command": {1: "string", 2: "string", 3: "bytes"},
    "Claim": {1: "hash", 2: "uint32", 3: "ClaimKind", 4: "hash"},
    "Metadata": {1: "string", 2: "string"},
}
# Of these at most one field stands.
ONE_OF = {"Policy"}
# Types of numbers, with the largest of each as it stands on the wire.
LARGEST = {"uint32": 2**32 - 1, "sint32": 2**32 - 1, "uint64": 2**64 - 1,
           "ComponentKind": 13, "ReferenceKind": 2, "LockKind": 4, "ClaimKind": 2}
# Messages within messages: a policy within a policy counts three, and a genesis has one of four levels.
DEPTH_MAX = 16


def varint(number):
    if not 0 <= number < 2**64:
        raise ValueError(f"{number} is no number of 64 bits")
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
    """The number that begins at a place, and the place after it; at most ten bytes are looked at."""
    number = 0
    for length, byte in enumerate(data[place:place + 10]):
        number |= (byte & 0x7F) << 7 * length
        if byte < 0x80:
            if number >= 2**64 or (byte == 0 and length > 0):
                raise ValueError("a number is over 64 bits or not in its shortest form")
            return number, place + length + 1
    raise ValueError("a number is cut off or over ten bytes")


def records(data):
    """The fields of any message, in ascending order, as (number, value, tag and value as they stand)."""
    place, last, found = 0, 1, []
    while place < len(data):
        start = place
        tag, place = read_varint(data, place)
        number, wire = tag >> 3, tag & 7
        if not last <= number < 2**29:
            raise ValueError("fields do not stand in ascending order from 1")
        value, place = read_varint(data, place)
        if wire == 2:
            value, place = data[place:place + value], place + value
        elif wire != 0:
            raise ValueError("a field has a wire type that the ledger does not use")
        if place > len(data):
            raise ValueError("a message is cut off")
        found.append((number, value, data[start:place]))
        last = number
    return found


def read(name, data, depth=0):
    """The fields of a message by number, of repeated ones a list; any form but the canonical one is refused."""
    if depth > DEPTH_MAX:
        raise ValueError(f"{name} is nested too deep")
    fields = FIELDS[name]
    found = {number: absent(kind) for number, kind in fields.items()}
    seen = set()
    for number, value, _ in records(data):
        kind = fields.get(number)
        if kind is None:
            raise ValueError(f"{name} has no field {number}")
        if number in seen and not kind.endswith("*"):
            raise ValueError(f"field {number} of {name} stands twice")
        if seen - {number} and name in ONE_OF:
            raise ValueError(f"{name} has two fields of which one alone may stand")
        seen.add(number)
        is_value(name, number, kind, value, depth)
        if kind.endswith("*"):
            found[number].append(value)
        else:
            found[number] = value
    return found


def absent(kind):
    if kind.endswith("*"):
        return []
    return None if kind.endswith("?") else 0 if kind in LARGEST else b""


def is_value(name, number, label, value, depth):
    """Refuses what is no value of the field: another type, out of range, or a default that is to be left out."""
    kind = label.rstrip("*?")
    if isinstance(value, int) != (kind in LARGEST):
        raise ValueError(f"field {number} of {name} has another wire type")
    if label == kind and kind not in FIELDS and not value:
        raise ValueError(f"field {number} of {name} holds its default, which is left out")
    if kind in LARGEST and value > LARGEST[kind]:
        raise ValueError(f"field {number} of {name} is out of range")
    if kind == "hash" and len(value) != 32:
        raise ValueError(f"field {number} of {name} has {len(value)} bytes instead of 32")
    if kind == "string":
        value.decode()
    if kind in FIELDS:
        read(kind, value, depth + 1)
