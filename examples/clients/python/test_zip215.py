"""Which signatures are valid: published vectors, and the crafted ones on which libraries differ.

`python -m unittest` in this folder runs it.
"""
import hashlib
import json
import pathlib
import unittest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

import zip215
from zip215 import BASE, ORDER, P, add, decompress, multiply, verifies

WYCHEPROOF = "ledger-core/ledger/src/signature/tests/wycheproof_ed25519.json"
# Of this one R has y = 1 with the sign of x = 0 set, which RFC 8032 refuses and ZIP-215 decodes.
LAXER_IN_ZIP_215 = {151}
# y of a point of order 8.
Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
MESSAGE = b"Zcash"


def encoded(y, sign):
    return (y | sign << 255).to_bytes(32, "little")


def compressed(point):
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return encoded(y * inverse % P, x * inverse % P % 2)


# The eight points of small order as they are written, and their six other encodings.
CANONICAL = [encoded(1, 0), encoded(P - 1, 0), *(encoded(y, sign) for y in (0, Y8, P - Y8) for sign in (0, 1))]
SMALL_ORDER = [*CANONICAL, encoded(1, 1), encoded(P - 1, 1), *(encoded(y, sign) for y in (P, P + 1) for sign in (0, 1))]


def signature_of(r, s):
    return r + s.to_bytes(32, "little")


def challenge(r, a):
    return int.from_bytes(hashlib.sha512(r + a + MESSAGE).digest(), "little") % ORDER


class Vectors(unittest.TestCase):
    def test_wycheproofs_verdicts_are_ours_but_where_zip_215_is_laxer(self):
        file = pathlib.Path(__file__).parents[3] / WYCHEPROOF
        groups = json.loads(file.read_text(encoding="utf-8"))["testGroups"]
        cases = [(group["publicKey"]["pk"], test) for group in groups for test in group["tests"]]
        self.assertGreater(len(cases), 100)
        for key, test in cases:
            valid = verifies(*(bytes.fromhex(text) for text in (key, test["msg"], test["sig"])))
            self.assertEqual(valid, test["result"] == "valid" or test["tcId"] in LAXER_IN_ZIP_215, test["tcId"])

    def test_what_a_library_signs_is_valid_and_nothing_near_it(self):
        for seed in range(8):
            key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
            public, signature = key.public_key().public_bytes_raw(), key.sign(MESSAGE)
            self.assertTrue(verifies(public, MESSAGE, signature))
            self.assertFalse(verifies(public, MESSAGE + b"!", signature))
            for place in (0, 31, 32, 63):
                damaged = bytes(byte ^ (at == place) for at, byte in enumerate(signature))
                self.assertFalse(verifies(public, MESSAGE, damaged))
            self.assertFalse(verifies(public[:31], MESSAGE, signature))
            self.assertFalse(verifies(public, MESSAGE, signature + b"\0"))


class Crafted(unittest.TestCase):
    """The cases of zip215.rs in the ledger's own tests."""

    def test_every_pair_of_encodings_of_small_order_is_valid_with_s_of_zero_alone(self):
        self.assertEqual(len(set(SMALL_ORDER)), 14)
        for a in SMALL_ORDER:
            self.assertEqual(compressed(multiply(8, decompress(a))), encoded(1, 0))
            for r in SMALL_ORDER:
                self.assertTrue(verifies(a, MESSAGE, signature_of(r, 0)))
                self.assertFalse(verifies(a, MESSAGE, signature_of(r, 1)))
                self.assertFalse(verifies(a, MESSAGE, signature_of(r, ORDER)))

    def test_points_of_mixed_order_are_valid_where_libraries_refuse_them(self):
        refused_elsewhere = 0
        for first in CANONICAL:
            for second in CANONICAL:
                a = compressed(add(multiply(5, BASE), decompress(first)))
                r = compressed(add(multiply(6, BASE), decompress(second)))
                s = (6 + challenge(r, a) * 5) % ORDER
                self.assertTrue(verifies(a, MESSAGE, signature_of(r, s)))
                self.assertFalse(verifies(a, MESSAGE, signature_of(r, s + ORDER)))
                self.assertFalse(verifies(a, MESSAGE, signature_of(r, (s + 1) % ORDER)))
                try:
                    Ed25519PublicKey.from_public_bytes(a).verify(signature_of(r, s), MESSAGE)
                except InvalidSignature:
                    refused_elsewhere += 1
        self.assertGreater(refused_elsewhere, 0)

    def test_the_challenge_is_over_the_bytes_as_they_stand(self):
        a = compressed(multiply(7, BASE))
        for r in SMALL_ORDER:
            s = challenge(r, a) * 7 % ORDER
            self.assertTrue(verifies(a, MESSAGE, signature_of(r, s)))
            canonical = compressed(decompress(r))
            other = challenge(canonical, a) * 7 % ORDER
            self.assertEqual(verifies(a, MESSAGE, signature_of(r, other)), canonical == r)

    def test_bytes_that_are_no_point_are_no_key_and_no_nonce(self):
        none = encoded(2, 0)
        self.assertIsNone(zip215.decompress(none))
        self.assertFalse(verifies(none, MESSAGE, signature_of(encoded(1, 0), 0)))
        self.assertFalse(verifies(encoded(1, 0), MESSAGE, signature_of(none, 0)))


if __name__ == "__main__":
    unittest.main()
