"""Which Ed25519 signatures are valid: exactly those that ZIP-215 accepts, https://zips.z.cash/zip-0215, as on the ledger.

Libraries differ on crafted signatures. ZIP-215 leaves no choice: A and R are any encodings of points of the curve, also with y
at or past the prime or with the sign of x = 0 set; S is below the group order; [8][S]B = [8]R + [8][k]A, where k hashes R, A
and the message as they stand. Plain integers, slow and of varying time: for what is public, never for signing.
"""
import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def decompress(encoding):
    """The point (X : Y : Z : T), with x = X/Z, y = Y/Z, xy = T/Z, that 32 bytes encode; None where they encode none."""
    number = int.from_bytes(encoding, "little")
    sign, y = number >> 255, number % 2**255 % P
    above, below = (y * y - 1) % P, (D * y * y + 1) % P
    x = above * pow(below, 3, P) * pow(above * pow(below, 7, P), (P - 5) // 8, P) % P
    if below * x * x % P != above:
        x = x * ROOT_OF_MINUS_ONE % P
    if below * x * x % P != above:
        return None
    if x % 2 != sign:
        x = -x % P  # Of x = 0 it is 0 again, so its sign bit means nothing.
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def add(one, other):
    """The sum of two points; the formula holds for any two, also equal ones and those of small order."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(point):
    x, y, z, t = point
    return -x % P, y, z, -t % P


def multiply(scalar, point):
    total = 0, 1, 1, 0
    for bit in f"{scalar:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def verifies(key, message, signature):
    """True when the signature of 64 bytes over the message is valid under the key of 32 bytes."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r, s = decompress(key), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    difference = add(multiply(s, BASE), negate(add(r, multiply(k, a))))
    x, y, z, _ = multiply(8, difference)
    return x == 0 and y == z
